"""The key is on requests to the API, and nowhere a person or a log may read it."""

import traceback
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_client import Client, ConfigurationError, EachlabsError
from eachlabs_client.key import ApiKey
from helpers.client_fakes import (
    BASE,
    CREATED,
    DONE,
    ID,
    KEY,
    OUTPUT,
    PNG,
    RUNNING,
    FakeApi,
    Reply,
    client_of,
    connection_refused,
)

ECHO = {"status": "error", "message": f"key {KEY} is bad", "details": f"X-API-Key: {KEY}"}
LIVE_ECHO = {"status": "error", "output": {"error_message": [KEY], "error_code": KEY}}


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(401, ECHO),
        Reply(401, {"error": f"bad key {KEY}"}),
        Reply(400, ECHO),
        Reply(500, ECHO),
        Reply(429, ECHO),
        Reply(200, ECHO),
        Reply(200, LIVE_ECHO),
        Reply(200, KEY.encode()),
        Reply(302, b"", {"Location": f"http://elsewhere.test/?key={KEY}"}),
        requests.ConnectionError(f"{KEY} reset"),
        requests.exceptions.InvalidHeader("bad header"),
        connection_refused(),
    ],
)
def test_key_is_in_no_message_and_no_repr(trouble: Any, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), trouble]

    with pytest.raises(EachlabsError) as caught:
        client_of(api).generate("m", {})

    error = caught.value
    texts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    assert not [text for text in texts if KEY in text]


@pytest.mark.parametrize("trouble", [Reply(401, ECHO), Reply(200, ECHO), Reply(200, b"{"), connection_refused()])
def test_key_is_in_no_traceback(trouble: Any, api: FakeApi) -> None:
    api.script = [trouble]

    with pytest.raises(EachlabsError) as caught:
        client_of(api).create("m", {})

    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_failed_predictions_words_hide_the_key(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, ECHO)]

    prediction = client.get(ID)

    assert (prediction.message, prediction.details) == ("key [key] is bad", "X-API-Key: [key]")


def test_key_is_in_no_repr_of_the_client(client: Client) -> None:
    assert repr(client) == f"Client(base_url='{BASE}')"
    assert repr(ApiKey(KEY)) == "ApiKey(hidden)"


@pytest.mark.parametrize("key", ["a b", "a\nb", "schlüssel", "\x7f", "a\x00b"])  # requests would print these
def test_key_that_fits_no_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match="printable ASCII") as caught:
        Client(BASE, key)

    assert key not in str(caught.value)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8), st.text(), st.text())
def test_long_key_is_hidden_wherever_it_stands(key: str, before: str, after: str) -> None:
    assert key not in ApiKey(key).hidden(f"{before}{key}{after}").replace("[key]", "\n")


@pytest.mark.parametrize(
    ("text", "shown"), [("bad key 'e'", "bad key '[key]'"), ("everything else", "everything else"), ("e", "[key]")]
)
def test_short_key_is_hidden_as_a_word_only(text: str, shown: str) -> None:
    assert ApiKey("e").hidden(text) == shown


@pytest.mark.parametrize("output", [OUTPUT, f"{BASE}/outputs/image.png"])
def test_key_never_goes_to_the_output_host_even_where_that_is_the_api(
    output: str, client: Client, api: FakeApi, tmp_path: Path
) -> None:
    api.script = [Reply(200, {**DONE, "output": output}), Reply(200, PNG, {"Content-Type": "image/png"})]

    client.download(client.get(ID), tmp_path / "image.png")

    assert KEY in str(api.sent[0].request.headers)
    assert KEY not in str(api.sent[1].request.headers) + str(api.sent[1].request.url)


def test_credentials_of_the_session_do_not_go_to_the_output_host_either(api: FakeApi, tmp_path: Path) -> None:
    client = client_of(api)
    client._session.headers.update({"x-api-key": KEY, "Authorization": f"Bearer {KEY}"})
    client._session.auth = ("user", KEY)
    api.script = [Reply(200, PNG, {"Content-Type": "image/png"})]

    client.download(OUTPUT, tmp_path / "image.png")

    headers = api.sent[0].request.headers
    assert ("X-API-Key" in headers, "Authorization" in headers) == (False, False)


def test_key_is_in_no_url(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, RUNNING), Reply(200, DONE)]

    client.generate("m", {})

    assert not [line for line in api.lines if KEY in line]
