# Two commands for a newcomer: `make demo` and `make test`. Each makes .venv where it is missing and asks for nothing.
# .ci/requirements/*.txt are pinned with hashes; `make lock` writes them anew.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
TOOL := --constraint .ci/requirements/dev.txt --no-emit-package pip

# Other servers to measure beside, where npm can fetch them.
PEERS := $(if $(shell command -v npm),fixtures/peers/node_modules/.package-lock.json)

# The tests start a hundred processes; without bytecode each of them would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test cover search soak check score faulty mutants bench audit fuzz readme wheel lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: .venv/run.stamp ## emulator, client, a webhook and real images: the main job, end to end
	@$(BIN)/python -m eachlabs_client.demo --out demo-output

serve: .venv/run.stamp ## the emulator on http://127.0.0.1:8780 (flags: make serve ARGS="--duration realistic")
	@$(BIN)/eachlabs-mock serve $(ARGS)

test: .venv/dev.stamp ## the tests, in random order
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal $(ARGS)

cover: .venv/dev.stamp ## every test, the slow ones too, with the gate on lines and branches
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal --cov --cov-fail-under=$(COVERAGE) -m "" $(ARGS)

search: .venv/dev.stamp ## the properties again, with fresh seeds and fifty times as long
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "" $(ARGS)

soak: .venv/dev.stamp ## the emulator at full speed for long, watched: make soak ARGS="--minutes 30"
	@$(BIN)/python tests/soak $(ARGS)

check: .venv/dev.stamp ## format, lint, types, import rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

score: .venv/dev.stamp ## the contract on trial: 60 planted defects, the sound server, lawful variants
	@PYTHONPATH=tests $(BIN)/python -m defects.score $(ARGS)

faulty: .venv/dev.stamp ## the emulator with one defect, to try your own suite on: make faulty ID=P07
	@PYTHONPATH=tests $(BIN)/python -m defects.faulty $(ID) $(ARGS)

mutants: .venv/dev.stamp ## the contract on trial again: automatic mutants of the emulator, those that live and why
	@PYTHONPATH=tests $(BIN)/python -m defects.mutants $(ARGS)

bench: .venv/dev.stamp $(PEERS) ## speed and memory beside other mock servers, in one run; npm and wrk at hand
	@$(BIN)/python tests/bench $(ARGS)

fixtures/peers/node_modules/.package-lock.json: fixtures/peers/package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --silent --prefix fixtures/peers
	@touch $@

readme: .venv/dev.stamp ## write the tables of README.md and the schema of scenarios anew
	@PYTHONPATH=tests $(BIN)/python -m readme.tables

wheel: .venv/dev.stamp ## dist/*.whl
	@$(BIN)/python -m build --no-isolation --wheel --outdir dist .

audit: .venv/audit.stamp ## known holes in what is installed; exit 1: there are some, 3: nobody could be asked
	@PYTHONPATH=tests $(BIN)/python -m security.audit

fuzz: .venv/fuzz.stamp ## every public input, guided by coverage: make fuzz ARGS="--seconds 60 words prompt"
	@$(BIN)/python tests/fuzz $(ARGS)

lock: .venv/dev.stamp ## write the files of requirements anew
	@$(LOCK) pyproject.toml --extra install --output-file .ci/requirements/run.txt
	@$(LOCK) pyproject.toml --extra dev --output-file .ci/requirements/dev.txt
	@$(LOCK) --group audit $(TOOL) --output-file .ci/requirements/audit.txt
	@$(LOCK) --group fuzz $(TOOL) --output-file .ci/requirements/fuzz.txt

clean: ## remove what was made here
	@rm -rf .venv dist build demo-output bench-output soak-output fuzz-output .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache mutants

# Branch and line coverage together, in percent.
COVERAGE := 99

# Three test processes on two cores: many tests wait for a child process.

# The requirements files are whole, so nothing is left to resolve; pip would else look for newer ones of what an extra
# names, and refuse them for want of a hash.

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "make: Python 3.11 or newer is needed; none was found on PATH." >&2; exit 2; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make: this Python lacks venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@$(PYTHON) -m venv .venv

.venv/run.stamp: .ci/requirements/run.txt pyproject.toml | .venv/bin/python
	@test -f .venv/dev.stamp || $(PIP) --no-deps --requirement .ci/requirements/run.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev.stamp: .ci/requirements/dev.txt .venv/run.stamp
	@$(PIP) --no-deps --requirement .ci/requirements/dev.txt
	@touch $@

.venv/audit.stamp .venv/fuzz.stamp: .venv/%.stamp: .ci/requirements/%.txt .venv/dev.stamp
	@$(PIP) --no-deps --requirement $<
	@touch $@
