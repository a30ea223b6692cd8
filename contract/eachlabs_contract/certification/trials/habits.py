"""Habits: what is expected of a program in every trial alike. Each is judged over all runs, and counts once."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.spec import Level

HABITS: Final = (
    Trial(
        "hygiene.key",
        "The key stays where it belongs",
        "In no trial is the key part of an address, sent to the outputs' host, or printed.",
        (expect.keeps("keys.in-url"), expect.keeps("keys.output-host"), expect.NO_KEY_IN_OUTPUT),
    ),
    Trial(
        "hygiene.creates",
        "Nothing is made twice",
        "In no trial are more predictions made than the work needs, or creates sent again whose outcome is open.",
        (expect.NO_MORE, expect.keeps("creates.blind-repeat", Cost.MONEY)),
    ),
    Trial(
        "hygiene.silence",
        "No request after the end",
        "In no trial is a prediction asked for again that has told its end.",
        (expect.keeps("polls.after-the-end"),),
    ),
    Trial(
        "hygiene.user-agent",
        "Requests say what sent them",
        "In every trial each request has a User-Agent.",
        (expect.keeps("requests.user-agent"),),
        level=Level.SHOULD,
    ),
)
