# Start with `make demo` and `make test`. Each target creates .venv if it is missing.
# The files .ci/requirements/*.txt are pinned with hashes; `make lock` regenerates them.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
TOOL := --constraint .ci/requirements/dev.txt --no-emit-package pip

# Other servers for the benchmark, if npm is installed.
PEERS := $(if $(shell command -v npm),fixtures/peers/node_modules/.package-lock.json)

# The tests start a hundred processes, each of which would compile all modules without bytecode files.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test cover search soak check score faulty mutants bench audit fuzz readme wheel lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: .venv/run.stamp ## run emulator and client together: predictions, webhooks, saved images
	@$(BIN)/python -m eachlabs_client.demo --out demo-output

serve: .venv/run.stamp ## run the emulator on http://127.0.0.1:8780 (flags: make serve ARGS="--duration realistic")
	@$(BIN)/eachlabs-mock serve $(ARGS)

test: .venv/dev.stamp ## run the tests in random order
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal $(ARGS)

cover: .venv/dev.stamp ## run all tests, including slow ones, and check line and branch coverage
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal --cov --cov-fail-under=$(COVERAGE) -m "" $(ARGS)

search: .venv/dev.stamp ## run all tests with new random seeds and many more examples per property
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "" $(ARGS)

soak: .venv/dev.stamp ## run the emulator at full load for a long time and watch it: make soak ARGS="--minutes 30"
	@$(BIN)/python tests/soak $(ARGS)

check: .venv/dev.stamp ## check format, lint, types and import rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

score: .venv/dev.stamp ## test the contract on 60 planted defects, the correct server and lawful variants
	@PYTHONPATH=tests $(BIN)/python -m defects.score $(ARGS)

faulty: .venv/dev.stamp ## serve the emulator with one planted defect, to test your own suite: make faulty ID=P07
	@PYTHONPATH=tests $(BIN)/python -m defects.faulty $(ID) $(ARGS)

mutants: .venv/dev.stamp ## test the contract on automatic mutants of the emulator, and explain the survivors
	@PYTHONPATH=tests $(BIN)/python -m defects.mutants $(ARGS)

bench: .venv/dev.stamp $(PEERS) ## measure speed and memory beside other mock servers (uses npm and wrk)
	@$(BIN)/python tests/bench $(ARGS)

fixtures/peers/node_modules/.package-lock.json: fixtures/peers/package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --silent --prefix fixtures/peers
	@touch $@

readme: .venv/dev.stamp ## regenerate the tables of README.md and the schema of scenarios
	@PYTHONPATH=tests $(BIN)/python -m readme.tables

wheel: .venv/dev.stamp ## build dist/*.whl
	@$(BIN)/python -m build --no-isolation --wheel --outdir dist .

audit: .venv/audit.stamp ## look for known vulnerabilities in the installed packages; exit 1: there are some, 3: cannot tell
	@PYTHONPATH=tests $(BIN)/python -m security.audit

fuzz: .venv/fuzz.stamp ## fuzz every public input, guided by coverage: make fuzz ARGS="--seconds 60 words prompt"
	@$(BIN)/python tests/fuzz $(ARGS)

lock: .venv/dev.stamp ## regenerate the requirements files
	@$(LOCK) pyproject.toml --extra install --output-file .ci/requirements/run.txt
	@$(LOCK) pyproject.toml --extra dev --output-file .ci/requirements/dev.txt
	@$(LOCK) --group audit $(TOOL) --output-file .ci/requirements/audit.txt
	@$(LOCK) --group fuzz $(TOOL) --output-file .ci/requirements/fuzz.txt

clean: ## remove everything that these targets create
	@rm -rf .venv dist build demo-output bench-output soak-output fuzz-output .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache mutants

# Line and branch coverage combined, in percent.
COVERAGE := 99

# Three test processes on two cores, because many tests wait for a child process.

# The requirements files are complete, so pip must not resolve anything (--no-deps): it would find newer versions for
# the extras and reject them, because they have no hash.

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
