"""Reads what a caller wants to go wrong, from a header or from words in a prompt."""

import re
from collections.abc import Iterable

from mock_server.errors import ApiError
from mock_server.faults.rule import Rule, RuleError, read_words
from mock_server.settings import Settings

_DIRECTIVE = re.compile(r"\[mock:([^\]]*)\]")


def check_armable(rules: Iterable[Rule], settings: Settings) -> None:
    """Refuse what a server with *settings* cannot do.

    :raises RuleError: one of *rules* is about sockets, which are not its own.
    """
    for each in rules:
        if each.fault.needs_socket and not settings.wire_faults:
            raise RuleError("fault", f"{each.fault.name} works only where the server was started with --wire-faults")


def asked_in(text: str, settings: Settings) -> Rule:
    """Return the rule in *text*, such as ``fail; message="out of paint"``.

    :raises ApiError: there is none in it, or a server with *settings* cannot do what it says.
    """
    try:
        rule = read_words(text)
        check_armable((rule,), settings)
    except RuleError as error:
        raise ApiError("bad_request", f"{str(error).rstrip('.')}.") from None
    return rule


def asked_in_prompt(prompt: object, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules in *prompt*, each in words such as ``[mock:fail]``; none, unless *settings* allow them.

    :raises ApiError: as `asked_in`.
    """
    if not settings.prompt_scenarios or not isinstance(prompt, str) or "[mock:" not in prompt:
        return ()
    return tuple(asked_in(each, settings) for each in _DIRECTIVE.findall(prompt))
