# From a bare python3 with venv: every target sets up what it needs.
#   make run       the main job on the embedded default
#   make test      lint, types, architecture and the quick tests
#   make test-all  the same, with the slow tests, then the compiled engine with every array access checked, and without compiler
#   make bench     speed measurements, a table and tests/bench/results.json; with make bench PEERS=1 side by side with SANA-FE,
#                  and with BookSim2 where BOOKSIM names its executable
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Runs of the compiled engine held against the reference.
COMPILED := tests/conformance/test_spiking.py tests/conformance/test_given.py tests/conformance/test_handover.py \
	tests/conformance/test_wormhole.py tests/property/test_wormhole_agree.py tests/unit/test_wormhole.py \
	-k "compiled or given or handover or any_network"

.PHONY: run test test-all bench check doctor clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/chipsim run

# the self-test of doctor has the engine compiled before tests that have little time; file by file, so that no two workers compile the same
test: $(VENV)/.installed-test
	$(MAKE) --no-print-directory -j 2 check doctor
	$(BIN)/pytest -n 2 --dist loadfile

test-all: $(VENV)/.installed-test
	$(MAKE) --no-print-directory -j 2 check doctor
	$(BIN)/pytest -n 2 --dist loadfile -m "not bench"
	CHIPSIM_BOUNDSCHECK=1 $(BIN)/pytest -n 2 $(COMPILED) tests/conformance/test_engines.py
	CHIPSIM_INTERPRET=1 $(BIN)/pytest -n 2 $(COMPILED)

bench: $(VENV)/.installed-test
	$(if $(PEERS),$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[peers]')
	$(BIN)/pytest -m bench

doctor: $(VENV)/.installed-test
	$(BIN)/chipsim doctor

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chipsim needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
