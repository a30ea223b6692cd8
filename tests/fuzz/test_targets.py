"""The targets of `make fuzz`, for a moment each: on what they begin with, on that changed, and on any bytes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.command import main
from fuzz.source import Source
from fuzz.targets import TARGETS, seeds

ROOT = Path(__file__).parent.parent

TRIES = max(20, settings.get_profile(settings.get_current_profile_name()).max_examples)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_what_is_documented_comes_of_any_input(name: str) -> None:
    begun = list(seeds(name))
    spliced = st.tuples(st.sampled_from(begun), st.integers(0, 5000), st.integers(0, 20), st.binary(max_size=20)).map(
        lambda it: it[0][: it[1]] + it[3] + it[0][it[1] + it[2] :]
    )

    @settings(max_examples=TRIES)
    @given(st.sampled_from(begun) | spliced | st.binary(max_size=400))
    def try_it(data: bytes) -> None:
        TARGETS[name](data)

    try_it()


@given(st.binary(max_size=200))
def test_the_same_bytes_decide_the_same(data: bytes) -> None:
    document = {"a": [1, {"b": None}], "c": "text"}

    assert repr(Source(data).edited(document)) == repr(Source(data).edited(document))
    assert document == {"a": [1, {"b": None}], "c": "text"}


def test_whoever_has_no_bytes_left_decides_all_the_same() -> None:
    source = Source(b"")

    assert (source.number(7), source.choice("ab"), source.text(), source.rest) == (0, "a", "", b"")


def test_an_unknown_target_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["wrods"])

    assert ended.value.code == 2
    assert "no such target: wrods; there are: submission, address, words" in capsys.readouterr().err
