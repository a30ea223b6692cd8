"""Makes journals for the tests of manners, in the form of the control plane."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from eachlabs_contract.history.journal import Journal, read_journal

START = 1_770_249_600_000
"""The start of a book in milliseconds since the epoch."""

HOST = "http://127.0.0.1:8780"


def instant(millis: int) -> str:
    """Return the control plane's text for so many milliseconds after the start."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=START + millis)).isoformat(timespec="milliseconds")


def name(number: int) -> str:
    """Return the id of the prediction with this number."""
    return f"5f0c2f3a-9d1b-4c0e-8a57-{number:012}"


class Book:
    """A journal that is written call by call. All times are milliseconds after the start."""

    def __init__(self, mode: str = "real", **settings: Any) -> None:
        self.settings = {"rate_limit": "100/60", "max_in_flight": 10, "charge": "success", "count": "all", **settings}
        self.mode = mode
        self.requests: list[dict[str, Any]] = []
        self.predictions: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []

    def call(self, at: int, method: str, path: str, status: int = 200, /, **facts: Any) -> Self:
        """Add a call that is answered at once; *facts* overwrite the fields of its entry."""
        usual = {
            "number": len(self.requests) + 1,
            "at": instant(facts.pop("answered", at)),
            "came_at": instant(at),
            "method": method,
            "path": path,
            "query": "",
            "status": status,
            "request": "",
            "response": "",
            "user_agent": "program/1",
            "keys": ["X-API-Key"],
            "retry_after": "",
            "ending": "complete",
        }
        self.requests.append(usual | facts)
        return self

    def create(self, at: int, number: int = 0, /, status: int = 200, given: Any = None, **facts: Any) -> Self:
        """Add a create; with a *number* its response has that prediction's id, else it is a refusal or unreadable."""
        body = {"model": "qwen-image", "input": {"prompt": "x"} if given is None else given}
        told = {"status": "success", "message": "Prediction created successfully", "predictionID": name(number)}
        usual = {"request": json.dumps(body), "response": json.dumps(told) if number else "{}"}
        return self.call(at, "POST", "/v1/prediction/", status, **(usual | facts))

    def poll(self, at: int, number: int = 1, /, said: str = "processing", status: int = 200, **facts: Any) -> Self:
        """Add a read that is answered with the page's status *said*."""
        usual = {"response": json.dumps({"status": said, "predictionID": name(number)})}
        return self.call(at, "GET", f"/v1/prediction/{name(number)}", status, **(usual | facts))

    def fetch(self, at: int, number: int = 1, /, status: int = 200, **facts: Any) -> Self:
        """Add a download without a key."""
        return self.call(at, "GET", f"/outputs/{name(number)}.webp", status, **({"keys": []} | facts))

    def made(self, number: int = 1, /, at: int = 0, **facts: Any) -> Self:
        """Add a prediction that took 2.5 s and succeeded."""
        usual = {
            "number": number,
            "id": name(number),
            "model": "qwen-image",
            "status": "success",
            "created_at": instant(at),
            "ends_at": instant(at + 2500),
            "input": json.dumps({"prompt": "x"}),
            "output": [f"{HOST}/outputs/{name(number)}.webp"],
        }
        self.predictions.append(usual | facts)
        return self

    def hook(self, at: int, number: int = 1, status_code: int | None = 204, error: str = "", times: int = 1) -> Self:
        """Add a webhook and the answer of its receiver to each attempt."""
        body = {"error": "", "exec_id": name(number), "flow_id": "", "output": "http://x/y.webp", "status": "succeeded"}
        attempt = {
            "status_code": status_code,
            "response": "",
            "error_message": error,
            "created_at": instant(at),
        }
        self.deliveries.append(
            {
                "number": len(self.deliveries) + 1,
                "execution_id": name(number),
                "url": "http://127.0.0.1:9/hook",
                "request": json.dumps(body),
                "attempts": [attempt] * times,
            }
        )
        return self

    def document(self) -> dict[str, Any]:
        """Return the journal as the control plane shows it."""
        count = sum(each["status"] == "success" for each in self.predictions)
        return {
            "requests": {"requests": self.requests},
            "predictions": {"predictions": self.predictions},
            "deliveries": {"deliveries": self.deliveries},
            "ledger": {
                "total": f"{count * 25 / 1000:.3f}",
                "executions": count,
                "unpriced": 0,
                "by_model": {"qwen-image": f"{count * 25 / 1000:.3f}"} if count else {},
                "currency": "USD",
            },
            "settings": self.settings,
            "clock": {"mode": self.mode, "speed": 1.0, "now": instant(60_000), "now_ms": START + 60_000},
        }

    def read(self) -> Journal:
        """Return the journal as `Journal`."""
        return read_journal(self.document())
