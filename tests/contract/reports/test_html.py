"""The pages of a report in a browser: quiet, on their own, narrow enough for a telephone, and readable in any light."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eachlabs_contract.reports import html
from eachlabs_contract.reports.folder import prepare_folder, write_report
from helpers.browser import Browser, Sight, browsing, contrast
from helpers.verdicts import report

pytestmark = pytest.mark.slow

PAGES = ("index.html", "claims/parameters.ten.html", "claims/laws.nasty.html", "claims/envelope.key.html")
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def sights(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Sight]:
    written = tmp_path_factory.mktemp("report")
    prepare_folder(written, "claims")
    write_report(report(), written, {"parameters.ten": "Sends ten."})
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


def test_reader_who_prefers_dark_gets_it(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<style>p { color: #fff } @media (prefers-color-scheme: dark) { p { color: #000 } }</style><p>it")

    assert browser.look(page.as_uri(), scheme="light").contrast == (1, "it")
    assert browser.look(page.as_uri(), scheme="dark").contrast == (21, "it")


def test_browser_sees_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="nothing.png"><p style="width: 900px">wide<script>no.such.name</script>')

    sight = browser.look(page.as_uri())

    assert sight.requests == ((tmp_path / "nothing.png").as_uri(),)
    assert any("ReferenceError" in each for each in sight.complaints)
    assert sight.width > 375


# The same without a browser: the colours that are meant to stand on each other


def palette(scheme: str) -> dict[str, list[float]]:
    """Return the colours that the style names, as a reader who prefers *scheme* gets them."""
    style = (Path(html.__file__).parent / "templates" / "style.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    named = re.findall(r"--([\w-]+): #(\w{6});", light + (dark if scheme == "dark" else ""))
    return {name: [int(colour[at : at + 2], 16) for at in (0, 2, 4)] for name, colour in named}


INKS = ("ink", "soft", "link", "holds", "broken", "untried", "observed")
PAIRS = [
    *itertools.product(INKS, ("paper", "card")),
    *itertools.product(("ink", "soft"), ("code",)),
    *((each, f"{each}-tint") for each in ("holds", "broken", "untried", "observed")),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_colours_contrast(ink: str, paper: str, scheme: str) -> None:
    colours = palette(scheme)

    assert contrast(colours[ink], colours[paper]) >= 4.5


# The same of all pages


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(html.report_pages(report(), {}))


def test_page_names_no_address_but_the_servers(pages: dict[str, str]) -> None:
    addresses = {address for page in pages.values() for address in re.findall(r"https?://[^/\"'<\s]+", page)}

    assert addresses == {"http://127.0.0.1:8780"}


def test_page_runs_no_script_and_loads_nothing(pages: dict[str, str]) -> None:
    loading = r"<script|<img|<iframe|@import|url\(|\ssrc=|rel=\"stylesheet\""

    assert [re.findall(loading, page) for page in pages.values()] == [[]] * 9


def test_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for link in re.findall(r'<a href="([^"#]+)"', page):
            assert str((Path("/") / path).parent.joinpath(link).resolve())[1:] in pages


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`a` is <b>", "<code>a</code> is &lt;b&gt;"),
        ("either `<a>` or `b`", "either <code>&lt;a&gt;</code> or <code>b</code>"),
        ("a ` alone", "a ` alone"),
        ("plain", "plain"),
    ],
)
def test_names_in_backticks_are_code_and_nothing_else_is_markup(text: str, shown: str) -> None:
    assert html._ticked(text) == shown
