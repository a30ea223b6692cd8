"""Reads the body of a create request: checks that it is strict JSON, then the fields and their types."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from eachlabs_mock.core import ApiError
from eachlabs_mock.schema import INTEGERS, json_type

MAX_NESTING = 64

SMALL_BODY = 32 * 1024
"""Bytes of a body that is checked without delay. Checking a hostile megabyte takes about 60 milliseconds, so larger
bodies are checked one at a time."""

_MOST_DIGITS = 20  # of a legal integer, including its sign
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~-]+)(:[0-9]{0,5})?")
_LONG = 19  # digits in a row that may exceed 64 bits
_LONG_DIGITS = re.compile(rb"[0-9]{%d}" % _LONG)
_HARMLESS = bytes(set(range(256)) - set(b"0123456789[{"))


class Submission(NamedTuple):
    """A well-formed create request; its input is not yet validated against the schema of its model.

    :param webhook_url: absolute http or https URL; empty: no webhook.
    """

    model: str
    input: dict[str, Any]
    webhook_url: str


def parse_json(raw: bytes) -> object:
    """Return the value of *raw*, which must be strict JSON: no NaN, no BOM, valid UTF-8, no lone surrogates.

    :raises ApiError: *raw* is not strict JSON, an integer exceeds 64 bits, or the nesting is deeper than 64 levels.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError("malformed_json", f"The body is not valid JSON: {error}.") from None
    if len(raw.translate(None, _HARMLESS)) >= _LONG:  # else neither limit can be exceeded
        _check_depths(raw, value)
    return value


def read_submission(document: object) -> Submission:
    """Return the create request in *document*.

    :raises ApiError: fields are missing or have the wrong type; the text names all of them.
    """
    if not isinstance(document, dict):
        raise ApiError("invalid_body", f"The body must be a JSON object, not {json_type(document)}.")
    problems = _model_problems(document) + _input_problems(document) + _webhook_problems(document)
    if problems:
        raise ApiError("invalid_body", " ".join(problems))
    return Submission(document["model"], document["input"], document.get("webhook_url") or "")


def _model_problems(document: Mapping[str, Any]) -> list[str]:
    match document.get("model"):
        case str(model) if model:
            return []
        case None if "model" not in document:
            return ['model: required; send the slug of a model such as "qwen-image".']
        case "":
            return ['model: must be the slug of a model such as "qwen-image", not empty.']
        case other:
            return [f'model: must be a string such as "qwen-image", not {json_type(other)}.']


def _input_problems(document: Mapping[str, Any]) -> list[str]:
    if "input" not in document:
        return ['input: required; send an object such as {"prompt": "a red bicycle"}.']
    if not isinstance(document["input"], dict):
        return [f'input: must be an object such as {{"prompt": "a red bicycle"}}, not {json_type(document["input"])}.']
    return []


def _webhook_problems(document: Mapping[str, Any]) -> list[str]:
    url = document.get("webhook_url")
    if url is None or url == "":
        return []
    if not isinstance(url, str):
        return [f"webhook_url: must be a string, not {json_type(url)}."]
    if not _is_absolute_http(url):
        return [f"webhook_url: must be an absolute http or https URL, or empty for none, not {url[:200]!r}."]
    return []


def _is_absolute_http(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        port_is_legal = parts.port is None or parts.port > 0
    except ValueError:  # a port that is not a number or too large, or unbalanced brackets
        return False
    is_host = _HOST.fullmatch(parts.netloc.rpartition("@")[2]) is not None
    return parts.scheme in {"http", "https"} and is_host and port_is_legal


def _check_depths(raw: bytes, value: object) -> None:
    if raw.count(b"[") + raw.count(b"{") > MAX_NESTING:
        _check_nesting(value)
    if _LONG_DIGITS.search(raw):  # orjson silently reads an integer of more than 64 bits as a float
        json.loads(raw, parse_int=_checked_integer)


def _check_nesting(value: object) -> None:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return
    raise ApiError("malformed_json", f"The body is nested deeper than {MAX_NESTING} levels.")


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _checked_integer(digits: str) -> int:
    # int() raises for thousands of digits, so the length is checked first.
    if len(digits) > _MOST_DIGITS or int(digits) not in INTEGERS:
        raise ApiError("malformed_json", f"The integer {digits[:40]} is outside -2^63 to 2^64-1.")
    return int(digits)
