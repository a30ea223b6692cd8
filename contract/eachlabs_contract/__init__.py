"""What the API promises, and how to hold any server and any caller to it.

In a test::

    from eachlabs_contract import certify, check

    def test_server_keeps_the_contract():
        assert check("http://127.0.0.1:8780").exit_code == 0    # or a WSGI application

    def test_program_is_fit_for_the_paid_service():
        assert certify(place_order).grade == "A"    # it reads EACHLABS_BASE_URL and EACHLABS_API_KEY
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eachlabs_contract.certification import certify
    from eachlabs_contract.inputs import invalid_inputs, valid_inputs
    from eachlabs_contract.runner import check

__all__ = ["certify", "check", "invalid_inputs", "valid_inputs"]

_PACKAGES = {"certify": "certification", "check": "runner", "invalid_inputs": "inputs", "valid_inputs": "inputs"}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever has that name
    """Import what is slow to import when it is first used."""
    if name in _PACKAGES:
        return getattr(import_module(f"{__name__}.{_PACKAGES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
