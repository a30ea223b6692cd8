"""Parses the API's JSON bodies: pure functions that accept whatever a server may send.

They read both profiles of the API, that of the model page and the newer live one. Unknown fields are ignored.
"""

import json
from collections.abc import Mapping
from typing import TypeAlias

from .errors import BadRequestError, RefusedError, UnreadableAnswerError
from .types import Prediction, Status

Body: TypeAlias = Mapping[str, object]

_MAX_SECONDS = 1e9  # a longer predict_time is an error of the server


def read_object(raw: bytes) -> Body:
    """Return the JSON object in *raw*. Raises `UnreadableAnswerError` for anything else."""
    if not raw.strip():
        raise UnreadableAnswerError("the answer is empty, where a JSON object was expected")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError("the answer is not JSON", details=str(error)) from error
    if not isinstance(body, dict):
        raise UnreadableAnswerError(f"the answer is a JSON {type(body).__name__}, where an object was expected")
    return body


def write_object(body: Body) -> bytes:
    """Return *body* as JSON. Raises `BadRequestError` for values that JSON does not have (NaN, dates, cycles)."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRequestError("the input cannot be written as JSON", details=str(error)) from error


def read_created(body: Body) -> str:
    """Return the id in the answer to a create, which is `predictionID` in both profiles."""
    prediction_id = body.get("predictionID")
    if body.get("status") == "error":
        message, details = read_refusal(body)
        raise RefusedError(message or "the prediction was not created", details=details, definite=False)
    if body.get("status") != "success" or not isinstance(prediction_id, str) or not prediction_id:
        raise UnreadableAnswerError("the answer has no predictionID, so the prediction cannot be followed")
    return prediction_id


def read_prediction(prediction_id: str, body: Body) -> Prediction:
    """Return the state in the answer to a read. The id comes from the request: the page's error body has none."""
    word = body.get("status")
    if not isinstance(word, str):
        raise UnreadableAnswerError("the answer has no status")
    status = Status(word) if word in set(Status) else Status.UNKNOWN
    message, details = read_refusal(body) if status is Status.ERROR else (text(body.get("message")), "")
    return Prediction(
        id=prediction_id,
        status=status,
        output=read_output(body.get("output")) if status is Status.SUCCESS else (),
        message=message or (f"unknown status {word!r}" if status is Status.UNKNOWN else ""),
        details=details,
        predict_time=_seconds(body.get("metrics")),
    )


def read_output(value: object) -> tuple[str, ...]:
    """Return an output, a URL or a list of URLs, as strings; other JSON is kept as text, because it was charged."""
    items = value if isinstance(value, list) else [value]
    return tuple(filter(None, map(text, items)))


def read_refusal(body: Body) -> tuple[str, str]:
    """Return message and details of an error body, from the fields of the page or of the live profile."""
    output = body.get("output")
    failure = output if isinstance(output, dict) else {}  # live: the error of a failed prediction
    message = body.get("message") or failure.get("error_message") or failure.get("error") or body.get("error")
    details = body.get("details") or failure.get("error_code")
    return text(message), text(details)


def text(value: object) -> str:
    """Return *value* as text: strings unchanged, null as an empty string, other values as JSON."""
    if isinstance(value, str):
        return value
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    except RecursionError:  # a value that could be parsed may be too deep to serialize
        return "(nested too deeply to show)"


def _seconds(metrics: object) -> float | None:
    value = metrics.get("predict_time") if isinstance(metrics, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MAX_SECONDS else None
