"""What a run has left in its world, in a few lines for people. Pure: it reads what the control plane has answered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A world after a run: the answers of the control plane, as they came.

    :param requests: the journal's entries, oldest first; only the last 500 are kept.
    :param charge: the world's setting: whether `success` is charged, or `accept`.
    :param pending: the events its clock is heading for.
    """

    requests: Sequence[Facts]
    predictions: Sequence[Facts]
    deliveries: Sequence[Facts]
    ledger: Facts
    charge: str
    pending: Sequence[Facts]

    @property
    def spend(self) -> Decimal:
        """USD over all executions whose price is known."""
        return Decimal(self.ledger["total"])

    def lines(self) -> Iterator[str]:
        """Yield the report; what there is nothing to say about is left out."""
        yield self._summary()
        if self.ledger["unpriced"]:
            executions = _count(self.ledger["unpriced"], "execution")
            yield f"not in that spend: {executions} without a known price ({self._unpriced()}); give --price SLUG=USD"
        if unfinished := ", ".join(self._unfinished()):
            yield f"unfinished: {unfinished}"
        if not self.requests:
            yield "no request came with this key: does the command read EACHLABS_BASE_URL and EACHLABS_API_KEY?"

    def _summary(self) -> str:
        # Entries are numbered from 1, so that the last number counts those that are no longer kept, too.
        asked = _count(max((each["number"] for each in self.requests), default=0), "request")
        made = _count(len(self.predictions), "prediction")
        by_status = _tally(each["status"] for each in self.predictions)
        return f"{asked}, {made}{by_status and f' ({by_status})'}, spend {self.ledger['total']} USD"

    def _unpriced(self) -> str:
        charged = (each for each in self.predictions if self.charge == "accept" or each["status"] == "success")
        return _tally(each["model"] for each in charged if each["model"] not in self.ledger["by_model"])

    def _unfinished(self) -> Iterator[str]:
        if processing := sum(each["status"] == "processing" for each in self.predictions):
            yield f"{_count(processing, 'prediction')} still processing"
        if unfetched := self._unfetched():
            kept = len(self.requests)
            is_whole = not kept or self.requests[0]["number"] == 1
            since = (
                "never fetched" if is_whole else f"not fetched in the last {kept} requests, which are all that is kept"
            )
            yield f"{_count(unfetched, 'output')} {since}"
        if waiting := sum(each["kind"] == "webhook" for each in self.pending):
            yield f"{_count(waiting, 'webhook')} not yet sent"
        if failed := sum(each["attempts"][-1]["status"] == "FAILED" for each in self.deliveries):
            yield f"{_count(failed, 'webhook')} failed"

    def _unfetched(self) -> int:
        got = {each["path"] for each in self.requests if each["method"] == "GET" and each["status"] < 400}  # noqa: PLR2004  # refusals
        outputs = (url for each in self.predictions if each["status"] == "success" for url in each["output"])
        return sum(urlsplit(url).path not in got for url in outputs)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _tally(names: Iterable[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(Counter(names).items()))
