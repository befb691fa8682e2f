# Two commands do everything: `make demo` and `make test`. They need Python 3.11 or newer and a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help demo compare test check slow live-aws live-gcp fuzz fuzz-short bench wheel-check locks clean

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.local  ## a real search on the built-in digits, and the model's accuracy on held-out rows
	@$(BIN)/cloud-nas run templates/image/spec.yaml

compare: $(VENV)/.dev  ## a search here, two rehearsed in clouds and scikit-learn by itself: which model is best, how sure, and a page
	@$(BIN)/python -m benchmarks compare

test: $(VENV)/.dev  ## the tests, slow ones apart
	$(BIN)/python -m pytest -n 2 -q

check: $(VENV)/.dev  ## ruff, mypy --strict, the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_import_rules.py

slow: $(VENV)/.dev  ## the slow tests: minutes
	$(BIN)/python -m pytest -q -m slow

live-aws: $(VENV)/.dev  ## real jobs on AWS, for whoever has keys; under 2 USD (CLOUD_NAS_LIVE_REGION, _BUCKET, _ROLE)
	$(BIN)/python -m pytest -n 0 -q -m slow --force-enable-socket tests/live/test_aws.py -rs

live-gcp: $(VENV)/.dev  ## real jobs on Google Cloud, for whoever has keys; under 2 USD (CLOUD_NAS_LIVE_PROJECT, _LOCATION, _BUCKET)
	$(BIN)/python -m pytest -n 0 -q -m slow --force-enable-socket tests/live/test_gcp.py -rs

fuzz-short: $(VENV)/.dev  ## every reader of what comes from outside, on broken input: a minute each
	CLOUD_NAS_FUZZ_SECONDS=60 $(BIN)/python -m pytest -n 2 -q -m "slow or not slow" tests/fuzz

fuzz: $(VENV)/.dev  ## the same for ten minutes each
	CLOUD_NAS_FUZZ_SECONDS=600 $(BIN)/python -m pytest -n 2 -q -m "slow or not slow" tests/fuzz

bench: $(VENV)/.dev  ## every benchmark that the README quotes
	$(BIN)/python -m benchmarks

wheel-check: $(VENV)/.dev  ## the wheel in a clean environment: init, check
	sh tests/wheel_check.sh $(BIN)/python

locks:  ## the lock files anew
	$(LOCK) pyproject.toml -o locks/base.txt
	$(LOCK) pyproject.toml --extra local --group build -o locks/local.txt
	$(LOCK) pyproject.toml --extra local --extra rehearse --group dev -o locks/dev.txt
	$(LOCK) pyproject.toml --extra all -o locks/all.txt
	$(LOCK) locks/keras-tuner.in -o locks/keras-tuner.txt
	$(UV) pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-emit-index-url --no-header \
	  -c locks/local.txt templates/container/requirements.in -o templates/container/requirements.txt
	$(PYTHON) locks/wheels.py

clean:  ## everything that the other commands made in this folder
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# An environment is made once a lock file: the stamp is older than the lock only when the lock has changed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is older than Python 3.11" >&2; echo "hint: make demo PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: locks/local.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/local.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.local
