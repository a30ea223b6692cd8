"""How a server becomes a target: what may be done to it is found out, and whatever is wrong is said in one line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug import Request, Response

from eachlabs_contract.history import events
from eachlabs_contract.spec.model import UnknownModelError
from eachlabs_contract.targets import address, clock
from eachlabs_contract.targets.address import Address
from eachlabs_contract.targets.http import HttpTransport
from eachlabs_contract.targets.open import Access, OpeningError, over_http
from eachlabs_contract.targets.rate_limited import RateLimitedTransport
from eachlabs_contract.targets.receiver import receiving
from eachlabs_contract.targets.target import Need
from eachlabs_contract.targets.transport import NoAnswerError
from helpers.judged import emulator
from helpers.serving import answering, serving

KEYS = ("good", "better")
TOKEN = "a-token"


def refused(url: str, access: Access | None = None) -> str:
    with pytest.raises(OpeningError) as caught, over_http(url, access):
        pass
    return str(caught.value)


def json_answer(code: int, **document: Any) -> Response:
    return Response(json.dumps(document), code, content_type="application/json")


def no_control(request: Request) -> Response:
    """A prediction API of somebody else: no control plane, any key is good."""
    if not request.headers.get("X-API-Key"):
        return json_answer(401, status="error", message="no", details="key")
    return json_answer(404 if request.method == "GET" else 400, status="error", message="no", details="such")


# Addresses


@pytest.mark.parametrize(
    ("url", "root", "prefix"),
    [
        ("http://127.0.0.1:8780", "http://127.0.0.1:8780", "/v1"),
        ("http://127.0.0.1:8780/", "http://127.0.0.1:8780", "/v1"),
        ("http://127.0.0.1:8780/v1", "http://127.0.0.1:8780", "/v1"),
        ("http://127.0.0.1:8780/v1/", "http://127.0.0.1:8780", "/v1"),
        ("https://mock.example/below/v1", "https://mock.example", "/below/v1"),
        ("https://mock.example/below", "https://mock.example", "/below/v1"),
        ("http://[::1]:8780/v1", "http://[::1]:8780", "/v1"),
    ],
)
def test_address_is_the_root_or_its_v1(url: str, root: str, prefix: str) -> None:
    read = address.read(url)

    assert (read.root, read.prefix) == (root, prefix)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("127.0.0.1:8780", "'127.0.0.1:8780' is not an http or https address; did you mean http://127.0.0.1:8780?"),
        ("localhost:8780", "'localhost:8780' is not an http or https address; did you mean http://localhost:8780?"),
        (
            "ftp://mock.example",
            "'ftp://mock.example' is not an http or https address; an example is http://127.0.0.1:8780",
        ),
        ("http://", "'http://' is not an http or https address; an example is http://127.0.0.1:8780"),
        ("http://[::1", "'http://[::1' is not an address: Invalid IPv6 URL"),
        ("http://h:99999", "'http://h:99999' is not an address: Port out of range 0-65535"),
        ("http://a b", "'http://a b' is not an address: it holds spaces or characters beyond ASCII"),
        (
            "http://h/?a=1",
            "'http://h/?a=1': the address must not have a query or fragment; an example is http://127.0.0.1:8780",
        ),
    ],
)
def test_unreadable_address_is_refused_with_advice(url: str, complaint: str) -> None:
    assert refused(url) == complaint


def test_address_with_a_password_is_refused_and_not_shown() -> None:
    assert "secret" not in refused("http://me:secret@mock.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost", "a.localhost"])
def test_loopback_is_known(host: str) -> None:
    assert Address(f"http://{host}:8780").is_loopback


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost.example", "api.example", "[::2]"])
def test_what_is_elsewhere_is_known(host: str) -> None:
    assert not Address(f"http://{host}:8780").is_loopback


# What is wrong with a server


def test_absent_server_is_named(unused_port: int) -> None:
    url = f"http://127.0.0.1:{unused_port}"

    assert (
        refused(url)
        == f"no server answers at {url}: Failed to establish a new connection: [Errno 111] Connection refused"
    )


@pytest.fixture
def unused_port() -> int:
    with serving(emulator()) as url:
        return int(url.rpartition(":")[2])


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: Response("<html>welcome</html>", 200, content_type="text/html"),
        lambda _: Response("Not Found", 404),
        lambda _: json_answer(404, detail="Not Found"),
        lambda _: json_answer(405, detail="Method Not Allowed"),
    ],
)
def test_other_server_is_no_prediction_api(answer: Callable[[Request], Response]) -> None:
    with serving(answering(answer)) as url:
        assert refused(url) == f"the server at {url} is not a prediction API: /v1 does not answer like one"


def test_made_up_key_that_is_refused_asks_for_one() -> None:
    with serving(emulator(api_key=KEYS)) as url:
        assert refused(url) == f"the server at {url} refuses a made-up key; give one with --api-key (401)"


def test_wrong_key_is_named() -> None:
    with serving(emulator(api_key=KEYS)) as url:
        assert refused(url, Access(api_key="worse")) == f"the server at {url} refuses the given key (401)"


def test_wrong_second_key_is_named() -> None:
    with serving(emulator(api_key=KEYS)) as url:
        complaint = refused(url, Access(api_key="good", second_key="worse"))

    assert complaint == f"the server at {url} refuses the second key (401)"


def test_key_that_is_no_header_is_refused() -> None:
    with serving(emulator()) as url:
        assert "printable ASCII" in refused(url, Access(api_key="schlüssel\n"))


def test_unknown_model_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(UnknownModelError, match=r"unknown model 'qwen'; known models: .*qwen-image"):
        over_http("http://127.0.0.1:1", slug="qwen").__enter__()


def test_control_plane_that_wants_a_token_says_so() -> None:
    with serving(emulator(control_token=TOKEN)) as url:
        assert refused(url) == (f"the control plane at {url}/__mock refuses (401): give its token with --control-token")


def test_control_plane_that_is_not_there_is_named() -> None:
    with serving(answering(no_control)) as url:
        complaint = refused(url, Access(control=f"{url}/steer"))

    assert complaint == f"no control plane answers at {url}/steer (--control)"


def test_control_plane_that_does_not_answer_is_named(unused_port: int) -> None:
    with serving(answering(no_control)) as url:
        complaint = refused(url, Access(control=f"http://127.0.0.1:{unused_port}"))

    assert complaint == f"no control plane answers at http://127.0.0.1:{unused_port}/__mock (--control)"


# What may be done to it


def test_emulator_gives_everything() -> None:
    with serving(emulator()) as url, over_http(f"{url}/v1") as target:
        assert [need for need in Need if target.lacks(need)] == []
        assert (target.prefix, target.budget.left) == ("/v1", None)


def test_emulator_with_keys_gives_everything_to_one_of_them() -> None:
    with serving(emulator(api_key=KEYS)) as url, over_http(url, Access(api_key="good")) as target:
        assert [need for need in Need if target.lacks(need)] == []
        assert target.second is not None
        assert dict(target.second.headers) == {"X-API-Key": "good", "X-Mock-World": "contract-second"}


def test_second_key_is_used_where_it_is_given() -> None:
    access = Access(api_key="good", second_key="better")
    with serving(emulator(api_key=KEYS)) as url, over_http(url, access) as target:
        assert target.second is not None
        assert target.second.headers == (("X-API-Key", "better"),)


def test_token_opens_the_control_plane() -> None:
    with serving(emulator(control_token=TOKEN)) as url, over_http(url, Access(token=TOKEN)) as target:
        assert target.owner.control is not None
        assert target.owner.control.begin({}) > 0


def test_control_plane_may_be_elsewhere() -> None:
    api, steered = serving(answering(no_control)), serving(emulator())
    with api as url, steered as elsewhere, over_http(url, Access(control=elsewhere)) as target:
        assert target.owner.control is not None
        assert target.owner.control.version()["profile"] == "page"


def test_control_plane_may_be_left_alone() -> None:
    with serving(emulator()) as url, over_http(url, Access(control="off")) as target:
        lacking = [need for need in Need if target.lacks(need)]

    assert lacking == [Need.CLOCK, Need.FAILURE, Need.LIMITS]


def test_server_without_control_plane_is_a_target_too() -> None:
    with serving(answering(no_control)) as url, over_http(url) as target:
        lacking = [need for need in Need if target.lacks(need)]

    assert lacking == [Need.CLOCK, Need.FAILURE, Need.LIMITS]


def test_second_key_that_is_not_known_leaves_no_second_caller() -> None:
    def only_one(request: Request) -> Response:
        known = request.headers.get("X-API-Key") == "mine"
        return no_control(request) if known else json_answer(401, status="error", message="no", details="key")

    with serving(answering(only_one)) as url, over_http(url, Access(api_key="mine")) as target:
        assert target.second is None


def test_server_that_stumbles_is_asked_again() -> None:
    answers = iter(range(1000))

    def stumbling(request: Request) -> Response:
        return Response("later", 503) if next(answers) % 3 else no_control(request)

    with serving(answering(stumbling)) as url, over_http(url) as target:
        assert target.owner.role == "owner"


def test_server_that_takes_long_not_to_answer_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[events.Request] = []
    seconds = iter(range(0, 1000, 35))

    def hanging(_self: object, request: events.Request) -> events.Answer:
        asked.append(request)
        raise NoAnswerError("timed out")

    monkeypatch.setattr(HttpTransport, "send", hanging)
    monkeypatch.setattr(clock, "monotonic", lambda: next(seconds))

    assert refused("http://127.0.0.1:1") == "no server answers at http://127.0.0.1:1: timed out"
    assert len(asked) == 1


# Money


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every server look as if it were on another machine."""
    monkeypatch.setattr(Address, "is_loopback", property(lambda _self: False))


@pytest.mark.usefixtures("elsewhere")
def test_nothing_is_spent_elsewhere_unasked() -> None:
    with serving(answering(no_control)) as url, over_http(url) as target:
        assert target.budget.left == 0
        assert target.receiver is None
        assert isinstance(target.transport, RateLimitedTransport)


@pytest.mark.usefixtures("elsewhere")
def test_spending_must_be_confirmed() -> None:
    with serving(answering(no_control)) as url:
        complaint = refused(url, Access(max_executions=5))

    assert complaint == (
        "--max-executions 5 spends money: confirm it with EACHLABS_CONTRACT_SPEND=yes in the environment"
    )


@pytest.mark.usefixtures("elsewhere")
def test_confirmed_spending_has_its_limit() -> None:
    access = Access(max_executions=5, may_spend=True)
    with serving(answering(no_control)) as url, over_http(url, access) as target:
        assert target.budget.left == 5


@pytest.mark.usefixtures("elsewhere")
def test_emulator_elsewhere_is_free_and_quick() -> None:
    with serving(emulator()) as url, over_http(url) as target:
        assert target.budget.left is None
        assert not isinstance(target.transport, RateLimitedTransport)


# Pace


class Instant:
    root = "http://127.0.0.1:8780"

    def send(self, _request: events.Request) -> events.Answer:
        return events.Answer(200)


def test_paced_transport_waits_for_the_minute_to_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waits = [0.0], []

    def pause(seconds: float) -> None:
        waits.append((now[0], seconds))
        now[0] += seconds

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(clock, "pause", pause)
    paced = RateLimitedTransport(Instant(), per_minute=3)

    for _ in range(7):
        paced.send(events.Request("GET", "/"))
        now[0] += 10

    assert paced.root == "http://127.0.0.1:8780"
    assert [wait for wait in waits if wait[1]] == [(30.0, 30.0), (90.0, 30.0)]


def test_output_on_another_host_is_fetched_there() -> None:
    with receiving() as elsewhere:
        answer = HttpTransport("http://127.0.0.1:1").send(events.Request("GET", elsewhere.url("/file")))

    assert answer.status == 204
