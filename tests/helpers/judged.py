"""Checks an emulator in this process against claims of the contract."""

from typing import Any

from eachlabs_contract.runner.catalogue import select_tests
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Finding
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings


def emulator(**settings: Any) -> WsgiApp:
    """Return an emulator as a WSGI application, silent and with a known seed."""
    return assemble(Settings(**{"seed": 7, "log_format": "off", **settings})).wsgi


def judged(*wanted: str, app: WsgiApp | None = None, seed: int = 0) -> dict[str, Finding]:
    """Return the findings about the claims and groups named *wanted* (none: about all of them), by id."""
    groups = [each for each in wanted if "." not in each]
    ids = [each for each in wanted if "." in each]
    with in_process(app or emulator()) as target:
        findings = Runner(target, *select_tests(groups, ids), seed=seed).run()
    return {each.claim.id: each for each in findings}
