"""What `make audit` concludes: silence is no good news."""

import json
from typing import Any

import pytest

from security.audit import verdict


def told(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def package(name: str, *vulns: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": list(vulns)}


def skipped(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": f"Dependency not found on the index and could not be audited: {name}"}


HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": "long"}


def test_packages_without_a_known_hole_are_sound() -> None:
    assert verdict(told(package("a"), package("b")), "No known vulnerabilities found") == (
        0,
        ["audit: no known holes in 2 packages"],
    )


def test_a_hole_is_told_with_what_mends_it() -> None:
    assert verdict(told(package("a", HOLE), package("b")), "") == (
        1,
        ["a 1.0: PYSEC-2026-1, mended in: 1.1, 2.0", "audit: 1 known hole in 2 packages"],
    )


def test_a_hole_that_nothing_mends_says_so() -> None:
    assert verdict(told(package("a", {**HOLE, "fix_versions": []})), "")[1][0].endswith("mended in: no release yet")


@pytest.mark.parametrize("packages", [(skipped("a"), skipped("b")), (package("a"), skipped("b")), ()])
def test_what_could_not_be_asked_for_is_no_success(packages: tuple[dict[str, Any], ...]) -> None:
    code, lines = verdict(told(*packages), "No known vulnerabilities found")

    assert code == 3
    assert "could not be asked for" in lines[0]


def test_a_hole_outweighs_what_could_not_be_asked_for() -> None:
    assert verdict(told(package("a", HOLE), skipped("b")), "")[0] == 1


@pytest.mark.parametrize(
    ("err", "reason"),
    [
        ("Traceback (most recent call last):\n  File ...\nConnectionError: no route", "ConnectionError: no route"),
        ("", "it said nothing"),
        ("x" * 900, "x" * 200),
    ],
)
def test_a_service_that_cannot_be_reached_is_one_line_and_no_traceback(err: str, reason: str) -> None:
    assert verdict("", err) == (3, [f"audit: the advisory service could not be asked: {reason}"])
