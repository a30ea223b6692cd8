"""Arms fault rules in an emulator of this process, calls the affected routes and reads the results."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from werkzeug.test import Client, TestResponse

from eachlabs_mock.core.reply import AS_SENT, TRANSFER, Transfer
from eachlabs_mock.faults.fault import Route
from helpers.harness import KEY, Api

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOOK = "http://127.0.0.1:9000/hook"
CALLS: tuple[Route, ...] = ("create", "read", "models", "output")


def rule(text: str, **given: Any) -> dict[str, Any]:
    """Return a rule of the fault *text* as JSON."""
    return {"fault": text, **given}


def arm(api: Api, *rules: Mapping[str, Any], key: str = KEY) -> list[dict[str, Any]]:
    """Replace all rules with *rules*; return the armed rules."""
    answer = api.call("PUT", "/__mock/faults", key=key, data=orjson.dumps({"faults": rules}))
    assert answer.status_code == 200, answer.text
    return list(answer.json["faults"])


def counts(api: Api, key: str = KEY) -> list[tuple[int, int]]:
    """Return matches and strikes of each armed rule."""
    return [(each["matches"], each["strikes"]) for each in api.get("/__mock/faults", key=key).json["faults"]]


def journal(api: Api, key: str = KEY) -> list[dict[str, Any]]:
    """Return the journal of *key*'s world."""
    return list(api.get("/__mock/requests", key=key).json["requests"])


def ended(api: Api, **options: Any) -> str:
    """Create a prediction, move the clock until it succeeds, and return its id."""
    made = api.created(**options)
    api.advance(3)
    return made


def take(api: Api, route: str, made: str, **options: Any) -> TestResponse:
    """Call *route* once; *made* is a prediction that has succeeded."""
    match route:
        case "create":
            return api.create(**options)
        case "read":
            return api.get(f"/v1/prediction/{made}", **options)
        case "models":
            return api.get("/v1/models?limit=1", **options)
        case _:
            return api.get(f"/outputs/{made}.webp", **options)


def told(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the headers of *answer*, except those that depend on the wall clock."""
    return [each for each in answer.headers.to_wsgi_list() if each[0] not in {"Date", "Expires"}]


def wires(api: Api) -> list[Transfer]:
    """Return a list to which the `Transfer` of each further answer of *api* is added."""
    seen: list[Transfer] = []
    app = api.app.wsgi

    def noting(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = app(environ, start_response)
        seen.append(environ.get(TRANSFER, AS_SENT))
        return answer

    api.client = Client(noting, use_cookies=False)
    return seen


def statuses(api: Api, made: str, number: int) -> list[int]:
    """Return the HTTP statuses of so many polls."""
    return [api.read(made).status_code for _ in range(number)]
