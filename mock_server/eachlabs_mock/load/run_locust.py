"""Runs Locust in this process, isolated from the user's configuration files and keyboard."""

import os
import sys
from pathlib import Path

from locust.main import main as run_locust

HOME = Path(__file__).parent / "driver"


def main() -> None:
    """Run Locust with the arguments of the command line."""
    os.chdir(HOME)  # a locust.conf or pyproject.toml in the user's directory belongs to other tests
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)  # Locust would take each key press as a command
    sys.argv[1:1] = ["--locustfile", str(HOME / "locustfile.py"), "--headless", "--only-summary", "--skip-log-setup"]
    run_locust()


if __name__ == "__main__":
    main()
