"""Writes certificates as JUnit XML: one suite a program, one test case a trial or habit.

A trial with an unmet expectation is a failure. A trial that does not apply is skipped, with the reason.
"""

from xml.etree.ElementTree import Element, SubElement

from eachlabs_contract.certification import Certificate, Result
from eachlabs_contract.reports.junit import count_cases, write_suites
from eachlabs_contract.reports.wording import printable
from eachlabs_contract.verdict import Verdict


def render_certificates(certificates: tuple[Certificate, ...]) -> str:
    """Return the document."""
    suites = Element("testsuites")
    for certificate in certificates:
        _suite(suites, certificate)
    return write_suites(suites)


def _suite(suites: Element, certificate: Certificate) -> None:
    suite = SubElement(suites, "testsuite", name=printable(certificate.label))
    properties = SubElement(suite, "properties")
    for name, value in (("grade", certificate.grade.value), ("lost_usd", str(certificate.lost))):
        SubElement(properties, "property", name=name, value=value)
    for result in certificate.rows:
        _case(suite, result)
    count_cases(suite, certificate.seconds)


def _case(suite: Element, result: Result) -> None:
    group, _, name = result.trial.id.partition(".")
    seconds = result.observation.run.seconds if result.observation else 0.0
    case = SubElement(suite, "testcase", classname=f"certification.{group}", name=name, time=f"{seconds:.3f}")
    if result.verdict is Verdict.BROKEN:
        text = "\n".join(
            f"{violation.during}: {violation.expected} Instead: {printable(violation.got)}"
            for violation in result.violations
        )
        SubElement(case, "failure", type=result.trial.level, message=result.trial.title).text = text
    elif result.verdict is Verdict.NOT_APPLICABLE:
        SubElement(case, "skipped", message=printable(result.reason))
    if result.observation and result.observation.run.output:
        SubElement(case, "system-out").text = printable(result.observation.run.output, keep="\n\t")
