"""Runs the command from a checkout: `python -m contract`."""

from eachlabs_contract.__main__ import main

main()
