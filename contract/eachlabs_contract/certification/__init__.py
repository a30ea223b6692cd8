"""Certification: a user's own program under every scenario of a catalogue, graded, with what it would have cost.

In a test of one's own::

    from eachlabs_contract.certification import Grade, certify

    def test_orders_are_fit_for_the_paid_service():
        certificate = certify(place_order)      # reads EACHLABS_BASE_URL and EACHLABS_API_KEY

        assert certificate.grade is Grade.A, certificate.complaints
"""

from collections.abc import Callable, Sequence

from eachlabs_contract.certification.certificate import Certificate, Grade
from eachlabs_contract.certification.process.children import EmulatorError, emulator
from eachlabs_contract.certification.process.command import NotStartedError
from eachlabs_contract.certification.process.function import Function
from eachlabs_contract.certification.run import LIMIT, Terms, Trial
from eachlabs_contract.certification.trials import UnknownScenarioError, selected

__all__ = ["Certificate", "EmulatorError", "Grade", "NotStartedError", "UnknownScenarioError", "certify"]


def certify(program: Callable[[], object], *, scenarios: Sequence[str] = (), time_limit: float = LIMIT) -> Certificate:
    """Call *program* once under each scenario, and return what is concluded about it.

    It is called in a process of its own each time, with `EACHLABS_BASE_URL` and `EACHLABS_API_KEY` in the environment.
    Returning is a good end, exit code 0; an exception is a bad one, exit code 1. What it prints is part of what is
    judged.

    :param scenarios: ids; by default all. The one in which nothing goes wrong is always among them.
    :param time_limit: real seconds that it is given each time, beside those that its predictions take.
    :raises UnknownScenarioError: one of *scenarios* is none.
    :raises EmulatorError: the emulator does not start.
    """
    name = getattr(program, "__qualname__", repr(program))
    terms = Terms(scenarios=selected(tuple(scenarios)), limit=time_limit)
    with emulator() as root:
        return Trial(Function(name, program), root, terms).certificate("", lambda _result: None)
