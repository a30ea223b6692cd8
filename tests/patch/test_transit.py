"""Faults on the wire inside `patched`: `requests` raises what it raises over a socket, and nothing waits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from urllib3 import Timeout

import helpers.wired
from eachlabs_mock.patch import patched
from eachlabs_mock.patch.interception import BaseUrl, intercepted
from eachlabs_mock.settings.server import Settings

BASE = "https://api.eachlabs.ai/v1"
LIVE = "/__mock/health/live"
BODY = b'{"status":"live"}\n'
LONG = 3600
"""Seconds that no test waits for."""


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with helpers.wired.serving("--wire-faults") as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def inside() -> Iterator[str]:
    app = helpers.wired.wired(Settings(log_format="off"))
    with intercepted(app.wsgi, [BaseUrl.parse(BASE)], passthrough=("http://127.0.0.1",)):
        yield BASE.removesuffix("/v1")


def outcome(root: str, *, timeout: Any = 5, stream: bool = False, **wire: Any) -> object:
    """Return the body, or the error's type and what is in it, and what had been read until then."""
    seen: list[bytes] = []
    try:
        with requests.Session() as session:
            answer = session.get(root + LIVE, headers={"X-Wire": json.dumps(wire)}, timeout=timeout, stream=stream)
            seen += answer.iter_content(1)
    except requests.RequestException as error:
        cause = error.args[0]
        return type(error), type(cause), [type(each) for each in cause.args], b"".join(seen)
    return b"".join(seen)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    "wire",
    [
        {"end": "complete"},
        {"delay": 0.01},
        {"delay": LONG, "timeout": 0.1},
        {"delay": LONG, "timeout": (5, 0.1)},
        {"spread": 0.2, "timeout": 0.1},
        {"cut_after": 5, "end": "close"},
        {"cut_after": 5, "end": "reset"},
        {"cut_after": 0, "end": "reset"},
        {"cut_after": 5, "end": "hang", "timeout": 0.1},
        {"cut_after": 0, "end": "hang", "timeout": 0.1},
    ],
    ids=str,
)
def test_call_inside_ends_as_one_over_the_wire(served: str, inside: str, wire: dict[str, Any], *, stream: bool) -> None:
    assert outcome(inside, stream=stream, **wire) == outcome(served, stream=stream, **wire)


@pytest.mark.parametrize(
    "wire",
    [{"delay": LONG, "timeout": None}, {"delay": LONG, "timeout": 2 * LONG}, {"spread": LONG}],
    ids=str,
)
def test_answer_that_the_caller_would_sit_through_is_there_at_once(inside: str, wire: dict[str, Any]) -> None:
    assert outcome(inside, **wire) == BODY


@pytest.mark.parametrize("timeout", [Timeout(connect=5, read=0.1), Timeout(total=0.1)], ids=str)
def test_timeout_of_urllib3_is_understood(inside: str, timeout: Any) -> None:
    with pytest.raises(requests.ReadTimeout):
        requests.get(inside + LIVE, headers={"X-Wire": '{"delay": 3600}'}, timeout=timeout)


@pytest.mark.parametrize("cut_after", [0, 5])
def test_call_without_a_timeout_that_hangs_is_told_to_have_one(inside: str, cut_after: int) -> None:
    headers = {"X-Wire": json.dumps({"cut_after": cut_after, "end": "hang"})}

    with pytest.raises(requests.ReadTimeout, match="this call has no timeout: it would wait forever"):
        requests.get(inside + LIVE, headers=headers)  # noqa: S113  # that is the point


def test_error_names_host_and_timeout(inside: str) -> None:
    with pytest.raises(requests.ReadTimeout) as caught:
        requests.get(inside + LIVE, headers={"X-Wire": '{"cut_after": 0, "end": "hang"}'}, timeout=5)

    assert str(caught.value) == (
        "HTTPSConnectionPool(host='api.eachlabs.ai', port=443): Read timed out. (read timeout=5)"
    )
    assert caught.value.request is not None


def test_adapter_called_without_a_timeout_has_none(inside: str) -> None:
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", inside + LIVE))

        assert session.get_adapter(inside).send(request).content == BODY


def test_patched_allows_every_fault() -> None:
    with patched() as mock:
        assert mock.emulator.settings.wire_faults
