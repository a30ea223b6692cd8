"""Reads directives: the faults that a caller requests in a header or in a prompt."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from eachlabs_mock.core import ApiError
from eachlabs_mock.faults.fault import Route
from eachlabs_mock.faults.rule import Rule, RuleError, read_rule_text
from eachlabs_mock.settings import Settings

CREATE_ROUTES: frozenset[Route] = frozenset({"create", "prediction", "read", "output", "webhook"})
"""The routes that a create may request faults for: its own, and those of its prediction."""

MOST_DIRECTIVES = 20
"""The most directives in one prompt."""

_OPENING = "[mock:"
_OPENING_BYTES = _OPENING.encode()
_WORDS = re.compile(r'((?:[^\]"]|"(?:[^"\\]|\\.)*")*)\]')


def check_armable(rules: Sequence[Rule], settings: Settings) -> None:
    """Check that a server with *settings* can arm *rules*.

    :raises RuleError: a rule needs ``--wire-faults``, or two rules have the same id.
    """
    for name, number in Counter(rule.id for rule in rules if rule.id).items():
        if number > 1:
            raise RuleError("id", f"{number} rules have the id {name!r}; each rule needs its own")
    for rule in rules:
        if rule.fault.needs_socket and not settings.wire_faults:
            raise RuleError("fault", f"{rule.fault.name} needs a server that was started with --wire-faults")


def read_directive(text: str, settings: Settings, routes: frozenset[Route], source: str) -> Rule:
    """Return the rule in *text*, such as ``fail; message="out of paint"``.

    :param routes: where the fault may strike.
    :param source: the name of the header or field of *text*, for errors.
    :raises ApiError: *text* is not a rule, its fault strikes elsewhere, or it needs ``--wire-faults``.
    """
    try:
        rule = read_rule_text(text)
        check_armable((rule,), settings)
    except RuleError as error:
        raise ApiError("bad_request", f"{source}: {str(error).rstrip('.')}.") from None
    if not rule.routes & routes:
        where = " and ".join(sorted(rule.routes))
        raise ApiError("bad_request", f"{source}: {rule.fault.name} strikes the route {where}, not this one.")
    return rule


def may_have_directives(body: bytes) -> bool:
    """Tell whether a prompt in the JSON *body* may have directives, plain or with JSON escapes."""
    return _OPENING_BYTES in body or (b"\\" in body and b"\\u" in body)  # the shorter text is found faster


def read_directives(prompt: object, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules in *prompt*, each written such as ``[mock:fail]``; none unless *settings* allow them.

    :raises ApiError: as `read_directive`; or there are too many.
    """
    if not settings.prompt_faults or not isinstance(prompt, str) or _OPENING not in prompt:
        return ()
    if prompt.count(_OPENING) > MOST_DIRECTIVES:
        raise ApiError("bad_request", f"prompt: at most {MOST_DIRECTIVES} directives {_OPENING}...] are accepted.")
    return tuple(read_directive(text, settings, CREATE_ROUTES, "prompt") for text in _directives(prompt))


def _directives(prompt: str) -> Iterator[str]:
    """Yield the text of each directive; a bracket within quotes does not end one, and an unclosed one is skipped."""
    at = prompt.find(_OPENING)
    while at >= 0:
        begin = at + len(_OPENING)
        match = _WORDS.match(prompt, begin)
        end = match.end(1) if match else prompt.find("]", begin)  # with unclosed quotes, which the reader refuses
        if end < 0:
            return
        yield prompt[begin:end]
        at = prompt.find(_OPENING, end)
