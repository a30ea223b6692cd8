"""Certification: runs a user's program under every trial of the catalogue, grades it, and prices its calls.

In your own test::

    from eachlabs_contract.certification import Grade, certify

    def test_orders_are_fit_for_the_paid_service():
        certificate = certify(place_order)      # reads EACHLABS_BASE_URL and EACHLABS_API_KEY

        assert certificate.grade is Grade.A, certificate.complaints
"""

from eachlabs_contract.certification.certificate import Certificate, Grade, worst_grade
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.process.children import EmulatorError, running_emulator
from eachlabs_contract.certification.process.command import Command, NotStartedError
from eachlabs_contract.certification.result import Result
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.certification.trial_runner import JOBS, LIMIT, TrialOptions, TrialRunner, certify
from eachlabs_contract.certification.trials import HABITS, UnknownTrialError, select_trials, trial_rows

__all__ = [
    "HABITS", "JOBS", "LIMIT", "Certificate", "Command", "Cost", "EmulatorError", "Grade", "NotStartedError",
    "Observation", "Result", "Trial", "TrialOptions", "TrialRunner", "UnknownTrialError", "certify", "running_emulator",
    "select_trials", "trial_rows", "worst_grade",
]  # fmt: skip
