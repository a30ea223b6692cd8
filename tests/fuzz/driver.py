"""Runs one target under libFuzzer, guided by what of the three packages each input reaches. It never returns."""

import sys
from importlib import import_module

import atheris


def main() -> None:
    """Fuzz the target that the first argument names; the rest is libFuzzer's."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["eachlabs_mock", "eachlabs_client", "eachlabs_contract"]):
        target = import_module("fuzz.targets").TARGETS[name]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
