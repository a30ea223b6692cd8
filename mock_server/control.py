"""The control plane under `/__mock/`: is it alive, what was spent, what became of the webhooks."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify

from mock_server.clock import utc_text
from mock_server.deliveries import Delivery
from mock_server.emulator import Emulator
from mock_server.exchange import Call


class ControlPlane:
    """Routes for the emulator's owner, in no profile: the real service has none of them.

    :param is_ready: whether every part that serves is up.
    """

    def __init__(self, emulator: Emulator, is_ready: Callable[[], bool]) -> None:
        self._emulator = emulator
        self._is_ready = is_ready

    def blueprint(self) -> Blueprint:
        """Return the routes, for an application to mount."""
        routes = Blueprint("control", __name__, url_prefix="/__mock")
        for rule, view in (
            ("/health/live", self.live),
            ("/health/ready", self.ready),
            ("/ledger", self.ledger),
            ("/deliveries", self.deliveries),
        ):
            routes.add_url_rule(rule, view_func=view, methods=["GET"])
        return routes

    def live(self) -> Response:
        """200: this process answers."""
        return jsonify(status="live")

    def ready(self) -> tuple[Response, int]:
        """200: it does its whole work; 503: webhooks would not be sent."""
        if self._is_ready():
            return jsonify(status="ready"), 200
        return jsonify(status="not ready", reason="webhooks are not being sent"), 503

    def ledger(self) -> Response:
        """What the caller's world has spent; amounts are decimal strings in USD."""
        call: Call = g.call
        spent = self._emulator.ledger(self._emulator.identify(call.keys, call.world_name))
        by_model = {model: str(amount) for model, amount in spent.by_model.items()}
        return jsonify(
            total=str(spent.total),
            executions=spent.executions,
            unpriced=spent.unpriced,
            by_model=by_model,
            currency="USD",
        )

    def deliveries(self) -> Response:
        """The webhooks of the caller's world that were attempted, newest last."""
        call: Call = g.call
        world = self._emulator.identify(call.keys, call.world_name)
        return jsonify(deliveries=[_delivery(each) for each in world.outbox.deliveries()])


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "execution_id": delivery.prediction_id,
        "url": delivery.url,
        "request": delivery.request.decode(),
        "attempts": [
            {
                "status": "SUCCESS" if each.accepted else "FAILED",
                "status_code": each.status_code,
                "response": each.response,
                "error_message": each.error,
                "created_at": utc_text(each.created_at),
            }
            for each in delivery.attempts
        ],
    }
