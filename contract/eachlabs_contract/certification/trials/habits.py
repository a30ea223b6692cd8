"""Habits: what is expected of a program in every scenario alike. Each is judged over all runs, and counts once."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Scenario
from eachlabs_contract.manners import creating, identity, polling
from eachlabs_contract.spec.claim import Level

HABITS: Final = (
    Scenario(
        "hygiene.key",
        "The key stays where it belongs",
        "In no scenario is the key part of an address, sent to the outputs' host, or printed.",
        (expect.keeps(identity.in_url), expect.keeps(identity.output_host), expect.NO_KEY_IN_OUTPUT),
    ),
    Scenario(
        "hygiene.creates",
        "Nothing is made twice",
        "In no scenario are more predictions made than the work needs, or creates sent again whose outcome is open.",
        (expect.NO_MORE, expect.keeps(creating.blind_repeat, Cost.MONEY)),
    ),
    Scenario(
        "hygiene.silence",
        "No request after the end",
        "In no scenario is a prediction asked for again that has told its end.",
        (expect.keeps(polling.after_the_end),),
    ),
    Scenario(
        "hygiene.user-agent",
        "Requests say what sent them",
        "In every scenario each request has a User-Agent.",
        (expect.keeps(identity.user_agent),),
        level=Level.SHOULD,
    ),
)
