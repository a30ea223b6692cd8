"""Bodies of the `page` profile: exactly what the model page of 2026-02-05 shows, never a field more."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson

from eachlabs_mock.core import MILLIS, ApiError, Prediction, Status
from eachlabs_mock.models import Model


def created(prediction: Prediction) -> bytes:
    """Three fields and no `id`: a client that waits for one must fail here too."""
    return orjson.dumps(
        {"status": "success", "message": "Prediction created successfully", "predictionID": prediction.id}
    )


def read(prediction: Prediction, status: Status) -> bytes:
    """Running, done or failed; the failed one is the page's error body, which carries no id."""
    if status is Status.PROCESSING:
        message = "Prediction is being processed"
        return orjson.dumps({"status": "processing", "predictionID": prediction.id, "message": message})
    if status is Status.SUCCESS:
        return orjson.dumps(
            {
                "status": "success",
                "predictionID": prediction.id,
                "output": _output(prediction),
                "metrics": {"predict_time": prediction.plan.predict_millis / MILLIS},
            }
        )
    return _error(prediction.plan.failure.message, prediction.plan.failure.details)


def refused(error: ApiError) -> bytes:
    """`status` stays "error" on every refusal: the page's own Python loop would never end otherwise."""
    return _error(error.refusal.message, error.details)


def webhook(prediction: Prediction, status: Status) -> bytes:
    """The other vocabulary: `succeeded` and `failed`, and `exec_id` for the id."""
    succeeded = status is Status.SUCCESS
    return orjson.dumps(
        {
            "error": "" if succeeded else prediction.plan.failure.message,
            "exec_id": prediction.id,
            "flow_id": "",
            "output": _output(prediction) if succeeded else "",
            "status": "succeeded" if succeeded else "failed",
        }
    )


def model(model: Model) -> bytes:
    """One model; a fact of the live API, served here for convenience."""
    return orjson.dumps(_model(model), default=_decimal)


def models(models: Sequence[Model]) -> bytes:
    """A bare array of models."""
    return orjson.dumps([_model(each) for each in models], default=_decimal)


def catalogue_refused(text: str) -> bytes:
    """The catalogue's own error body, in both profiles."""
    return orjson.dumps({"error": text})


def _error(message: str, details: str) -> bytes:
    return orjson.dumps({"status": "error", "message": message, "details": details})


def _output(prediction: Prediction) -> str | tuple[str, ...]:
    return prediction.output_urls if prediction.many else prediction.output_urls[0]


def _model(model: Model) -> dict[str, Any]:
    return {
        "title": model.title,
        "slug": model.slug,
        "version": model.version,
        "output_type": model.output_type,
        "request_schema": model.request_schema,
        "cost": model.cost,
    }


def _decimal(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)  # the shortest text that reads back: 0.0250 goes out as 0.025
    raise TypeError(type(value).__name__)
