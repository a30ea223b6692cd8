"""The tree of errors: complete, and the statuses mapped onto it."""

import pickle
import re

import pytest

import eachlabs_client
from eachlabs_client import errors
from eachlabs_client.errors import BY_STATUS, EachlabsError, class_for

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, EachlabsError)]

NAMED = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "PaymentRequiredError",
    403: "AuthenticationError",
    404: "NotFoundError",
    413: "TooLargeError",
    422: "BadRequestError",
    429: "RateLimitError",
}
DEFINITE = {
    "ConfigurationError",
    "NotSentError",
    "RefusedError",
    "BadRequestError",
    "AuthenticationError",
    "PaymentRequiredError",
    "NotFoundError",
    "TooLargeError",
    "RateLimitError",
}


def expected_class(status: int) -> str:
    families = {3: "RedirectError", 4: "RefusedError", 5: "ServerError"}
    return NAMED.get(status, families.get(status // 100, "UnreadableAnswerError"))


def test_every_status_has_its_class() -> None:
    statuses = [*range(200), *range(300, 1000)]

    assert {status: class_for(status).__name__ for status in statuses} == {
        status: expected_class(status) for status in statuses
    }


def test_no_status_is_mapped_that_the_table_does_not_name() -> None:
    assert {status: kind.__name__ for status, kind in BY_STATUS.items()} == NAMED


@pytest.mark.parametrize("kind", CLASSES)
def test_only_errors_that_exclude_work_are_definite(kind: type[EachlabsError]) -> None:
    assert kind("x").definite == (kind.__name__ in DEFINITE)


@pytest.mark.parametrize(
    ("kind", "tries"), [("RateLimitError", 10), ("ServerError", 4), ("NotSentError", 4), ("BadRequestError", 1)]
)
def test_tries_are_bounded(kind: str, tries: int) -> None:
    assert getattr(errors, kind).tries == tries


def test_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"^([│├└─ ]*)(\w+(?:Error|Exceeded|Failed))\b", errors.__doc__ or "", re.MULTILINE)
    depths = {name: len(indent) // 4 for indent, name in drawn}

    assert depths == {kind.__name__: len(kind.__mro__) - len(EachlabsError.__mro__) for kind in CLASSES}


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_public(kind: type[EachlabsError]) -> None:
    assert getattr(eachlabs_client, kind.__name__) is kind
    assert kind.__name__ in eachlabs_client.__all__


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_survives_pickling(kind: type[EachlabsError]) -> None:
    error = kind("No", details="Because", status=429, retry_after=3.0, request_id="r", prediction_id="p", definite=True)

    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)  # noqa: S301  # our own bytes


def test_text_holds_message_details_and_what_finds_the_request() -> None:
    error = EachlabsError("No", details="Because", status=400, request_id="r-1")

    assert str(error) == "No: Because [HTTP 400, request r-1]"


def test_text_of_a_bare_error_is_its_message() -> None:
    assert str(EachlabsError("No")) == "No"


def test_details_that_repeat_the_message_are_said_once() -> None:
    assert str(EachlabsError("No", details="No")) == "No"
