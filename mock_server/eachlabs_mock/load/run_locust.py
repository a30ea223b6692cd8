"""Runs Locust in this process, away from the configuration files and the keyboard of whoever started it."""

import os
import sys
from pathlib import Path

from locust.main import main as run_locust

HOME = Path(__file__).parent / "driver"


def main() -> None:
    """Run Locust with the arguments of the command line."""
    os.chdir(HOME)  # a locust.conf or pyproject.toml where the user stands is about other tests
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # it would take every key that is pressed for a command
    sys.argv[1:1] = ["--locustfile", str(HOME / "locustfile.py"), "--headless", "--only-summary", "--skip-log-setup"]
    run_locust()


if __name__ == "__main__":
    main()
