"""The command `eachlabs-contract report`: what it says of a program, its exit codes, what it makes of bad input."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from werkzeug import Response

from eachlabs_contract.cli.report import report_command
from eachlabs_contract.history.journal import dump_journal
from eachlabs_contract.manners import MANNERS
from helpers.journals import Book, name
from helpers.judged import emulator
from helpers.serving import answering, serving

GIVEN = {"model": "qwen-image", "input": {"prompt": "x"}}


def ran(*arguments: str | Path, **environment: str) -> Result:
    none = {"EACHLABS_API_KEY": "", "EACHLABS_BASE_URL": "", "EACHLABS_CONTROL_TOKEN": ""}
    return CliRunner(env={"NO_COLOR": "1", **none, **environment}).invoke(report_command, [*map(str, arguments)])


def kept(folder: Path, book: Book) -> Path:
    path = folder / "journal.json"
    path.write_text(dump_journal(book.document()))
    return path


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(emulator(control_token="t")) as url:
        key = {"X-API-Key": "program"}
        created = requests.post(f"{url}/v1/prediction/", json=GIVEN, headers=key, timeout=5).json()
        for _ in range(2):
            requests.post(f"{url}/v1/prediction/", json={}, headers={"X-Mock-World": "rude", **key}, timeout=5)
        requests.get(f"{url}/v1/prediction/{created['predictionID']}", headers=key, timeout=5)
        yield url


# a running emulator


def test_program_with_good_manners_ends_with_0(url: str) -> None:
    result = ran(url, "--api-key", "program", "--control-token", "t")

    assert result.exit_code == 0, result.output
    assert f"2 requests in the journal of {url}: " in result.stdout
    assert "1 create and 1 poll for 1 prediction, 2 requests each, at most 1 poll of one" in result.stdout
    assert "Exit code 0: no MUST manner is broken." in result.stdout


def test_program_that_breaks_a_must_ends_with_1(url: str) -> None:
    result = ran(f"{url}/v1", "--world", "rude", "--control-token", "t")

    assert result.exit_code == 1, result.output
    assert "\nbroken         requests.refused-for-good" in result.stdout
    assert "Exit code 1: a MUST manner is broken." in result.stdout


def test_key_and_address_come_from_the_environment(url: str) -> None:
    result = ran(EACHLABS_BASE_URL=f"{url}/v1", EACHLABS_API_KEY="program", EACHLABS_CONTROL_TOKEN="t")

    assert result.exit_code == 0, result.output


def test_saved_journal_says_what_the_emulator_said(url: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.json"
    told = ran(url, "--world", "rude", "--control-token", "t", "--save", path).stdout

    assert ran(path).stdout == told.replace(url, str(path))


def test_nobody_called_is_no_proof_of_manners(url: str) -> None:
    result = ran(url, "--world", "none", "--control-token", "t")

    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: {url}: the journal is empty; is this the key, or the world, that the program used?\n"
    )


# the words


def test_every_manner_is_told_with_verdict_and_level(tmp_path: Path) -> None:
    lines = ran(kept(tmp_path, Book().poll(0))).stdout.splitlines()[: len(MANNERS)]

    assert [line.split()[-1] for line in lines] == [each.sentence.split()[-1] for each in MANNERS]
    assert "not exercised  creates.blind-repeat      MUST    The caller never repeats" in lines[0]


def test_broken_manner_is_told_with_its_cost(tmp_path: Path) -> None:
    told = ran(kept(tmp_path, Book().made(1).create(0, 1).poll(1000))).stdout

    assert f"    done   {name(1)} (qwen-image) ended at 00:00:02.500, and the caller never learned of it\n" in told
    assert "    cost   0.025 USD for 1 execution paid in vain\n" in told
    assert "    1 execution would have cost 0.025 USD at the real service; the emulator charges nothing\n" in told
    assert "    wasted: 0.025 USD for 1 execution\n" in told


def test_use_of_the_limits_is_told(tmp_path: Path) -> None:
    book = Book().made(1).create(0, 1).poll(1000).poll(2000).poll(3000, said="success").fetch(3100)
    book.create(4000, status=429)

    told = ran(kept(tmp_path, book)).stdout.partition("Requests\n")[2]

    fits = "0.75 s for 1, 1.819 s for 2, 6 s for 5, 12 s for 10"
    assert [line.strip() for line in told.splitlines()[:5]] == [
        (
            "2 creates and 3 polls for 1 prediction, 5 requests each, at most 3 polls of one prediction; "
            "1 request refused with 429"
        ),
        "5 requests in the busiest 60 s (100 allowed): 5 % of the limit, polls alone 3 %",
        "one loop that polls every 1 s takes 60 % of the limit; 2 such loops at once exceed it",
        "with polls every 1 s, 2.5 s a prediction: at most 25 predictions a minute, because of the request limit",
        f"shortest poll interval for steady work: {fits} predictions at once",
    ]


def test_limits_that_are_off_are_told(tmp_path: Path) -> None:
    off = Book(rate_limit="off", max_in_flight="off").made(1).create(0, 1).fetch(3000)

    assert "    no request limit\n" in (told := ran(kept(tmp_path, off)).stdout)
    assert "    without polls, 2.5 s a prediction: no limit on predictions a minute\n" in told


def test_loop_that_breaks_the_limit_alone_is_told(tmp_path: Path) -> None:
    assert "takes 600 % of the limit and exceeds it" in ran(kept(tmp_path, Book().poll(0).poll(100))).stdout


def test_crowd_for_which_no_interval_fits_is_told(tmp_path: Path) -> None:
    book = Book(rate_limit="5/60").create(0, 1).made(1)

    assert "none for 5, none for 10 predictions at once\n" in ran(kept(tmp_path, book)).stdout


def test_pace_on_a_still_clock_is_not_guessed(tmp_path: Path) -> None:
    assert "predictions a minute" not in ran(kept(tmp_path, Book("manual").create(0, 1).poll(0).poll(9))).stdout


def test_webhook_alone_is_a_journal(tmp_path: Path) -> None:
    assert "    no creates and no polls\n" in ran(kept(tmp_path, Book().hook(0))).stdout


def test_what_the_journal_no_longer_holds_is_told(tmp_path: Path) -> None:
    told = ran(kept(tmp_path, Book().poll(0, number=3))).stdout

    assert "The journal no longer holds the first 2 requests, so the report leaves them out. " in told


def test_unknown_prices_and_lost_ids_are_told(tmp_path: Path) -> None:
    document = Book().made(1).create(0, status=500, answered=5).document()
    document["ledger"]["unpriced"] = 1
    path = tmp_path / "journal.json"
    path.write_text(dump_journal(document))

    told = ran(path).stdout

    assert " (1 of unknown price not included); " in told
    assert "1 execution, 1 with an id that no response contained\n" in told


def test_nothing_wasted_is_told(tmp_path: Path) -> None:
    told = ran(kept(tmp_path, Book().made(1).create(0, 1).hook(2600).fetch(3000))).stdout

    assert "    wasted: nothing, as far as the journal shows\n" in told


def test_terminal_is_not_steered_by_what_a_program_sent(tmp_path: Path) -> None:
    book = Book().call(0, "GET", "/v1/prediction/\x1b[2J", 404).call(5, "GET", "/v1/prediction/\x1b[2J", 404)

    assert "\x1b" not in ran(kept(tmp_path, book)).stdout


# JSON


def test_json_says_the_same(tmp_path: Path) -> None:
    book = Book().made(1).create(0, 1).poll(1000).poll(2000)
    ran(kept(tmp_path, book), "--json", tmp_path / "report.json")

    said = json.loads((tmp_path / "report.json").read_text())
    lost = next(each for each in said["manners"] if each["verdict"] == "broken")

    assert (said["format"], said["exit_code"], said["forgotten"]) == ("eachlabs-conduct/1", 1, 0)
    assert [each["id"] for each in said["manners"]] == [each.id for each in MANNERS]
    assert (lost["id"], lost["cost"], lost["in_vain"]) == ("results.learned", "0.025", [name(1)])
    assert said["capacity"]["loop_share"] == 0.6
    assert said["spend"] == {
        "executions": 1,
        "unpriced": 0,
        "cost": "0.025",
        "wasted": "0.025",
        "for_nothing": 1,
        "unheard": 0,
    }


def test_json_names_the_evidence_by_its_numbers(tmp_path: Path) -> None:
    book = Book().create(0, status=400).create(10, status=400).hook(20, status_code=500)
    ran(kept(tmp_path, book), "--json", tmp_path / "report.json")

    manners = json.loads((tmp_path / "report.json").read_text())["manners"]
    shown = [(each["id"], one["requests"], one["webhooks"]) for each in manners for one in each["breaches"]]

    assert shown == [("requests.refused-for-good", [1, 2], []), ("webhooks.answered", [], [1])]


# bad input


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["http://127.0.0.1:1", "--api-key", "k"], "no server answers at http://127.0.0.1:1: "),
        (
            ["http://127.0.0.1:1"],
            "give --api-key KEY or --world NAME: the key, or the world, that the program used",
        ),
        (["http://127.0.0.1:1", "--api-key", "é"], "the value of the header X-API-Key must be printable ASCII"),
        (["ftp://x", "--world", "w"], "'ftp://x' is not an http or https address"),
        (["localhost:8780", "--world", "w"], "did you mean http://localhost:8780?"),
        (["none.json"], "none.json: No such file or directory; a URL starts with http://"),
        (["."], "cannot read .: Is a directory"),
    ],
)
def test_call_that_makes_no_sense_ends_with_2_and_a_line(arguments: list[str], told: str) -> None:
    result = ran(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [b"{}", b"\xff", b'{"format": "eachlabs-journal/1"}'])
def test_file_that_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.json"
    path.write_bytes(content)

    result = ran(path)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert str(path) in result.stderr


@pytest.mark.parametrize("option", ["--save", "--json"])
def test_file_that_cannot_be_written_is_named(tmp_path: Path, option: str) -> None:
    result = ran(kept(tmp_path, Book().poll(0)), option, tmp_path / "none" / "x")

    assert result.exit_code == 2
    assert "x: No such file or directory\n" in result.stderr


def test_refusal_of_the_control_plane_is_passed_on(url: str) -> None:
    result = ran(url, "--api-key", "program")

    assert result.exit_code == 2
    assert "refuses (401): X-Mock-Token must be the token of --control-token." in result.stderr


@pytest.mark.parametrize("response", [Response("no", 404), Response("[]"), Response("{}", 401)])
def test_server_that_shows_no_journal_is_told_apart(response: Response) -> None:
    with serving(answering(lambda _: response)) as url:
        result = ran(url, "--api-key", "k")

    assert result.exit_code == 2
    assert f"shows no journal: /__mock/requests is answered {response.status_code}; " in result.stderr
