"""Writes the findings of `check` as HTML: an index of all claims, and a page for each.

The pages contain no script and load nothing. All text from a server is escaped.
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
from eachlabs_contract.reports.terminal import count_verdict
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
    """One event of evidence, in words.

    :param line: method and path.
    :param who: the sender.
    :param curl: the command that repeats the request.
    :param came: the response in one line.
    :param answer: the body of the response.
    :param headers: of the response, or of a webhook.
    """

    line: str
    who: str
    curl: str
    came: str
    answer: str
    headers: str


def page_environment(*packages: str) -> Environment:
    """Return the template environment for *packages* and this one. It is strict and escapes everything."""
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
                events=[_shown(event, report.run.root) for event in finding.evidence],
                before=report.findings[number - 1].claim if number else None,
                after=report.findings[number + 1].claim if number + 1 < len(report.findings) else None,
            ),
        )


def headline(report: Report) -> str:
    """Return the title of the report."""
    broken = sum(finding.claim.level is not Level.CHOICE for finding in report.of(Verdict.BROKEN))
    untested = sum(_proves_nothing(finding) for finding in report.findings)
    if broken:
        return f"{broken} claims are broken" if broken > 1 else "One claim is broken"
    if untested:
        return f"No claim is broken, but {untested} MUST {'claims were' if untested > 1 else 'claim was'} not tested"
    return "Every claim holds" if report.findings else "Nothing was tested"


def _overview(report: Report) -> dict[str, object]:
    counts = Counter(finding.verdict for finding in report.findings)
    grouped = groupby(report.findings, lambda finding: finding.claim.group)
    sections = [(group.value, list(findings)) for group, findings in grouped]
    broken = report.of(Verdict.BROKEN)
    return {
        "headline": headline(report),
        "counts": [(word.value, counts[word], count_verdict(word, counts[word])) for word in Verdict if counts[word]],
        "sections": [*([("broken", broken)] if broken else []), *sections],
    }


def _ticked(text: str) -> Markup:
    """Return *text* with every part between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # unbalanced
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup().join(code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts))


def _proves_nothing(finding: Finding) -> bool:
    return finding.claim.level is Level.MUST and finding.verdict in {Verdict.NOT_EXERCISED, Verdict.SKIPPED}


def _shown(event: Event, root: str) -> ShownEvent:
    line, body = request_line(event.request), body_text(event.request)
    if isinstance(event, Delivery):
        headers = "\n".join(header_lines(event.request.headers))
        return ShownEvent(line, "webhook sent by the server", "", "Body", body, headers)
    command = shortened(printable(as_curl(event, root), keep="\n\t"), MOST)
    return ShownEvent(line, f"caller: {event.caller}", command, *_response(event))


def _response(exchange: Exchange) -> tuple[str, str, str]:
    answer = exchange.answer
    if answer is None:
        return "No response", printable(exchange.failure), ""
    kind = answer.header("Content-Type") or "no Content-Type"
    return f"Response {answer.status}, {printable(kind)}", body_text(answer), "\n".join(header_lines(answer.headers))
