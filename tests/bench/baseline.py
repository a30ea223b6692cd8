"""The baseline over HTTP: a minimal Flask app with canned answers to the same calls, over WSGI on the same server."""

import argparse
import multiprocessing
from uuid import UUID

from flask import Flask, Response, jsonify, request
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

CANNED_ID = "11111111-2222-4333-8444-555555555555"

THREADS = 64
"""So many as ours has: with fewer, a few slow bodies stop it."""


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

    return app


def main() -> None:
    """Serve until a signal."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("port", type=int)
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    multiprocessing.set_start_method("fork", force=True)
    MPServer(
        "baseline",
        port=asked.port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
        backpressure=4096,
        http=HTTPModes.http1,
        log_level=LogLevels.critical,
    ).serve(target_loader=lambda: canned_app(keep=asked.keep), wrap_loader=False)


if __name__ == "__main__":
    main()
