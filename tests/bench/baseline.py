"""The baseline over HTTP: a minimal Flask app with canned answers to the same calls, on the same server."""

import argparse
import multiprocessing
import os
import sys
from uuid import UUID

from flask import Flask, Response, jsonify, request

from mock_server.readiness import Address, Announcer
from mock_server.serve import _server, reserve
from mock_server.settings import Settings

CANNED_ID = "11111111-2222-4333-8444-555555555555"


def canned_app(*, keep: bool) -> Flask:
    """Return the app.

    :param keep: also keep each body, parsed, in a dict by id: the plainest store there is.
    """
    app = Flask(__name__)
    kept: dict[str, object] = {}

    @app.post("/v1/prediction/")
    def create() -> Response:
        if keep:
            kept[str(UUID(int=len(kept)))] = request.get_json()
        request.get_data()  # granian may hang up on a client whose body nobody reads
        return jsonify(status="success", message="Prediction created successfully", predictionID=CANNED_ID)

    @app.get("/v1/prediction/<prediction_id>")
    def read(prediction_id: str) -> Response:
        output = f"http://127.0.0.1/outputs/{prediction_id}.webp"
        return jsonify(status="success", predictionID=prediction_id, output=output, metrics={"predict_time": 2.5})

    @app.get("/outputs/<int:size>.webp")
    def output(size: int) -> Response:
        return Response(bytes(size), content_type="image/webp")

    @app.get("/__mock/health/ready")
    def ready() -> str:
        return "yes"

    return app


def main() -> None:
    """Serve until a signal, with a ready line as ours has it."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--keep", action="store_true")
    keep = arguments.parse_args().keep
    settings = Settings(port=0)
    held = reserve(settings.host, settings.port)
    address = Address(settings.host, held.getsockname()[1])
    multiprocessing.set_start_method("fork", force=True)
    os.register_at_fork(after_in_parent=Announcer(settings, address, sys.stdout).start)
    _server(settings, address).serve(target_loader=lambda: canned_app(keep=keep), wrap_loader=False)
    held.close()


if __name__ == "__main__":
    main()
