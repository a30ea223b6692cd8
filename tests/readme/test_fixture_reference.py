"""The reference of the pytest fixtures names every field of every record, and no other."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
import requests

from eachlabs_mock.testing.world import MockWorld
from readme.documents import ROOT

PAGE = (ROOT / "mock_server" / "PYTEST.md").read_text()
HOOK = "https://my-app.test/hook"


def fields(section: str) -> set[str]:
    """Return the first column of the tables in *section*."""
    body = PAGE.split(f"\n### {section}\n")[1].split("\n### ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", body, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.fixture
def world(eachlabs_patched: MockWorld) -> MockWorld:
    """A world in which everything has happened that leaves a record."""
    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": HOOK}
    headers = {"X-API-Key": eachlabs_patched.api_key}
    eachlabs_patched.arm("latency", route="read")
    for _ in range(2):
        requests.post(f"{eachlabs_patched.base_url}/prediction/", json=body, headers=headers, timeout=10)
        eachlabs_patched.clock.advance(1.5)
    eachlabs_patched.clock.advance(1)
    return eachlabs_patched


@pytest.mark.parametrize(
    ("section", "records"),
    [
        ("predictions", lambda world: world.predictions),
        ("requests", lambda world: world.requests),
        ("pending", lambda world: world.clock.pending),
    ],
)
def test_the_fields_of_a_record_are_those_of_the_page(
    world: MockWorld, section: str, records: Callable[[MockWorld], list[Mapping[str, Any]]]
) -> None:
    assert keys(records(world)) == fields(section)


def test_the_fields_of_a_delivery_and_of_its_attempts_are_those_of_the_page(world: MockWorld) -> None:
    attempts = [attempt for delivery in world.deliveries for attempt in delivery["attempts"]]

    assert keys(world.deliveries) | keys(attempts) == fields("deliveries")


def test_the_fields_of_a_rule_are_those_of_the_page_besides_its_own_keys(world: MockWorld) -> None:
    own = {"seconds", "distribution", "spread", "route"}

    assert keys(world.faults) - own == fields("faults")


def keys(records: Iterable[Mapping[str, Any]]) -> set[str]:
    return {key for record in records for key in record}
