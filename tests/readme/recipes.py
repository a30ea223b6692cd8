"""Runs the recipes of a document as a reader would paste them: in order, in one fresh shell, with an empty home.

A block of `sh` or `python` is a recipe. A comment in front of its fence can change what happens to it:

    <!-- recipe: skip: REASON -->   it is not run
    <!-- recipe: slow -->           only the slow tests run it
    <!-- recipe: file NAME -->      it is saved as NAME, in any language, for a later recipe
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from readme.documents import ROOT, Block, blocks

PORT = "8780"
"""The default port in a recipe is replaced by a free one: another server may be running on this machine."""

LENT = (".ci", "Makefile", "README.md", "client", "contract", "fixtures", "mock_server", "pyproject.toml", "tests")
"""What a recipe finds where it runs, beside `.venv`: the checkout."""


class Outcome(NamedTuple):
    """How the recipes of a document ended; *output* holds all that they printed."""

    exit_code: int
    output: str


def recipes(document: Path, *, slow: bool = True) -> list[Block]:
    """Return the blocks of *document* that are run or saved."""
    return [block for block in blocks(document) if _is_run(block) and (slow or block.value != "slow")]


def is_slow(document: Path) -> bool:
    """Tell whether a recipe of *document* is left to the slow tests."""
    return any(block.value == "slow" for block in recipes(document))


def _is_run(block: Block) -> bool:
    if block.mark == "recipe":
        return not block.value.startswith("skip")
    return block.language in {"sh", "python"} and block.mark != "from"


def run(document: Path, folder: Path, *, slow: bool) -> Outcome:
    """Run the recipes of *document* in *folder*, which is empty, and end whatever they have left running."""
    checkout, home = folder / "checkout", folder / "home"
    checkout.mkdir()
    home.mkdir()
    (home / ".curlrc").write_text("fail-with-body\n")  # an HTTP error is a failure of the recipe
    for name in LENT:
        (checkout / name).symlink_to(ROOT / name)
    (checkout / ".venv").symlink_to(sys.prefix)
    script = folder / "recipes.sh"
    script.write_text("".join(_lines(document, slow=slow)).replace(PORT, str(_free_port())))
    with (folder / "output").open("w+") as output:
        shell = subprocess.Popen(
            ["sh", "-eu", str(script)],
            cwd=checkout,
            env={"HOME": str(home), "PATH": _path(), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            exit_code = shell.wait(timeout=600)
        finally:
            _end_group(shell.pid)
        output.seek(0)
        return Outcome(exit_code, output.read())


def _lines(document: Path, *, slow: bool) -> Iterator[str]:
    for block in recipes(document, slow=slow):
        place = f"{document.relative_to(ROOT)}:{block.line}"
        yield f"echo '### {place}'\n"
        if block.value.startswith("file "):
            name = block.value.removeprefix("file ")
            yield f"cat >{shlex.quote(name)} <<'END_OF_FILE'\n{block.code}END_OF_FILE\n"
        elif block.language == "python":
            yield f"python - <<'END_OF_FILE'\n{block.code}END_OF_FILE\n"
        else:
            yield block.code


def _path() -> str:
    """Return PATH without this environment: a reader has to activate it first."""
    own = {str(Path(sys.executable).parent), str(Path(sys.prefix) / "bin")}
    return os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if folder not in own)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return
