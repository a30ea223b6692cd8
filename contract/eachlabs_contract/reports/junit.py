"""Writes the findings of `check` as JUnit XML: one test case a claim.

A broken claim is a failure. A MUST that was not exercised is an error, because the run proves nothing about it. Every
other untested claim is skipped, with the reason. Observations of a CHOICE are the output of the test case.
"""

from xml.etree.ElementTree import Element, ElementTree, SubElement, indent, tostring

from eachlabs_contract.reports.terminal import broken_lines
from eachlabs_contract.reports.wording import printable
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Finding, Report, Run, Verdict


def render_report(report: Report) -> str:
    """Return the document."""
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name=f"contract of {printable(report.run.target)}")
    for finding in report.findings:
        _case(suite, finding, report.run)
    count_cases(suite, report.seconds)
    return write_suites(suites)


def count_cases(suite: Element, seconds: float) -> None:
    """Set the attributes of a finished *suite*: counts of its test cases by result, and time."""
    suite.attrib |= {
        "tests": str(len(suite.findall("./testcase"))),
        "failures": str(len(suite.findall("./testcase/failure"))),
        "errors": str(len(suite.findall("./testcase/error"))),
        "skipped": str(len(suite.findall("./testcase/skipped"))),
        "time": f"{seconds:.3f}",
    }


def write_suites(suites: Element) -> str:
    """Return finished *suites* as the text of an XML file."""
    indent(ElementTree(suites))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _case(suite: Element, finding: Finding, run: Run) -> None:
    group, _, name = finding.claim.id.partition(".")
    case = SubElement(suite, "testcase", classname=f"contract.{group}", name=name, time=f"{finding.seconds:.3f}")
    reason = printable(finding.reason)
    match finding.verdict:
        case Verdict.BROKEN if finding.claim.level is Level.CHOICE:
            SubElement(case, "system-out").text = "\n".join(broken_lines(finding, run))
        case Verdict.BROKEN:
            text = "\n".join(broken_lines(finding, run))
            SubElement(case, "failure", type=finding.claim.level, message=finding.claim.sentence).text = text
        case Verdict.NOT_EXERCISED if finding.claim.level is Level.MUST:
            SubElement(case, "error", type="not exercised", message=reason)
        case Verdict.NOT_EXERCISED | Verdict.SKIPPED | Verdict.NOT_APPLICABLE:
            SubElement(case, "skipped", message=reason)
        case Verdict.OBSERVED:
            SubElement(case, "system-out").text = reason
