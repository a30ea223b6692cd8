"""Runs the command from a checkout: `python -m mock_server`."""

from eachlabs_mock.__main__ import main

main(prog_name="eachlabs-mock")
