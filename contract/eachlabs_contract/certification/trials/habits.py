"""Habits: expectations that apply in every trial. Each is judged over all runs and counts once."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.spec import Level

HABITS: Final = (
    Trial(
        "hygiene.key",
        "The program keeps its key safe",
        "In every trial the program keeps its key out of URLs, off the host of the outputs, and out of its output.",
        (expect.keeps("keys.in-url"), expect.keeps("keys.output-host"), expect.NO_KEY_IN_OUTPUT),
    ),
    Trial(
        "hygiene.creates",
        "The program makes nothing twice",
        "In every trial the program makes only the predictions it needs, and repeats no create of unknown outcome.",
        (expect.NO_MORE, expect.keeps("creates.blind-repeat", Cost.MONEY)),
    ),
    Trial(
        "hygiene.silence",
        "The program stops polling at the end",
        "In every trial the program stops polling a prediction when a poll has shown its end.",
        (expect.keeps("polls.after-the-end"),),
    ),
    Trial(
        "hygiene.user-agent",
        "The program sends a User-Agent",
        "In every trial each request has a User-Agent.",
        (expect.keeps("requests.user-agent"),),
        level=Level.SHOULD,
    ),
)
