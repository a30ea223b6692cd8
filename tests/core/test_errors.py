"""The table of refusals, row by row."""

from typing import Any

import pytest

from eachlabs_mock.core.errors import REFUSALS, ApiError

STATUSES = {
    "bad_request": 400,
    "malformed_json": 400,
    "invalid_body": 400,
    "invalid_input": 400,
    "wrong_content_type": 400,
    "unauthorized": 401,
    "unknown_model": 404,
    "unknown_prediction": 404,
    "unknown_output": 404,
    "unknown_route": 404,
    "wrong_method": 405,
    "body_too_large": 413,
    "unsatisfiable_range": 416,
    "rate_limited": 429,
    "too_many_in_flight": 429,
    "store_full": 429,
    "server_error": 500,
    "store_unwritable": 500,
}


def test_every_refusal_has_its_documented_status() -> None:
    assert {key: row.status for key, row in REFUSALS.items()} == STATUSES


@pytest.mark.parametrize("key", STATUSES)
def test_every_row_has_its_key_a_message_and_a_source(key: str) -> None:
    row = REFUSALS[key]

    assert row.key == key
    assert row.message
    assert row.source


def test_only_a_500_leaves_open_whether_work_was_done() -> None:
    assert [key for key, row in REFUSALS.items() if not row.definite] == ["server_error", "store_unwritable"]


def test_the_table_cannot_be_changed() -> None:
    table: Any = REFUSALS

    with pytest.raises(TypeError, match="item assignment"):
        table["teapot"] = REFUSALS["bad_request"]


def test_an_error_is_a_row_with_details() -> None:
    error = ApiError("rate_limited", "Too fast.", wait=5, headers=(("Allow", "GET"),))

    assert (error.refusal, error.details, error.wait) == (REFUSALS["rate_limited"], "Too fast.", 5)
    assert error.headers == (("Allow", "GET"),)
    assert str(error) == "Too fast."


def test_an_error_has_no_wait_by_default() -> None:
    error = ApiError("invalid_body", "No.")

    assert (error.wait, error.headers) == (None, ())


def test_a_row_that_is_not_in_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        ApiError("teapot", "I am one.")
