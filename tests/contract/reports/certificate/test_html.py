"""The pages of a certification in a browser: quiet, on their own, fit for a telephone, readable in any light."""

import itertools
from collections.abc import Iterator

import pytest

from eachlabs_contract.reports.folder import prepare_folder, write_certificates
from helpers.browser import Browser, Sight, browsing
from helpers.certified import NASTY, certificate

pytestmark = pytest.mark.slow

PAGES = (
    "index.html",
    "cells/1-transport.hang.html",
    "cells/2-limits.poll.html",
    "cells/1-hygiene.silence.html",
    "cells/1-flow.happy.html",
)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def sights(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Sight]:
    written = tmp_path_factory.mktemp("report")
    programs = (certificate(), certificate(NASTY, NASTY), certificate("a" * 60, "b" * 600))
    prepare_folder(written, "cells")
    write_certificates(programs, written)
    return {
        (page, scheme): browser.look((written / page).as_uri(), scheme=scheme)
        for page, scheme in itertools.product(PAGES, SCHEMES)
    }


def test_console_stays_empty(sights: dict[tuple[str, str], Sight]) -> None:
    assert {each.complaints for each in sights.values()} == {()}


def test_page_asks_for_nothing(sights: dict[tuple[str, str], Sight]) -> None:
    assert {each.requests for each in sights.values()} == {()}


def test_page_fits_a_telephone(sights: dict[tuple[str, str], Sight]) -> None:
    assert {each.width for each in sights.values()} == {375}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", PAGES)
def test_text_stands_out(sights: dict[tuple[str, str], Sight], page: str, scheme: str) -> None:
    least, text = sights[page, scheme].contrast

    assert least >= 4.5, text
