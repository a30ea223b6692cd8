"""Reads the bodies of the page profile and says what is wrong with them.

Each reader returns a `Body`: its fields, complaints where it breaks the page, and doubts where it follows the page's
letter but is hard to defend. Undocumented fields are listed and are no complaint, since a server may send more.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from eachlabs_contract.spec.lifecycle import Status

STATUSES: Final[Mapping[str, Status]] = MappingProxyType(
    {"processing": Status.PROCESSING, "success": Status.SUCCESS, "error": Status.ERROR}
)
"""The values of `status` in the answer to a read."""

FIELDS: Final[Mapping[Status, frozenset[str]]] = MappingProxyType(
    {
        Status.PROCESSING: frozenset({"status", "predictionID", "message"}),
        Status.SUCCESS: frozenset({"status", "predictionID", "output", "metrics"}),
        Status.ERROR: frozenset({"status", "message", "details"}),
    }
)
"""The fields of each answer to a read."""

CREATED: Final = frozenset({"status", "message", "predictionID"})
WEBHOOK: Final = frozenset({"error", "exec_id", "flow_id", "output", "status"})

FOREIGN: Final = frozenset({"output", "metrics"})
"""Fields with a meaning of their own: they must be absent where the page does not name them."""

CONFUSABLE: Final = "id"
"""A short name for `predictionID` that the page never uses: a caller that relies on it fails elsewhere."""


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of a body, and what is wrong with them.

    :param status: None where it is missing or unknown.
    :param output: the URL of the file, or the URLs of several; None where there is none.
    :param complaints: what is wrong, each with its field; empty where the body matches the page.
    :param doubts: differences from the page's samples that it does not rule out: an id that is no UUID, an empty text.
    :param extra: the names of undocumented fields.
    """

    status: Status | None = None
    prediction_id: str = ""
    output: str | tuple[str, ...] | None = None
    predict_time: float | None = None
    message: str = ""
    details: str = ""
    complaints: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def created(document: object) -> Body:
    """Read the answer to an accepted create."""
    if not isinstance(document, dict):
        return _no_object(document)
    complaints = (
        *_keys(document, CREATED),
        *_literal(document, "status", "success"),
        *_literal(document, "message", "Prediction created successfully"),
        *_filled(document, "predictionID"),
    )
    return Body(
        prediction_id=_text(document, "predictionID"),
        message=_text(document, "message"),
        complaints=complaints,
        doubts=(*_confusable(document), *_no_uuid(document, "predictionID")),
        extra=_extra(document, CREATED),
    )


def prediction(document: object) -> Body:
    """Read the answer to a read: a prediction that is running, has succeeded or has failed."""
    if not isinstance(document, dict):
        return _no_object(document)
    value = document.get("status")
    status = STATUSES.get(value) if isinstance(value, str) else None
    if status is None:
        return Body(complaints=(f"`status` must be one of {', '.join(STATUSES)}; it is {value!r}",))
    return Body(
        status=status,
        prediction_id=_text(document, "predictionID"),
        output=_output(document.get("output")),
        predict_time=_predict_time(document),
        message=_text(document, "message"),
        details=_text(document, "details"),
        complaints=(*_keys(document, FIELDS[status]), *_of_status(document, status)),
        doubts=(*_confusable(document), *_no_uuid(document, "predictionID"), *_silent(document)),
        extra=_extra(document, FIELDS[status]),
    )


def refusal(document: object) -> Body:
    """Read an error body: of a refused request, or of a failed prediction."""
    if not isinstance(document, dict):
        return _no_object(document)
    fields = FIELDS[Status.ERROR]
    return Body(
        status=Status.ERROR,
        message=_text(document, "message"),
        details=_text(document, "details"),
        complaints=(
            *_keys(document, fields),
            *_literal(document, "status", "error"),
            *_texts(document),
        ),
        doubts=(*_confusable(document), *_silent(document)),
        extra=_extra(document, fields),
    )


def webhook(document: object) -> Body:
    """Read the body of a webhook."""
    if not isinstance(document, dict):
        return _no_object(document)
    status = {"succeeded": Status.SUCCESS, "failed": Status.ERROR}.get(str(document.get("status")))
    complaints = (*_keys(document, WEBHOOK), *_filled(document, "exec_id"), *_literal(document, "flow_id", ""))
    return Body(
        status=status,
        prediction_id=_text(document, "exec_id"),
        output=_output(document.get("output")),
        message=_text(document, "error"),
        complaints=(*complaints, *_of_webhook(document, status)),
        doubts=tuple(_no_uuid(document, "exec_id")),
        extra=_extra(document, WEBHOOK),
    )


def facts(document: object) -> dict[str, object]:
    """Return the documented fields in the answer to a read; empty where it shows no prediction."""
    status = prediction(document).status
    if status is None or not isinstance(document, dict):
        return {}
    return {name: document.get(name) for name in sorted(FIELDS[status])}


def _no_object(document: object) -> Body:
    return Body(complaints=(f"the body must be a JSON object; it is {_kind(document)}",))


def _kind(document: object) -> str:
    return "not JSON" if document is None else f"the JSON {type(document).__name__} {str(document)[:80]!r}"


def _keys(document: Mapping[str, Any], fields: frozenset[str]) -> Iterator[str]:
    for name in sorted(fields - document.keys()):
        yield f"`{name}` is missing"
    for name in sorted(FOREIGN - fields):
        if document.get(name) is not None:
            yield f"`{name}` must not be here; it is {document[name]!r}"


def _extra(document: Mapping[str, Any], fields: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(document.keys() - fields))


def _confusable(document: Mapping[str, Any]) -> Iterator[str]:
    if CONFUSABLE in document:
        yield f"`{CONFUSABLE}` must not be here: the page calls it `predictionID`"


def _of_status(document: Mapping[str, Any], status: Status) -> Iterator[str]:
    match status:
        case Status.PROCESSING:
            yield from _filled(document, "predictionID")
            yield from _literal(document, "message", "Prediction is being processed")
        case Status.SUCCESS:
            yield from _filled(document, "predictionID")
            if "output" in document and _output(document["output"]) is None:
                yield f"`output` must be an absolute URL or a list of them; it is {document['output']!r}"
            if "metrics" in document and _predict_time(document) is None:
                yield f"`metrics` must hold `predict_time` in seconds, 0 or more; it is {document['metrics']!r}"
        case _:
            yield from _texts(document)


def _of_webhook(document: Mapping[str, Any], status: Status | None) -> Iterator[str]:
    if status is Status.SUCCESS:
        yield from _literal(document, "error", "")
        if "output" in document and _output(document["output"]) is None:
            yield f"`output` must be the URL of the file; it is {document['output']!r}"
    elif status is Status.ERROR:
        yield from _filled(document, "error")
        yield from _literal(document, "output", "")
    else:
        yield f"`status` must be succeeded or failed; it is {document.get('status')!r}"


def _literal(document: Mapping[str, Any], name: str, value: str) -> Iterator[str]:
    if name in document and document[name] != value:
        yield f"`{name}` must be {value!r}; it is {document[name]!r}"


def _filled(document: Mapping[str, Any], name: str) -> Iterator[str]:
    if name in document and not _text(document, name):
        yield f"`{name}` must be a string that is not empty; it is {document[name]!r}"


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("message", "details"):
        if name in document and not isinstance(document[name], str):
            yield f"`{name}` must be a string; it is {document[name]!r}"


def _silent(document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("message", "details"):
        if document.get(name) == "":
            yield f"`{name}` should not be empty"


def _no_uuid(document: Mapping[str, Any], name: str) -> Iterator[str]:
    if name in document and not _is_uuid(document[name]):
        yield f"`{name}` should be a UUID; it is {document[name]!r}"


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _output(value: object) -> str | tuple[str, ...] | None:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return value
    if isinstance(value, list) and value and all(isinstance(url, str) and _output(url) for url in value):
        return tuple(value)
    return None


def _predict_time(document: Mapping[str, Any]) -> float | None:
    seconds = metrics.get("predict_time") if isinstance(metrics := document.get("metrics"), dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return float(seconds) if 0 <= seconds <= sys.float_info.max else None
