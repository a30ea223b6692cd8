"""Writes what was concluded as pages for people: a matrix of all claims, and a page for each.

The pages run no script and ask for nothing, from anywhere. Everything that a server said is escaped.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from eachlabs_contract.history import Delivery, Event, Exchange, as_curl
from eachlabs_contract.manners import usd
from eachlabs_contract.reports.wording import MOST, body_text, header_lines, printable, request_line, shortened
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Finding, Report, Verdict

MARKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Verdict.HOLDS: "\N{CHECK MARK}",
        Verdict.BROKEN: "\N{MULTIPLICATION SIGN}",
        Verdict.NOT_EXERCISED: "\N{WHITE CIRCLE}",
        Verdict.SKIPPED: "\N{EN DASH}",
        Verdict.OBSERVED: "\N{BULLET}",
        Verdict.NOT_APPLICABLE: "\N{EN DASH}",
    }
)


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One piece of evidence, in words.

    :param line: what was asked.
    :param who: asked it.
    :param curl: asks it again.
    :param came: how it was answered, in a line.
    :param answer: the body of the answer.
    :param headers: those of the answer, or of a webhook.
    """

    line: str
    who: str
    curl: str
    came: str
    answer: str
    headers: str


def page_environment(*packages: str) -> Environment:
    """Return what renders the templates of *packages* and of this one: strict, and with everything escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in (*packages, "eachlabs_contract.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "printable": lambda text, keep="": printable(text, keep=keep),
        "ticked": _ticked,
        "usd": usd,
    }
    environment.globals["marks"] = MARKS
    return environment


def report_pages(report: Report, methods: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the pages, each with its path.

    :param methods: how each claim is tested, in words, by its id.
    """
    environment = page_environment()
    environment.globals |= {"run": report.run, "report": report}
    yield "index.html", environment.get_template("index.html").render(**_overview(report))
    template = environment.get_template("claim.html")
    for number, finding in enumerate(report.findings):
        claim = finding.claim
        yield (
            f"claims/{claim.id}.html",
            template.render(
                finding=finding,
                claim=claim,
                method=methods.get(claim.id, ""),
                again=report.run.again(finding),
                events=[_shown(each, report.run.root) for each in finding.evidence],
                before=report.findings[number - 1].claim if number else None,
                after=report.findings[number + 1].claim if number + 1 < len(report.findings) else None,
            ),
        )


def headline(report: Report) -> str:
    """Return the conclusion in a few words."""
    broken = sum(each.claim.level is not Level.CHOICE for each in report.of(Verdict.BROKEN))
    untried = sum(_proves_nothing(each) for each in report.findings)
    if broken:
        return f"{broken} claims are broken" if broken > 1 else "One claim is broken"
    if untried:
        return f"Nothing is broken, but {f'{untried} claims were' if untried > 1 else 'a claim was'} not tried"
    return "Every claim holds" if report.findings else "Nothing was tried"


def _overview(report: Report) -> dict[str, object]:
    counts = Counter(each.verdict.value for each in report.findings)
    sections = [(group.value, list(each)) for group, each in groupby(report.findings, lambda it: it.claim.group)]
    broken = [each for each in report.findings if each.verdict is Verdict.BROKEN]
    return {
        "headline": headline(report),
        "counts": [(each.value, counts[each.value]) for each in Verdict if counts[each.value]],
        "sections": [*([("broken", broken)] if broken else []), *sections],
    }


def _ticked(text: str) -> Markup:
    """Return *text* with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one of them has no partner
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup().join(code.format(each) if number % 2 else escape(each) for number, each in enumerate(parts))


def _proves_nothing(finding: Finding) -> bool:
    return finding.claim.level is Level.MUST and finding.verdict in {Verdict.NOT_EXERCISED, Verdict.SKIPPED}


def _shown(event: Event, root: str) -> ShownEvent:
    line, body = request_line(event.request), body_text(event.request)
    if isinstance(event, Delivery):
        headers = "\n".join(header_lines(event.request.headers))
        return ShownEvent(line, "sent by the server, as a webhook", "", "It said", body, headers)
    command = shortened(printable(as_curl(event, root), keep="\n\t"), MOST)
    return ShownEvent(line, f"asked by the {event.caller}", command, *_came(event))


def _came(exchange: Exchange) -> tuple[str, str, str]:
    answer = exchange.answer
    if answer is None:
        return "No answer came", printable(exchange.failure), ""
    kind = answer.header("Content-Type") or "no Content-Type"
    return f"Answered {answer.status}, {printable(kind)}", body_text(answer), "\n".join(header_lines(answer.headers))
