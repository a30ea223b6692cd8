"""Says what was certified as a JSON document, for programs.

Its fields::

    grade       "A", "B", "C" or "F"; of several programs the worst_grade
    format      "eachlabs-certificate/1"; a higher number says that a field has changed its meaning
    programs    one entry each, in the order in which they were named:
        label, command    by which it is known, and what starts it
        grade, meaning    its own, and the same in words
        counted     of the trials and habits, how many the grade was earned over
        seconds     real time that it took
        money       predictions, superfluous, paid, uncollected, for_nothing: executions; spent, lost: USD, as text
        complaints  a line for each expectation that was not met
        rows        one entry for each trial, and for each habit that is judged over all trials:
            id, group, title, level, story    the trial itself
            verdict     holds, broken, not applicable
            reason      why it does not apply; may be empty
            again       the command that tries it again
            expectations    each: sentence, cost ("money lost", "a hang", ...), instead (empty where it was met)
            run         null where the program was not run, else:
                exit_code   null where it had to be ended; negative: the signal that killed it
                seconds, left_behind, output    real time, processes that it left running, what it printed
                money       predictions, needed, paid, uncollected, for_nothing; lost
                wire        exchanges and webhooks: seconds, line, came, sent, answer
                left_out    events that are missing there
"""

from typing import Any, Final

from eachlabs_contract.certification import Certificate, Observation, Result, worst_grade
from eachlabs_contract.reports.certificate.wirelog import WireEntry, entries

FORMAT: Final = "eachlabs-certificate/1"


def certificates_as_json(certificates: tuple[Certificate, ...]) -> dict[str, Any]:
    """Return the document."""
    return {"grade": worst_grade(certificates), "format": FORMAT, "programs": [_program(each) for each in certificates]}


def _program(certificate: Certificate) -> dict[str, Any]:
    return {
        "label": certificate.label,
        "command": certificate.command,
        "grade": certificate.grade.value,
        "meaning": certificate.grade.meaning,
        "counted": sum(each.counts for each in certificate.rows),
        "seconds": round(certificate.seconds, 3),
        "money": {
            "predictions": certificate.account.created,
            "superfluous": certificate.superfluous,
            "paid": certificate.account.paid,
            "uncollected": certificate.account.uncollected,
            "for_nothing": certificate.for_nothing,
            "spent": str(certificate.account.spent),
            "lost": str(certificate.lost),
        },
        "complaints": list(certificate.complaints),
        "rows": [{**_row(each), "again": certificate.again(each)} for each in certificate.rows],
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
            {"sentence": each.sentence, "cost": each.cost.value, "instead": instead}
            for each, instead in result.expectations
        ],
        "run": result.observation and _run(result.observation),
    }


def _run(seen: Observation) -> dict[str, Any]:
    account, (wire, left_out) = seen.account, entries(seen)
    return {
        "exit_code": seen.ending.exit_code,
        "seconds": round(seen.ending.seconds, 3),
        "left_behind": seen.ending.left_behind,
        "output": seen.ending.output,
        "money": {
            "predictions": account.created,
            "needed": account.needed,
            "paid": account.paid,
            "uncollected": account.uncollected,
            "for_nothing": account.for_nothing,
            "lost": str(account.lost),
        },
        "wire": [_entry(each) for each in wire],
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
