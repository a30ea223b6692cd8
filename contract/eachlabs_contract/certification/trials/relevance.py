"""Why a trial says nothing about a program, by what the program does where nothing goes wrong."""

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.history import webhook_path


def polling(calm: Observation) -> str:
    """It is about polls."""
    return "" if calm.polls else "it does not poll"


def downloading(calm: Observation) -> str:
    """It is about downloads."""
    return "" if calm.fetched else "it downloads no output"


def receiving(calm: Observation) -> str:
    """It is about webhooks."""
    return "" if any(map(webhook_path, calm.creates)) else "it names no webhook_url, so that it waits for no webhook"


def queueing(calm: Observation) -> str:
    """It is about more predictions than may be in flight."""
    return "" if calm.most_at_once() > 1 else "it never has more than one prediction in flight"
