"""The report that `exec` prints about a world after a run. Pure: it formats responses of the control plane."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunReport:
    """A world after a run, as the control plane returned it.

    :param requests: the journal's entries, oldest first; the journal keeps the last 500.
    :param charge: the setting `charge` of the world: `success` or `accept`.
    :param pending: the events scheduled on the world's clock.
    """

    requests: Sequence[Facts]
    predictions: Sequence[Facts]
    deliveries: Sequence[Facts]
    ledger: Facts
    charge: str
    pending: Sequence[Facts]

    @property
    def spend(self) -> Decimal:
        """USD for all executions with a known price."""
        return Decimal(self.ledger["total"])

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report; a line without content is omitted."""
        yield self._summary()
        if self.ledger["unpriced"]:
            executions = _count(self.ledger["unpriced"], "execution")
            yield f"not in the spend: {executions} without a known price ({self._unpriced()}); set --price SLUG=USD"
        if unfinished := ", ".join(self._unfinished()):
            yield f"unfinished: {unfinished}"
        if not self.requests:
            yield "no request used this API key: does the command read EACHLABS_BASE_URL and EACHLABS_API_KEY?"

    def _summary(self) -> str:
        # Entries are numbered from 1, so the last number also counts the entries that the journal dropped.
        requests = _count(max((request["number"] for request in self.requests), default=0), "request")
        predictions = _count(len(self.predictions), "prediction")
        by_status = _counts(prediction["status"] for prediction in self.predictions)
        return f"{requests}, {predictions}{by_status and f' ({by_status})'}, spend {self.ledger['total']} USD"

    def _unpriced(self) -> str:
        charged = self.predictions if self.charge == "accept" else self._successes()
        models = (prediction["model"] for prediction in charged)
        return _counts(model for model in models if model not in self.ledger["by_model"])

    def _unfinished(self) -> Iterator[str]:
        if processing := sum(prediction["status"] == "processing" for prediction in self.predictions):
            yield f"{_count(processing, 'prediction')} still processing"
        if unfetched := self._unfetched():
            kept = len(self.requests)
            is_whole = not kept or self.requests[0]["number"] == 1
            since = "never fetched" if is_whole else f"not fetched in the last {_count(kept, 'request')}"
            yield f"{_count(unfetched, 'output')} {since}"
        if waiting := sum(event["kind"] == "webhook" for event in self.pending):
            yield f"{_count(waiting, 'webhook')} not yet sent"
        if failed := sum(delivery["attempts"][-1]["status"] == "FAILED" for delivery in self.deliveries):
            yield f"{_count(failed, 'webhook')} failed"

    def _unfetched(self) -> int:
        reads = (request for request in self.requests if request["method"] == "GET" and request["status"] < 400)  # noqa: PLR2004  # errors
        fetched = {request["path"] for request in reads}
        urls = (url for prediction in self._successes() for url in prediction["output"])
        return sum(urlsplit(url).path not in fetched for url in urls)

    def _successes(self) -> list[Facts]:
        return [prediction for prediction in self.predictions if prediction["status"] == "success"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _counts(names: Iterable[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(Counter(names).items()))
