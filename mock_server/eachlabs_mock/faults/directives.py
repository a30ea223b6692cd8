"""Reads what a caller wants to go wrong, from a header or from words in a prompt."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from eachlabs_mock.core import ApiError
from eachlabs_mock.faults.fault import Route
from eachlabs_mock.faults.rule import Rule, RuleError, read_words
from eachlabs_mock.settings import Settings

OF_A_CREATE: frozenset[Route] = frozenset({"create", "prediction", "read", "output", "webhook"})
"""The routes of what a create leads to, which whoever creates may ask for."""

MOST_ASKED = 20
"""Rules in one prompt."""

_OPENING = "[mock:"
_OPENING_BYTES = _OPENING.encode()
_WORDS = re.compile(r'((?:[^\]"]|"(?:[^"\\]|\\.)*")*)\]')


def check_armable(rules: Sequence[Rule], settings: Settings) -> None:
    """Refuse what a server with *settings* cannot do.

    :raises RuleError: one of *rules* is about sockets, which are not its own; or two have one id.
    """
    for twice in (name for name, number in Counter(each.id for each in rules if each.id).items() if number > 1):
        raise RuleError("id", f"two of these rules have the id {twice!r}; one would take the other's place")
    for each in rules:
        if each.fault.needs_socket and not settings.wire_faults:
            raise RuleError("fault", f"{each.fault.name} works only where the server was started with --wire-faults")


def asked_in(text: str, settings: Settings, routes: frozenset[Route]) -> Rule:
    """Return the rule in *text*, such as ``fail; message="out of paint"``.

    :param routes: where it may strike.
    :raises ApiError: there is none in it, it strikes elsewhere, or a server with *settings* cannot do what it says.
    """
    try:
        rule = read_words(text)
        check_armable((rule,), settings)
    except RuleError as error:
        raise ApiError("bad_request", f"{str(error).rstrip('.')}.") from None
    if not rule.routes & routes:
        told = f"{rule.fault.name} is for {', '.join(sorted(rule.routes))}, not for this call."
        raise ApiError("bad_request", told)
    return rule


def may_ask(body: bytes) -> bool:
    """Tell whether a prompt in the JSON *body* may ask for something; spelt otherwise it needs escapes."""
    return _OPENING_BYTES in body or (b"\\" in body and b"\\u" in body)  # the shorter is found faster


def asked_in_prompt(prompt: object, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules in *prompt*, each in words such as ``[mock:fail]``; none, unless *settings* allow them.

    :raises ApiError: as `asked_in`; or there are too many.
    """
    if not settings.prompt_faults or not isinstance(prompt, str) or _OPENING not in prompt:
        return ()
    if prompt.count(_OPENING) > MOST_ASKED:
        raise ApiError("bad_request", f"A prompt may ask for at most {MOST_ASKED} faults with {_OPENING}...].")
    return tuple(asked_in(each, settings, OF_A_CREATE) for each in _directives(prompt))


def _directives(prompt: str) -> Iterator[str]:
    """Yield the words of each directive: a bracket within quotes ends none, and one that nothing ends is none."""
    at = prompt.find(_OPENING)
    while at >= 0:
        begin = at + len(_OPENING)
        found = _WORDS.match(prompt, begin)
        end = found.end(1) if found else prompt.find("]", begin)  # quotes that do not close: whoever reads it complains
        if end < 0:
            return
        yield prompt[begin:end]
        at = prompt.find(_OPENING, end)
