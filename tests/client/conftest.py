"""Fixtures of the client's tests."""

import pytest

from eachlabs_client import Client
from helpers.client_fakes import FakeApi, FakeClock, client_of


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EACHLABS_BASE_URL", raising=False)
    monkeypatch.delenv("EACHLABS_API_KEY", raising=False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> FakeApi:
    return FakeApi(clock)


@pytest.fixture
def client(api: FakeApi) -> Client:
    return client_of(api)
