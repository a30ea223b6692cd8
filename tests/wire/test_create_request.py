"""The body of a create request: strict JSON, and its fields."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.schema import INTEGERS, json_type
from eachlabs_mock.wire.create_request import Submission, parse_json, read_submission

GOOD: dict[str, Any] = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}}
ABSENT = object()

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(INTEGERS[0], INTEGERS[-1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


def refusal_of_json(raw: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse_json(raw)
    return caught.value


def refusal_of(**fields: Any) -> str:
    """Return why a good body is refused once *fields* are changed (or left out, if ABSENT)."""
    document = {name: value for name, value in {**GOOD, **fields}.items() if value is not ABSENT}
    with pytest.raises(ApiError) as caught:
        read_submission(document)
    assert caught.value.refusal.key == "invalid_body"
    return caught.value.details


def nested(depth: int, opening: str = "[", closing: str = "]", leaf: str = "") -> bytes:
    return (opening * depth + leaf + closing * depth).encode()


@given(VALUES, st.booleans())
def test_all_json_within_bounds_is_read_unchanged(value: object, ensure_ascii: bool) -> None:  # noqa: FBT001  # drawn
    assert parse_json(json.dumps(value, ensure_ascii=ensure_ascii).encode()) == value


def verdict(read: Callable[[Any], object], given: object) -> str:
    """Return the key of the refusal that *read* ends in, or "read"; anything else it raises is a defect."""
    try:
        read(given)
    except ApiError as error:
        return error.refusal.key if error.details else "refused without a word"
    return "read"


@given(st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_are_read_or_refused_and_nothing_else(raw: bytes) -> None:
    assert verdict(parse_json, raw) in {"read", "malformed_json"}


@given(VALUES | st.dictionaries(st.sampled_from(["model", "input", "webhook_url", "version"]), VALUES))
def test_any_json_is_a_submission_or_refused_and_nothing_else(value: object) -> None:
    assert verdict(read_submission, value) in {"read", "invalid_body"}


@given(st.text())
def test_any_text_is_a_webhook_or_refused_and_nothing_else(text: str) -> None:
    assert verdict(read_submission, {**GOOD, "webhook_url": f"http://{text}"}) in {"read", "invalid_body"}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" ", id="a blank"),
        pytest.param(b"{", id="an object that does not close"),
        pytest.param(b'{"a":1,}', id="a trailing comma"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b"{a:1}", id="a name without quotes"),
        pytest.param(b"{} {}", id="two values"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":-Infinity}', id="-Infinity"),
        pytest.param(b"1e400", id="a number beyond every float"),
        pytest.param(b"01", id="a leading zero"),
        pytest.param(b"+1", id="a plus sign"),
        pytest.param(b"True", id="a boolean of Python"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param(b'"\xff"', id="invalid UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="a surrogate in UTF-8"),
        pytest.param(b'"\\ud800"', id="a lone high surrogate"),
        pytest.param(b'"\\udc00"', id="a lone low surrogate"),
        pytest.param(b'"\\ud800\\ud800"', id="two high surrogates"),
        pytest.param(b'"\n"', id="a line break in a string"),
        pytest.param(b"// note\n{}", id="a comment"),
        pytest.param("{}".encode("utf-16"), id="UTF-16"),
        pytest.param(b"a=1&b=2", id="a form"),
    ],
)
def test_json_that_is_not_strict_is_malformed(raw: bytes) -> None:
    error = refusal_of_json(raw)

    assert (error.refusal.key, error.refusal.status) == ("malformed_json", 400)
    assert error.details.startswith("The body is not valid JSON: ")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b" \r\n\t{} ", {}),
        (b"null", None),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\u0000"', "\0"),
        ('"é"'.encode(), "é"),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b"1e5", 100_000.0),
        (b"-0", 0),
        (b"0.30000000000000004", 0.1 + 0.2),
    ],
)
def test_the_legal_neighbours_of_malformed_json_are_read(raw: bytes, value: object) -> None:
    assert parse_json(raw) == value


@pytest.mark.parametrize("integer", [-(2**63), -(2**63) + 1, 2**63 - 1, 2**63, 2**64 - 1, 10**18, -(10**18)])
def test_integers_of_64_bits_are_exact(integer: int) -> None:
    assert parse_json(b'{"seed":%d}' % integer) == {"seed": integer}


@pytest.mark.parametrize("integer", [-(2**63) - 1, 2**64, 10**20, -(10**20), 10**40, 10**299])
@pytest.mark.parametrize("around", [b"%d", b"[1,%d]", b'{"input":{"seed":%d}}'])
def test_an_integer_beyond_64_bits_is_refused(integer: int, around: bytes) -> None:
    error = refusal_of_json(around % integer)

    assert error.refusal.key == "malformed_json"
    assert "is outside -2^63 to 2^64-1" in error.details
    assert len(error.details) < 100


def test_thousands_of_digits_are_refused_and_not_computed() -> None:
    assert refusal_of_json(b"9" * 100_000).refusal.key == "malformed_json"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'"99999999999999999999999"', "99999999999999999999999"),
        (b"1.0000000000000000000000001", 1.0),
        (b"0.00000000000000000000001", 1e-23),
        (b"100000000000000000000.0", 1e20),
        (b"1E30", 1e30),
        (b'{"99999999999999999999999":1}', {"99999999999999999999999": 1}),
    ],
)
def test_long_digits_that_are_no_integer_are_read(raw: bytes, value: object) -> None:
    assert parse_json(raw) == value


@pytest.mark.parametrize(
    ("opening", "closing", "leaf"),
    [
        ("[", "]", ""),
        ("[", "]", "1"),
        ('{"a":', "}", "{}"),
        ('{"a":', "}", "1"),
        ('[{"a":', "}]", "1"),
        ("[1,", "]", "1"),
    ],
)
def test_64_levels_are_read_and_65_are_not(opening: str, closing: str, leaf: str) -> None:
    levels = opening.count("[") + opening.count("{")
    inner = leaf.count("{")
    deepest = (64 - inner) // levels

    parse_json(nested(deepest, opening, closing, leaf))

    assert "deeper than 64" in refusal_of_json(nested(deepest + 1, opening, closing, leaf)).details


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
def test_absurd_nesting_is_refused(depth: int) -> None:
    assert refusal_of_json(nested(depth)).refusal.key == "malformed_json"
    assert refusal_of_json(b"[" * depth).refusal.key == "malformed_json"


@pytest.mark.parametrize("raw", [b"[" + b"[]," * 1_000 + b"[]]", b'"' + b"[" * 1_000 + b'"'])
def test_many_brackets_that_are_not_deep_are_read(raw: bytes) -> None:
    assert parse_json(raw) == json.loads(raw)


def test_a_submission_is_model_input_and_no_webhook() -> None:
    assert read_submission(GOOD) == Submission("qwen-image", {"prompt": "a red bicycle"}, "")


def test_other_fields_are_ignored() -> None:
    others = {"version": 7, "webhook_secret": "s", "whatever": None}

    assert read_submission({**GOOD, **others}) == read_submission(GOOD)


@pytest.mark.parametrize(
    ("document", "kind"),
    [([], "an array"), ("{}", "a string"), (1, "a number"), (1.5, "a number"), (True, "a boolean"), (None, "null")],
)
def test_a_body_that_is_no_object_is_refused(document: object, kind: str) -> None:
    with pytest.raises(ApiError, match=f"must be a JSON object, not {kind}"):
        read_submission(document)


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (ABSENT, "model: required"),
        ("", "not empty"),
        (None, 'model: must be a string such as "qwen-image", not null'),
        (7, 'model: must be a string such as "qwen-image", not a number'),
        (["qwen-image"], 'model: must be a string such as "qwen-image", not an array'),
        ({}, 'model: must be a string such as "qwen-image", not an object'),
        (False, 'model: must be a string such as "qwen-image", not a boolean'),
    ],
)
def test_a_model_that_is_no_slug_is_refused_with_an_example(model: object, complaint: str) -> None:
    assert complaint in refusal_of(model=model)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (ABSENT, "input: required"),
        (None, "not null"),
        ([], "not an array"),
        ("{}", "not a string"),
        (0, "not a number"),
        (True, "not a boolean"),
    ],
)
def test_an_input_that_is_no_object_is_refused_with_an_example(given: object, complaint: str) -> None:
    refusal = refusal_of(input=given)

    assert complaint in refusal
    assert '{"prompt": "a red bicycle"}' in refusal


def test_an_empty_input_is_for_the_model_to_judge() -> None:
    assert read_submission({**GOOD, "input": {}}).input == {}


@pytest.mark.parametrize("url", [None, ""])
def test_an_empty_webhook_is_none(url: str | None) -> None:
    assert read_submission({**GOOD, "webhook_url": url}).webhook_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/hook",
        "https://example.com",
        "HTTPS://EXAMPLE.COM/Hook?x=1#y",
        "http://user:password@example.com/",
        "http://[::1]:9000/hook",
        "http://example.com:65535/",
        "http://example.com:/",
        "http://localhost",
        "http://bücher.example/é",
    ],
)
def test_an_absolute_http_url_is_a_webhook(url: str) -> None:
    assert read_submission({**GOOD, "webhook_url": url}).webhook_url == url


@pytest.mark.parametrize(
    "url",
    [
        "example.com/hook",
        "/hook",
        "//example.com/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:",
        "http://",
        "http:///hook",
        "http://:80/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:port/",
        "http://example.com:-1/",
        "http://[::1/",
        "http://exa mple.com/",
        "http://example.com/a b",
        " http://example.com/",
        "http://example.com/\n",
        "http://example.com/\r\nX-Evil: 1",
        "http://example.com/\x00",
        "http://example.com/\u2028",
    ],
)
def test_any_other_text_is_no_webhook(url: str) -> None:
    assert "webhook_url: must be an absolute http or https URL, or empty for none" in refusal_of(webhook_url=url)


@pytest.mark.parametrize(
    ("url", "kind"), [(7, "a number"), (False, "a boolean"), (0, "a number"), ([], "an array"), ({}, "an object")]
)
def test_a_webhook_that_is_no_text_is_refused(url: object, kind: str) -> None:
    assert f"webhook_url: must be a string, not {kind}." in refusal_of(webhook_url=url)


def test_a_long_wrong_webhook_is_shortened() -> None:
    assert len(refusal_of(webhook_url="x" * 100_000)) < 400


def test_all_problems_are_named_at_once() -> None:
    refusal = refusal_of(model=7, input=ABSENT, webhook_url="nowhere")

    assert [name for name in ("model:", "input:", "webhook_url:") if name not in refusal] == []


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("", "a string"),
        (True, "a boolean"),
        (1, "a number"),
        (1.0, "a number"),
        ([], "an array"),
        ({}, "an object"),
        (None, "null"),
    ],
)
def test_types_are_called_what_json_calls_them(value: object, name: str) -> None:
    assert json_type(value) == name
