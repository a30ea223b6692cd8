"""The display, on a terminal and elsewhere."""

from io import StringIO

import pytest

from eachlabs_client import Poll, Prediction, Status
from eachlabs_client.progress import Progress
from helpers.client_fakes import ID, FakeClock


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def poll(number: int, status: Status = Status.PROCESSING) -> Poll:
    return Poll(number, 1.0, Prediction(ID, status))


def test_lines_are_plain_where_nobody_watches(clock: FakeClock) -> None:
    progress = Progress(stream := StringIO(), clock)

    progress.created(ID)
    progress.sleep(3)
    progress.polled(poll(1))
    progress.sleep(5)
    progress.polled(poll(2, Status.SUCCESS))
    progress.clear()

    assert stream.getvalue() == f"created {ID}\nprocessing … 3 s, 1 poll\nsuccess … 8 s, 2 polls\n"
    assert clock.sleeps == [3, 5]


def test_terminal_counts_every_second_on_one_line(clock: FakeClock) -> None:
    progress = Progress(stream := Terminal(), clock)

    progress.polled(poll(1))
    progress.sleep(3.5)

    assert stream.getvalue().split("\r")[1:] == [
        "processing … 0 s, 1 poll",
        "processing … 1 s, 1 poll",
        "processing … 2 s, 1 poll",
        "processing … 3 s, 1 poll",
    ]


@pytest.mark.parametrize("seconds", [0, 0.3, 1, 2.5, 11])
def test_drawing_does_not_change_how_long_is_slept(seconds: float, clock: FakeClock) -> None:
    start = clock.at

    Progress(Terminal(), clock).sleep(seconds)

    assert clock.at == pytest.approx(start + seconds)


def test_shorter_line_leaves_nothing_of_the_longer_one(clock: FakeClock) -> None:
    progress = Progress(stream := Terminal(), clock)

    progress.polled(poll(1, Status.PROCESSING))
    progress.polled(poll(1, Status.ERROR))

    assert stream.getvalue().split("\r")[-1] == "error … 0 s, 1 poll     "


def test_waiting_to_be_let_in_is_shown_before_there_is_a_prediction(clock: FakeClock) -> None:
    progress = Progress(stream := Terminal(), clock)

    progress.sleep(2)
    progress.created(ID)

    assert "creating … 1 s" in stream.getvalue()
    assert stream.getvalue().endswith(f"\rcreated {ID}\n")


def test_clear_leaves_an_empty_line(clock: FakeClock) -> None:
    progress = Progress(stream := Terminal(), clock)

    progress.polled(poll(1))
    progress.clear()

    assert stream.getvalue().split("\r")[-2:] == [" " * 24, ""]
