# The commands of this project. `make app` and `make test` need nothing but Python 3.11.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin
WITH_NODE := PATH="$(abspath $(BIN)):$$PATH"
SUDO := $(if $(filter 0,$(shell id -u)),,sudo -n)

.PHONY: app test scripts orders bench precomputed browser

app: $(VENV)/app.stamp
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/test.stamp browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find effexplorer -name '*.pyi' -delete  # Gradio writes them, and they would hide the modules
	$(BIN)/mypy
	$(MAKE) scripts
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) $(ARGS)

# The scripts and styles: their format, ESLint, types and Node's unit tests. Node comes with pip.
scripts: $(VENV)/test.stamp node_modules/.stamp
	$(WITH_NODE) npm run --silent check
	$(BIN)/python -m tests.scripts.panels | $(BIN)/node tests/scripts/lint_panels.js
	$(BIN)/python -m tests.scripts.panels | $(BIN)/node tests/scripts/check_types.js
	$(WITH_NODE) npm run --silent test

# Every legal order of up to four operators; `make test` tries a sample of them.
orders: $(VENV)/test.stamp
	EFFEXPLORER_ORDERS=all OMP_NUM_THREADS=1 $(BIN)/pytest -q tests/operators/test_orders.py

# Ratios against the peers, one command for each claim; a quiet machine gives the best figures.
bench: $(VENV)/test.stamp browser
	$(BIN)/python -m benchmarks.headline
	$(BIN)/python -m benchmarks.forward
	$(BIN)/python -m benchmarks.int8
	$(BIN)/python -m benchmarks.exits
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.layer_search --examples 6000
	$(BIN)/python -m benchmarks.sweep --every 4
	$(BIN)/python -m benchmarks.find
	$(BIN)/python -m benchmarks.app_start
	$(BIN)/python -m benchmarks.browser --tabs 1000
	$(BIN)/python -m benchmarks.roundtrip
	$(BIN)/python -m benchmarks.reliability

# The shipped results, measured again; finished runs are left as they are.
precomputed: $(VENV)/app.stamp
	PYTHON=$(BIN)/python benchmarks/ship.sh

# A Chromium for the browser tests: the one on the PATH, else Debian's package.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  command -v google-chrome >/dev/null || \
	  { echo "No Chromium on the PATH: installing one."; \
	    $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  { echo "browser: tests need chromium, chromium-browser or google-chrome on the PATH." >&2; exit 1; }

$(VENV)/app.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "make: needs Python 3.11 or later; name one with PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

node_modules/.stamp: package.json package-lock.json $(VENV)/test.stamp
	$(WITH_NODE) npm ci --silent --no-audit --no-fund
	touch $@

$(VENV)/test.stamp: requirements-dev.txt requirements-ray.txt requirements-optuna.txt $(VENV)/app.stamp
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@
