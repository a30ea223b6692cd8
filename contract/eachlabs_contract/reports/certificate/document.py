"""Writes certificates as a JSON document.

Its fields::

    grade       "A", "B", "C" or "F"; the worst grade of several programs
    format      "eachlabs-certificate/1"; the number rises when a field changes its meaning
    programs    one entry for each program, in the order of the command line:
        label, command    its name and its command
        grade, meaning    its grade, and the meaning in words
        counted     number of trials and habits that count for the grade
        seconds     real time
        money       predictions, superfluous, paid, uncollected, for_nothing: counts; spent, lost: USD, as text
        complaints  one line for each unmet expectation
        rows        one entry for each trial and each habit:
            id, group, title, level, story    the trial
            verdict     holds, broken, not applicable
            reason      why it does not apply; may be empty
            again       the command that reruns it
            expectations    each: sentence, cost ("money lost", "a hang", ...), instead (empty if it was met)
            run         null if the program was not run, else:
                exit_code   null: killed at the time limit; negative: the signal that killed it
                seconds, left_behind, output    real time, processes left running, output
                money       predictions, needed, paid, uncollected, for_nothing; lost
                wire        exchanges and webhooks: seconds, line, came, sent, answer
                left_out    number of events omitted from wire
"""

from typing import Any, Final

from eachlabs_contract.certification import Certificate, Observation, Result, worst_grade
from eachlabs_contract.reports.certificate.wirelog import WireEntry, entries

FORMAT: Final = "eachlabs-certificate/1"


def certificates_as_json(certificates: tuple[Certificate, ...]) -> dict[str, Any]:
    """Return the document."""
    programs = [_program(certificate) for certificate in certificates]
    return {"grade": worst_grade(certificates), "format": FORMAT, "programs": programs}


def _program(certificate: Certificate) -> dict[str, Any]:
    return {
        "label": certificate.label,
        "command": certificate.command,
        "grade": certificate.grade.value,
        "meaning": certificate.grade.meaning,
        "counted": sum(result.counts for result in certificate.rows),
        "seconds": round(certificate.seconds, 3),
        "money": {
            "predictions": certificate.payments.created,
            "superfluous": certificate.superfluous,
            "paid": certificate.payments.paid,
            "uncollected": certificate.payments.uncollected,
            "for_nothing": certificate.for_nothing,
            "spent": str(certificate.payments.spent),
            "lost": str(certificate.lost),
        },
        "complaints": list(certificate.complaints),
        "rows": [{**_row(result), "again": certificate.again(result)} for result in certificate.rows],
    }


def _row(result: Result) -> dict[str, Any]:
    trial = result.trial
    return {
        "id": trial.id,
        "group": trial.group.value,
        "title": trial.title,
        "level": trial.level.value,
        "story": trial.story,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "expectations": [
            {"sentence": expectation.sentence, "cost": expectation.cost.value, "instead": instead}
            for expectation, instead in result.expectations
        ],
        "run": result.observation and _run(result.observation),
    }


def _run(seen: Observation) -> dict[str, Any]:
    payments, (wire, left_out) = seen.payments, entries(seen)
    return {
        "exit_code": seen.run.exit_code,
        "seconds": round(seen.run.seconds, 3),
        "left_behind": seen.run.left_behind,
        "output": seen.run.output,
        "money": {
            "predictions": payments.created,
            "needed": payments.needed,
            "paid": payments.paid,
            "uncollected": payments.uncollected,
            "for_nothing": payments.for_nothing,
            "lost": str(payments.lost),
        },
        "wire": [_entry(entry) for entry in wire],
        "left_out": left_out,
    }


def _entry(entry: WireEntry) -> dict[str, Any]:
    return {
        "seconds": round(entry.seconds, 3),
        "line": entry.line,
        "came": entry.came,
        "sent": entry.sent,
        "answer": entry.answer,
    }
