"""A request as it comes from a WSGI environment."""

from io import BytesIO
from typing import Any

import pytest

from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.web.call import Call

MIB = 1024 * 1024


def call(body: bytes = b"{}", /, **environ: Any) -> Call:
    usual = {
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "SERVER_NAME": "0.0.0.0",
        "SERVER_PORT": "8780",
        "CONTENT_LENGTH": str(len(body)),
    }
    return Call({**usual, **environ})


@pytest.mark.parametrize(
    ("environ", "keys"),
    [
        ({}, ("", "")),
        ({"HTTP_X_API_KEY": "k"}, ("k", "")),
        ({"HTTP_AUTHORIZATION": "Bearer k"}, ("", "k")),
        ({"HTTP_AUTHORIZATION": "bearer k"}, ("", "k")),
        ({"HTTP_AUTHORIZATION": "BEARER  k "}, ("", "k")),
        ({"HTTP_AUTHORIZATION": "Bearer"}, ("", "")),
        ({"HTTP_AUTHORIZATION": "Basic k"}, ("", "")),
        ({"HTTP_AUTHORIZATION": "k"}, ("", "")),
        ({"HTTP_X_API_KEY": "a", "HTTP_AUTHORIZATION": "Bearer b"}, ("a", "b")),
    ],
)
def test_each_carrier_shows_its_key(environ: dict[str, str], keys: tuple[str, str]) -> None:
    assert call(**environ).keys == keys


@pytest.mark.parametrize("sent", ["a", "A-1.b_c:d", "x" * 128])
def test_a_sane_request_id_is_echoed(sent: str) -> None:
    assert call(HTTP_X_REQUEST_ID=sent).sent_request_id == sent


@pytest.mark.parametrize("sent", ["", "x" * 129, "a b", "a\r\nX-Evil: 1", "é", "<script>", "a\n"])
def test_any_other_request_id_is_not(sent: str) -> None:
    assert call(HTTP_X_REQUEST_ID=sent).sent_request_id == ""


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({"HTTP_HOST": "127.0.0.1:8780"}, "http://127.0.0.1:8780"),
        ({"HTTP_HOST": "[::1]:8780"}, "http://[::1]:8780"),
        ({"HTTP_HOST": "emulator.test", "wsgi.url_scheme": "https"}, "https://emulator.test"),
        ({}, "http://0.0.0.0:8780"),
        ({"HTTP_HOST": ""}, "http://0.0.0.0:8780"),
        ({"HTTP_HOST": "evil.test/path"}, "http://0.0.0.0:8780"),
        ({"HTTP_HOST": "user@evil.test"}, "http://0.0.0.0:8780"),
        ({"HTTP_HOST": "a\nb"}, "http://0.0.0.0:8780"),
        ({"HTTP_HOST": "x" * 256}, "http://0.0.0.0:8780"),
    ],
)
def test_outputs_are_addressed_as_the_caller_addressed_us(environ: dict[str, str], base: str) -> None:
    assert call(**environ).public_base == base


@pytest.mark.parametrize(("sent", "scenario"), [(None, ""), ("fail", "fail"), (" stuck ", "stuck")])
def test_a_header_may_ask_for_a_scenario(sent: str | None, scenario: str) -> None:
    environ = {} if sent is None else {"HTTP_X_MOCK_FAULT": sent}

    assert call(**environ).requested_fault == scenario


@pytest.mark.parametrize(("environ", "name"), [({}, ""), ({"HTTP_X_MOCK_WORLD": "team-a"}, "team-a")])
def test_a_header_may_ask_for_a_world(environ: dict[str, str], name: str) -> None:
    assert call(**environ).world_name == name


@pytest.mark.parametrize("length", [0, 1, MIB])
def test_a_body_up_to_a_mebibyte_is_read(length: int) -> None:
    assert call(b"x" * length).json_body() == b"x" * length


@pytest.mark.parametrize("length", [0, 1, MIB])
@pytest.mark.parametrize("declared", ["", "-1", "many"])
def test_a_body_of_undeclared_length_is_read_to_its_end(length: int, declared: str) -> None:
    assert call(b"x" * length, CONTENT_LENGTH=declared).json_body() == b"x" * length


@pytest.mark.parametrize("declared", [str(MIB + 1), "9" * 5_000, ""])
def test_a_longer_body_is_refused(declared: str) -> None:
    with pytest.raises(ApiError, match="1048576") as caught:
        call(b"x" * (MIB + 1), CONTENT_LENGTH=declared).json_body()

    assert caught.value.refusal.key == "body_too_large"


def test_a_body_declared_too_long_is_not_even_read() -> None:
    body = BytesIO(b"x" * 10)

    with pytest.raises(ApiError):
        call(CONTENT_LENGTH=str(MIB + 1), **{"wsgi.input": body}).json_body()

    assert body.tell() == 0


@pytest.mark.parametrize("come", [b"", b"{", b"{}"])
def test_a_body_that_ends_before_its_length_is_refused(come: bytes) -> None:
    with pytest.raises(ApiError, match="shorter than its Content-Length, which is 10") as caught:
        call(come, CONTENT_LENGTH="10").json_body()

    assert caught.value.refusal.key == "malformed_json"


def test_of_an_endless_body_a_little_over_a_mebibyte_is_read() -> None:
    body = BytesIO(b"x" * 5 * MIB)

    with pytest.raises(ApiError):
        call(CONTENT_LENGTH="", **{"wsgi.input": body}).json_body()

    assert body.tell() == MIB + 1


@pytest.mark.parametrize(
    "declared", ["", "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x"]
)
def test_json_and_nothing_declared_are_let_pass(declared: str) -> None:
    assert call(CONTENT_TYPE=declared).json_body() == b"{}"


@pytest.mark.parametrize(
    "declared",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "json"],
)
def test_another_content_type_is_refused_with_the_right_one(declared: str) -> None:
    with pytest.raises(ApiError, match="must be application/json") as caught:
        call(CONTENT_TYPE=declared).json_body()

    assert caught.value.refusal.key == "wrong_content_type"
    assert declared in caught.value.details


def test_a_body_too_long_is_refused_before_its_content_type() -> None:
    with pytest.raises(ApiError) as caught:
        call(CONTENT_TYPE="text/plain", CONTENT_LENGTH=str(MIB + 1)).json_body()

    assert caught.value.refusal.key == "body_too_large"
