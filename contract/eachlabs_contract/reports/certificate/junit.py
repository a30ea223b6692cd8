"""Writes what was certified as JUnit XML, which build servers read: a suite a program, a test case a scenario or habit.

A scenario whose expectations were not met is a failure; one that does not apply is skipped, with the reason.
"""

from xml.etree.ElementTree import Element, ElementTree, SubElement, indent, tostring

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.certification.result import Result
from eachlabs_contract.reports.wording import printable
from eachlabs_contract.verdict import Verdict


def render(certificates: tuple[Certificate, ...]) -> str:
    """Return the document."""
    suites = Element("testsuites")
    for each in certificates:
        _suite(suites, each)
    indent(ElementTree(suites))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(suites: Element, certificate: Certificate) -> None:
    suite = SubElement(suites, "testsuite", name=printable(certificate.label))
    properties = SubElement(suite, "properties")
    for name, value in (("grade", certificate.grade.value), ("lost_usd", str(certificate.lost))):
        SubElement(properties, "property", name=name, value=value)
    for each in certificate.rows:
        _case(suite, each)
    suite.attrib |= {
        "tests": str(len(certificate.rows)),
        "failures": str(len(suite.findall("./testcase/failure"))),
        "errors": "0",
        "skipped": str(len(suite.findall("./testcase/skipped"))),
        "time": f"{certificate.seconds:.3f}",
    }


def _case(suite: Element, result: Result) -> None:
    group, _, name = result.scenario.id.partition(".")
    seconds = result.observation.ending.seconds if result.observation else 0.0
    case = SubElement(suite, "testcase", classname=f"certification.{group}", name=name, time=f"{seconds:.3f}")
    if result.verdict is Verdict.BROKEN:
        text = "\n".join(_told(result))
        SubElement(case, "failure", type=result.scenario.level, message=result.scenario.title).text = text
    elif result.verdict is Verdict.NOT_APPLICABLE:
        SubElement(case, "skipped", message=printable(result.reason))
    if result.observation and result.observation.ending.output:
        SubElement(case, "system-out").text = printable(result.observation.ending.output, keep="\n\t")


def _told(result: Result) -> list[str]:
    return [f"{each.expectation.sentence} But, in {each.during}: {printable(each.told)}" for each in result.shortfalls]
