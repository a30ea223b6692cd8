"""Reasons why a trial does not apply to a program, judged by its run without a fault."""

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.history import webhook_path


def polling(baseline: Observation) -> str:
    """For trials about polls."""
    return "" if baseline.polls else "the program does not poll"


def downloading(baseline: Observation) -> str:
    """For trials about downloads."""
    return "" if baseline.fetched else "the program downloads no output"


def receiving(baseline: Observation) -> str:
    """For trials about webhooks."""
    return "" if any(map(webhook_path, baseline.creates)) else "the program uses no webhook_url"


def queueing(baseline: Observation) -> str:
    """For trials about the limit of predictions in flight."""
    return "" if baseline.most_at_once() > 1 else "the program never has more than one prediction in flight"
