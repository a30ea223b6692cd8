"""Random draws by name: equal on every machine and in any order, and evenly distributed."""

import re
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core import chance
from eachlabs_mock.core.chance import draw, draw_bytes, draw_integer, draw_log_normal, draw_uuid, fresh_seed

SEEDS = st.integers(0, 2**64)
NAMES = st.lists(st.text(max_size=5) | st.integers(), max_size=3)


def test_draws_are_the_same_in_every_release() -> None:
    assert draw_bytes(7, "key-1", "prediction", 1).hex() == "d658e5bfceefcde239357e0f88b40a6d"


def test_numbers_are_the_same_in_every_release() -> None:
    assert draw(7, "key-1", "prediction", 1) == 0.8372939675600143


def test_whole_numbers_are_the_same_in_every_release() -> None:
    assert draw_integer(7, "key-1", "image seed", 1, below=2**31) == 1269867052


def test_log_normal_numbers_are_the_same_in_every_release() -> None:
    assert draw_log_normal(7, "duration", median=17.0, sigma=0.25) == pytest.approx(8.003928866293997, rel=1e-12)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("key-1", "prediction", 1), "d658e5bf-ceef-4de2-b935-7e0f88b40a6d"),
        (("key-1", "prediction", 2), "766a6cab-0316-46ab-a2e4-b8b93d72b77d"),
        (("request", 1), "d60007ce-7be0-418f-a96c-78d8770ad2fe"),
    ],
)
def test_ids_are_the_same_in_every_release(names: tuple[str | int, ...], text: str) -> None:
    assert draw_uuid(7, *names) == text


@given(SEEDS, NAMES, st.lists(st.tuples(SEEDS, NAMES), max_size=3))
def test_a_draw_does_not_depend_on_other_draws(
    seed: int, names: list[str | int], others: list[tuple[int, list[str]]]
) -> None:
    alone = draw(seed, *names)

    for other_seed, other_names in others:
        draw(other_seed, *other_names)

    assert draw(seed, *names) == alone


@given(SEEDS, NAMES)
def test_numbers_lie_between_0_and_1(seed: int, names: list[str | int]) -> None:
    assert 0 <= draw(seed, *names) < 1


def test_even_the_last_of_all_draws_stays_under_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "draw_bytes", lambda *_: b"\xff" * 16)

    assert draw(0) < 1


def test_numbers_spread_evenly() -> None:
    drawn = [draw(7, "spread", n) for n in range(10_000)]

    assert fmean(drawn) == pytest.approx(0.5, abs=0.02)
    assert fmean(each < 0.1 for each in drawn) == pytest.approx(0.1, abs=0.01)


@given(SEEDS, NAMES, st.integers(1, 2**64))
def test_whole_numbers_stay_below_their_bound(seed: int, names: list[str | int], below: int) -> None:
    assert 0 <= draw_integer(seed, *names, below=below) < below


def test_every_whole_number_below_the_bound_comes_up() -> None:
    assert {draw_integer(7, "die", n, below=6) for n in range(200)} == {0, 1, 2, 3, 4, 5}


@given(SEEDS, NAMES)
def test_ids_have_the_form_of_a_version_4_uuid(seed: int, names: list[str | int]) -> None:
    form = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    assert re.fullmatch(form, draw_uuid(seed, *names))


def test_all_four_variant_digits_come_up() -> None:
    assert {draw_uuid(7, n)[19] for n in range(100)} == set("89ab")


def test_ten_thousand_ids_differ() -> None:
    assert len({draw_uuid(7, "prediction", n) for n in range(10_000)}) == 10_000


@pytest.mark.parametrize("other", [(8, "a", "b"), (7, "a", "c"), (7, "b", "a"), (7, "ab"), (7, "a"), (7, "a", "b", "")])
def test_another_seed_or_name_draws_another_number(other: tuple[int, ...]) -> None:
    assert draw(*other) != draw(7, "a", "b")


def test_names_need_not_be_encodable() -> None:
    assert draw(7, "\ud800") != draw(7, "\ud801")


def test_log_normal_numbers_have_their_median_and_spread() -> None:
    drawn = sorted(draw_log_normal(7, n, median=17.0, sigma=0.25) for n in range(4001))

    assert median(drawn) == pytest.approx(17, rel=0.02)
    assert drawn[636] == pytest.approx(17 * 0.7788, rel=0.03)  # one sigma below: exp(-0.25), at the 15.9th percentile
    assert drawn[3365] == pytest.approx(17 * 1.2840, rel=0.03)


def test_log_normal_numbers_without_spread_are_their_median() -> None:
    assert draw_log_normal(7, "flat", median=3.0, sigma=0.0) == 3


def test_fresh_seeds_differ_and_can_be_read_aloud() -> None:
    seeds = {fresh_seed() for _ in range(20)}

    assert len(seeds) > 1
    assert all(0 <= each <= 999_999_999 for each in seeds)


@given(SEEDS, NAMES, st.integers(1, 1000))
def test_draws_of_a_chance_stay_within_their_bounds(seed: int, names: list[str | int], count: int) -> None:
    one = chance.Chance(seed, tuple(names))

    assert 0 <= one.below(count, "name") < count
    assert -1 <= one.between(-1, 2, "name") < 2
