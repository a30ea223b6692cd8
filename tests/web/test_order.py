"""Which of two faults of one request is told: the order of checks, pair by pair."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import orjson
import pytest

from eachlabs_mock.core.limits import Rate
from helpers.harness import PROMPT, UNKNOWN_ID, Api, MakeApi
from helpers.refusal import reason

SLOTS = 2
RATE = Rate(SLOTS + 1, 60_000)


@dataclass(frozen=True)
class Request:
    """A create, good or with faults; two of them need an emulator in a certain state."""

    method: str = "POST"
    path: str = "/v1/prediction/"
    key: str = ""  # that of the world
    over_rate: bool = False
    content_type: str = "application/json"
    padding: bytes = b""
    end: bytes = b"}"
    webhook_url: object = ""
    model: str = "qwen-image"
    guidance: float = 4
    slots_taken: bool = False

    @property
    def body(self) -> bytes:
        content = {"prompt": PROMPT, "guidance": self.guidance}
        document = {"model": self.model, "input": content, "webhook_url": self.webhook_url}
        return orjson.dumps(document)[:-1] + self.end + self.padding

    def send_to(self, api: Api, key: str) -> tuple[int, str]:
        """Return why it is refused in the world of *key*, which nobody has used yet."""
        for _ in range(SLOTS if self.slots_taken else 0):
            api.created(key=key)
        while self.over_rate and api.read(UNKNOWN_ID, key=key).status_code != 429:
            pass
        answer = api.call(self.method, self.path, key=self.key or key, data=self.body, content_type=self.content_type)
        return reason(answer)


FAULTS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"path": "/v1/nonsense"}, (404, "Route not found")),
    ({"method": "DELETE"}, (405, "Method not allowed")),
    ({"key": "invalid"}, (401, "Invalid or missing API key")),
    ({"over_rate": True}, (429, "Rate limit exceeded")),
    ({"padding": b" " * 1024 * 1024}, (413, "Request body too large")),
    ({"content_type": "text/plain"}, (400, "Unsupported content type")),
    ({"end": b""}, (400, "Malformed JSON")),
    ({"webhook_url": 5}, (400, "Invalid request body")),
    ({"model": "nonsense"}, (404, "Model not found")),
    ({"guidance": 11}, (400, "Invalid input parameters")),
    ({"slots_taken": True}, (429, "Too many concurrent predictions")),
]


@pytest.fixture
def narrow(make_api: MakeApi) -> Api:
    """An emulator whose limits are soon reached."""
    return make_api(max_in_flight=SLOTS, rate_limit=RATE)


def test_request_without_a_fault_passes(api: Api) -> None:
    good = Request()

    assert api.call(good.method, good.path, data=good.body, content_type=good.content_type).status_code == 200


def test_each_fault_alone_is_told(narrow: Api, subtests: pytest.Subtests) -> None:
    for number, (fault, told) in enumerate(FAULTS):
        with subtests.test(fault=told):
            assert Request(**fault).send_to(narrow, f"key-{number}") == told


def test_of_two_faults_the_earlier_in_the_order_is_told(narrow: Api, subtests: pytest.Subtests) -> None:
    for number, (first, second) in enumerate(combinations(FAULTS, 2)):
        with subtests.test(first=first[1], second=second[1]):
            faulty = replace(Request(**first[0]), **second[0])

            assert faulty.send_to(narrow, f"key-{number}") == first[1]


def test_body_is_not_read_before_the_key_is_known(api: Api) -> None:
    class Unreadable:
        def read(self, _size: int = -1) -> bytes:
            pytest.fail("the body was read")

    answer = api.post(b"", key="invalid", environ_overrides={"CONTENT_LENGTH": "5", "wsgi.input": Unreadable()})

    assert answer.status_code == 401
