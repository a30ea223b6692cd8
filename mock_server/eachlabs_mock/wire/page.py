"""Writes the bodies of the `page` profile, with exactly the fields that the model page of 2026-02-05 shows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson

from eachlabs_mock.core import MILLIS, ApiError, Prediction, Status
from eachlabs_mock.models import Model


def created(prediction: Prediction) -> bytes:
    """Return three fields. There is no `id`: a client that expects one must fail here, too."""
    return orjson.dumps(
        {"status": "success", "message": "Prediction created successfully", "predictionID": prediction.id}
    )


def read(prediction: Prediction, status: Status) -> bytes:
    """Return the body for *status*; that of a failed prediction is the page's error body, which has no id."""
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
    """Return the error body. Its `status` is always "error": the page's own Python loop never ends otherwise."""
    return _error(error.refusal.message, error.details)


def webhook(prediction: Prediction, status: Status) -> bytes:
    """Return the payload; webhooks say `succeeded` and `failed`, and call the id `exec_id`."""
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
    """Return one model as the live API does; the page does not document this route."""
    return orjson.dumps(_model(model), default=_decimal)


def models(models: Sequence[Model]) -> bytes:
    """Return a bare array of models."""
    return orjson.dumps([_model(model) for model in models], default=_decimal)


def catalogue_refused(text: str) -> bytes:
    """Return the error body of the catalogue routes."""
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
        return float(value)  # the shortest text of the same value: 0.0250 is written as 0.025
    raise TypeError(type(value).__name__)
