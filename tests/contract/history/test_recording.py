"""A history survives being written down and read again, and no key is in what is written."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.history.events import Answer, Delivery, Episode, Exchange, Headers, Request, mask_keys, read_json
from eachlabs_contract.history.recording import dump_history, load_history

TEXT = st.text(max_size=20)
BODY = st.binary(max_size=40) | TEXT.map(str.encode)
HEADERS: st.SearchStrategy[Headers] = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple).map(mask_keys)
REQUEST = st.builds(Request, TEXT, TEXT, HEADERS, BODY)
ANSWER = st.builds(Answer, st.integers(100, 599), HEADERS, BODY)
EXCHANGE = st.builds(Exchange, TEXT, REQUEST, st.none() | ANSWER, st.integers(), TEXT)
DELIVERY = st.builds(Delivery, TEXT, REQUEST, st.integers(), st.integers(100, 599))
EPISODE = st.builds(Episode, TEXT, st.lists(EXCHANGE | DELIVERY, max_size=4).map(tuple), st.booleans(), st.booleans())

REQUESTED = Request("GET", "/v1/prediction/1", (("X-API-Key", "secret"), ("Accept", "*/*")))
EXCHANGED = Exchange(
    "owner", REQUESTED, Answer(200, (("Content-Type", "application/json"),), b'{"status": "success"}'), 5
)
EPISODES = (Episode("one", (EXCHANGED,)),)


@given(st.lists(EPISODE, max_size=3))
def test_what_is_written_is_what_is_read(episodes: list[Episode]) -> None:
    assert load_history(dump_history(episodes)) == tuple(episodes)


def test_every_byte_of_a_body_survives() -> None:
    bodies = [bytes([byte]) for byte in range(256)]
    episode = Episode("bytes", tuple(Delivery("/", Request("POST", "/", (), body), 0) for body in bodies))

    assert load_history(dump_history([episode])) == (episode,)


@pytest.mark.parametrize("name", ["X-API-Key", "x-api-key", "Authorization", "X-Mock-Token"])
def test_no_key_is_written(name: str) -> None:
    request = replace(REQUESTED, headers=((name, "secret"),))

    assert "secret" not in dump_history(
        [Episode("keys", (replace(EXCHANGED, request=request), Delivery("/", request, 0)))]
    )


def test_a_history_is_plain_ascii_with_a_line_for_each_event() -> None:
    text = dump_history([Episode("lines", (EXCHANGED, replace(EXCHANGED, failure="é"), Delivery("/", REQUESTED, 0)))])

    assert text.isascii()
    assert [line[:10] for line in text.splitlines()] == [
        '{"format":',
        '{"name": "',
        *['{"caller":'] * 2,
        '{"path": "',
        "]}",
        "]}",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", 'its "format" must be "eachlabs-history/1"'),
        ('{"format": "har"}', 'its "format" must be "eachlabs-history/1"'),
        ('{"format": "eachlabs-history/1"}', 'its "episodes" must be a list'),
        ('{"format": "eachlabs-history/1", "episodes": [{}]}', "episode 1: the field 'events' is missing"),
        ('{"format": "eachlabs-history/1", "episodes": [1]}', "episode 1: "),
        ("{", "Expecting property name"),
    ],
)
def test_what_is_no_history_is_refused_and_told_why(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        load_history(text)


@pytest.mark.parametrize("field", ["caller", "request", "answer", "at", "failure"])
def test_an_event_that_lacks_something_is_named_with_its_episode(field: str) -> None:
    document = json.loads(dump_history(EPISODES))
    del document["episodes"][0]["events"][0][field]

    with pytest.raises(ValueError, match=f"episode 1: the field '{field}' is missing"):
        load_history(json.dumps(document))


@pytest.mark.parametrize("headers", [[["one"]], [1], "ab"])
def test_headers_that_are_none_are_refused(headers: object) -> None:
    document = json.loads(dump_history(EPISODES))
    document["episodes"][0]["events"][0]["request"]["headers"] = headers

    with pytest.raises(ValueError, match="episode 1: "):
        load_history(json.dumps(document))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"[-Infinity]", b"[" * 100_000])
def test_what_is_no_json_is_read_as_nothing(body: bytes) -> None:
    assert read_json(body) is None


def test_a_header_is_found_in_any_case() -> None:
    assert Answer(200, (("X-Request-Id", "1"), ("x-request-id", "2"))).header("x-REQUEST-id") == "1"
    assert Answer(200).header("X-Request-Id") is None


def test_an_exchange_without_an_answer_has_no_status_and_no_document() -> None:
    lost = replace(EXCHANGED, answer=None, failure="reset")

    assert (lost.status, lost.document) == (0, None)
    assert (EXCHANGED.status, EXCHANGED.document) == (200, {"status": "success"})


def test_an_episode_tells_exchanges_from_webhooks() -> None:
    delivery = Delivery("/hook/1", REQUESTED, 0)
    episode = Episode("both", (EXCHANGED, delivery))

    assert (episode.exchanges, episode.deliveries) == ((EXCHANGED,), (delivery,))
