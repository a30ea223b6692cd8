"""Lets `python tests/soak` run the soak."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # soak is then a package, as it is in the tests
    command = import_module("soak.command")
    command.main()
