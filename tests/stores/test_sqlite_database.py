"""The file of a store: what is none is told in one line, what cannot be written changes nothing."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.emulator.outbox import Attempt, Delivery, Outbox, PendingAttempt
from eachlabs_mock.emulator.store import StoreUnwritableError
from eachlabs_mock.stores.sqlite import SqliteStore
from eachlabs_mock.stores.sqlite_database import APPLICATION, VERSION, SqliteDatabase, StoreFileError
from eachlabs_mock.stores.sqlite_worlds import SqliteCustody
from helpers.records import START, ending, record
from helpers.served import refused

NOBODY = 65_534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def file(path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(path)
    yield opened
    opened.close()


def a_store(file: SqliteDatabase, capacity: int = 10) -> SqliteStore:
    return SqliteStore(file, capacity, lambda _: START)


def fill_disk(file: SqliteDatabase) -> None:
    """Let the file not grow any more."""
    file._connection.execute("PRAGMA max_page_count = 1")


def no_more(file: SqliteDatabase) -> None:
    """Let the file take nothing more at all."""
    file._connection.execute("PRAGMA query_only = ON")


def made(path: Path, *pragmas: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    for each in pragmas:
        connection.execute(f"PRAGMA {each}")
    connection.close()


def of_another_version(path: Path) -> None:
    made(path, f"application_id = {APPLICATION}", "user_version = 99")


def of_something_else(path: Path) -> None:
    made(path)


def random_bytes(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def torn(path: Path) -> None:
    SqliteDatabase(path).close()
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(path: Path) -> None:
    file = SqliteDatabase(path)
    for number in range(50):
        a_store(file, capacity=100).add(record(number), None)
    file.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))


def a_directory(path: Path) -> None:
    path.mkdir()


BAD_FILES: Any = [
    pytest.param(of_another_version, f"it has version 99; this emulator reads version {VERSION}", id="version"),
    pytest.param(of_something_else, "it is a SQLite file of another program", id="something else"),
    pytest.param(random_bytes, "it is not a SQLite file", id="random"),
    pytest.param(torn, "it is a damaged SQLite file", id="torn"),
    pytest.param(overwritten, "it is a damaged SQLite file", id="overwritten"),
    pytest.param(
        a_directory,
        "it cannot be opened; its directory must exist, and file and directory must be writable",
        id="a directory",
    ),
]


@pytest.mark.parametrize(("make", "reason"), BAD_FILES)
def test_what_is_no_store_is_refused_in_one_line(path: Path, make: Any, reason: str) -> None:
    make(path)

    with pytest.raises(StoreFileError) as refusal, closing(SqliteDatabase(path)) as file:
        a_store(file)
    assert str(refusal.value) == f"cannot keep the store in {path}: {reason}"


@pytest.mark.parametrize("make", [of_another_version, of_something_else, random_bytes])
def test_what_is_no_store_is_left_as_it_is(path: Path, make: Any) -> None:
    make(path)
    before = path.read_bytes()

    with pytest.raises(StoreFileError):
        SqliteDatabase(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["store.db"]


@pytest.mark.parametrize("path", ["/proc/store.db", "/nowhere/store.db", "/dev/full"])
def test_where_nothing_can_be_written_is_no_store(path: str) -> None:
    with pytest.raises(StoreFileError, match=r"cannot be opened|the disk is full"):
        SqliteDatabase(Path(path))


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()

    file = SqliteDatabase(path)

    assert file.life == 0
    file.close()


def test_each_opening_is_another_life(path: Path) -> None:
    lives = []
    for _ in range(3):
        file = SqliteDatabase(path)
        lives.append(file.life)
        file.close()

    assert lives == [0, 1, 2]


def test_a_file_in_use_is_refused(path: Path, file: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eachlabs_mock.stores.sqlite_database.LOCK_TIMEOUT", 0.0)

    with pytest.raises(StoreFileError, match="another emulator uses it; stop that one or choose another file"):
        SqliteDatabase(path)
    assert file.life == 0


@pytest.mark.parametrize("damage", ["{", "{}", '{"plan": 1}'])
def test_a_damaged_record_is_told(path: Path, damage: str) -> None:
    file = SqliteDatabase(path)
    a_store(file).add(record(), None)
    file.write(("UPDATE predictions SET record = ?", (damage,)))
    file.close()

    file = SqliteDatabase(path)
    with pytest.raises(StoreFileError, match="a record in it is damaged"):
        a_store(file)
    file.close()


def test_more_predictions_than_may_be_kept_are_told(file: SqliteDatabase) -> None:
    for number in (1, 2, 3):
        a_store(file).add(record(number), None)

    with pytest.raises(StoreFileError, match="it has 3 predictions; --max-predictions allows 2"):
        a_store(file, capacity=2)


def test_text_in_a_command_is_one_line_and_exit_2(path: Path) -> None:
    random_bytes(path)

    code, out, errors = refused("--port", "0", "--store", f"sqlite:{path}")

    assert (code, out) == (2, "")
    assert errors == f"eachlabs-mock: cannot keep the store in {path}: it is not a SQLite file\n"


@contextmanager
def unprivileged() -> Iterator[None]:
    """For a while, this process may not do what only root may."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that anybody may look into, those above it too."""
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


def test_a_directory_that_may_not_be_written_is_refused(public: Path) -> None:
    public.chmod(0o555)

    with (
        unprivileged(),
        pytest.raises(StoreFileError, match="its directory must exist, and file and directory must be writable"),
    ):
        SqliteDatabase(public / "store.db")


def test_a_file_that_may_not_be_written_is_refused(public: Path) -> None:
    SqliteDatabase(public / "store.db").close()
    (public / "store.db").chmod(0o444)

    with (
        unprivileged(),
        pytest.raises(StoreFileError, match=r"it cannot be (written|locked); file and directory must be writable"),
    ):
        SqliteDatabase(public / "store.db")


@pytest.mark.parametrize("fill", [fill_disk, no_more])
def test_a_prediction_that_cannot_be_kept_is_not_added(file: SqliteDatabase, fill: Any) -> None:
    store = a_store(file)
    store.add(record(1), None)
    fill(file)

    with pytest.raises(StoreUnwritableError):
        store.add(record(2, input="x" * 40_000), None)
    stored = {each.id for each in store.of_world("w")}
    assert stored == {each for (each,) in file.rows("SELECT json_extract(record, '$.id') FROM predictions")}


@pytest.mark.parametrize(
    "change",
    [
        lambda store, _: store.add(record(3, created_at=START + 9_000), None),
        lambda store, old: store.replace(old, old._replace(fetched=True)),
        lambda store, _: store.forget("w"),
    ],
    ids=["evicting", "replacing", "forgetting"],
)
def test_a_change_that_cannot_be_kept_changes_nothing(file: SqliteDatabase, change: Any) -> None:
    store, old = a_store(file, capacity=2), record(1, plan=ending(1))
    for each in (old, record(2)):
        store.add(each, None)
    before = store.of_world("w"), store.evicted("w"), store.running("w")
    no_more(file)

    with pytest.raises(StoreUnwritableError, match="it cannot be written"):
        change(store, old)
    assert (store.of_world("w"), store.evicted("w")) == before[:2]


def test_a_disk_with_room_again_is_written_again(file: SqliteDatabase) -> None:
    store = a_store(file)
    no_more(file)
    with pytest.raises(StoreUnwritableError):
        store.add(record(1), None)
    file._connection.execute("PRAGMA query_only = OFF")

    assert store.add(record(1), None) == 0


def test_requests_are_counted_even_where_that_cannot_be_kept(file: SqliteDatabase) -> None:
    store = a_store(file)
    no_more(file)

    waits = [store.admit("w", START, Rate(1, 10)) for _ in range(2)]

    assert waits == [0, 10]


def test_an_attempt_that_cannot_be_claimed_is_refused(file: SqliteDatabase) -> None:
    outbox = Outbox(SqliteCustody(file, "w"))
    begun = outbox.begin(Delivery(record().id, "http://127.0.0.1/hook", b"{}"))
    no_more(file)

    with pytest.raises(StoreUnwritableError):
        outbox.claim(begun, PendingAttempt(record()), START)


def test_webhooks_go_on_where_they_cannot_be_kept(file: SqliteDatabase) -> None:
    outbox, attempt = (
        Outbox(SqliteCustody(file, "w")),
        Attempt(1, accepted=True, status_code=200, response="", error=""),
    )
    no_more(file)

    outbox.put(5, PendingAttempt(record(), number=2))
    outbox.begin(Delivery(record().id, "http://127.0.0.1/hook", b"{}"))
    outbox.record(record().id, attempt)
    outbox.record(record(2).id, attempt)

    assert outbox.next_at() == 5
    assert outbox.deliveries()[0].attempts == (attempt,)
