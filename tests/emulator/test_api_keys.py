"""Which keys are good, by which carrier, and what is said to those that are not."""

import pytest

from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.emulator.api_keys import Access

OPEN = Access(())
LISTED = Access(("alpha", "beta"))


def advice(access: Access, *shown: str) -> str:
    with pytest.raises(ApiError) as caught:
        access.valid_key(shown)
    assert caught.value.refusal.key == "unauthorized"
    return caught.value.details


@pytest.mark.parametrize("key", ["YOUR_API_KEY", "x", "Invalid", "not-invalid", " "])
def test_any_key_is_good_by_default(key: str) -> None:
    assert OPEN.valid_key((key, "")) == key


@pytest.mark.parametrize(
    ("shown", "good"),
    [
        (("alpha", ""), "alpha"),
        (("", "beta"), "beta"),
        (("wrong", "beta"), "beta"),
        (("alpha", "wrong"), "alpha"),
        (("invalid", "beta"), "beta"),
        (("alpha", "beta"), "alpha"),
    ],
)
def test_one_good_key_is_enough_whichever_carrier_holds_it(shown: tuple[str, str], good: str) -> None:
    assert LISTED.valid_key(shown) == good


@pytest.mark.parametrize("key", ["gamma", "ALPHA", "alpha ", "alph", "alphabet"])
def test_only_listed_keys_are_good_where_there_is_a_list(key: str) -> None:
    assert "--api-key" in advice(LISTED, key, "")


@pytest.mark.parametrize("access", [OPEN, LISTED, Access(("invalid-but-listed",))])
@pytest.mark.parametrize("key", ["invalid", "invalid-but-listed", "invalidate"])
def test_a_key_that_starts_with_invalid_is_always_refused(access: Access, key: str) -> None:
    assert "starts with 'invalid'" in advice(access, key, "")


@pytest.mark.parametrize("access", [OPEN, LISTED])
def test_no_key_is_refused_with_how_to_send_one(access: Access) -> None:
    text = advice(access, "", "")

    assert text.startswith("No API key was sent.")
    assert "X-API-Key: KEY" in text
    assert "Authorization: Bearer KEY" in text


@pytest.mark.parametrize("key", ["my-secret-key", "invalid-secret-key"])
def test_a_refusal_never_repeats_the_key(key: str) -> None:
    assert "secret" not in advice(LISTED, key, "")
