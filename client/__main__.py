"""Runs the command from a checkout: `python -m client`."""

from eachlabs_client.__main__ import main

main(prog_name="eachlabs-client")
