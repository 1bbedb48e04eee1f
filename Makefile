# The same commands that CI runs. Everything is installed into this checkout: .venv, node_modules, .cache.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export CDK_HOME := $(CURDIR)/.cache/cdk
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/.cache/jsii
export npm_config_cache := $(CURDIR)/.cache/npm

.PHONY: help
help:  ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install:  ## Install everything into this checkout
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2> /dev/null || { \
		echo "$(PYTHON) does not run, or is older than 3.7: install Python 3.11 to 3.13 (on Debian: apt install python3" \
		"python3-venv), or name one: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@"$(PYTHON)" -m install "$(PYTHON)"

ENVIRONMENT ?= local

.PHONY: demo
demo: install  ## Deploy, train, release and ask a real endpoint, on the sandbox
	@$(BIN)/python -m demo

.PHONY: down
down: install  ## Empty and destroy what the demo deployed, and stop the sandbox
	@$(BIN)/python -m demo down

.PHONY: check test
check: install  ## Check style, types and all tests that start no sandbox and import no TensorFlow
	@$(MAKE) --no-print-directory --jobs style types quick-tests
# Half of the slow tests' time is waiting, so the check runs beside them; its words follow theirs.
test: install  ## Run every check that CI runs
	@"$(PYTHON)" -m install "$(PYTHON)" serving-tensorflow
	@mkdir -p build
	@$(MAKE) --no-print-directory check > build/check.log 2>&1 & check=$$!; \
		$(BIN)/python -m pytest -m "sandbox or tensorflow" -n 3; slow=$$?; \
		wait $$check; quick=$$?; cat build/check.log; exit $$((slow + quick))

.PHONY: test-model
test-model: install  ## Run the tests that MODEL must pass, or those of all models
	@$(BIN)/python -m pytest tests/models $(if $(MODEL),--model $(MODEL))

.PHONY: lint style types quick-tests
lint: style types  ## Check style and types
style: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
types: install
	@$(BIN)/mypy
quick-tests: install
	@$(BIN)/python -m pytest --check -n 2

# What a synthesis does not read. All else counts: a file too many costs a synthesis, one too few would deploy old code.
UNREAD := .git .venv .cache .pytest_cache .ruff_cache .mypy_cache node_modules build cdk.out benchmarks demo docs install \
	sandbox tests
ASSEMBLY := cdk.out/$(ENVIRONMENT)
STACKS ?= --all
# `local` is the sandbox, whatever account the shell is signed in to, and nobody is asked. In an account the CLI asks before
# it widens access, which it can do for one stack at a time only.
ifeq ($(ENVIRONMENT),local)
SIGNED_IN := $(BIN)/python -m sandbox up > /dev/null && eval "$$($(BIN)/python -m sandbox env)" &&
UNATTENDED := --require-approval never --concurrency 8
else
REACH := $(BIN)/python -m specs.reach $(ENVIRONMENT)
endif

.PHONY: reach synth bootstrap diff deploy destroy dev
reach: install
	@$(or $(REACH),true)
synth: install  ## Write the templates of ENVIRONMENT to cdk.out/ENVIRONMENT, unless they are there and up to date
	@mkdir -p cdk.out
	@if [ -e $(ASSEMBLY).synthesized ] && [ -z "$$(find . .venv/.installed node_modules/.installed \
			\( -name __pycache__ $(UNREAD:%=-o -path ./%) \) -prune -o -newer $(ASSEMBLY).synthesized -print -quit)" ]; then \
		echo "Nothing changed since $(ASSEMBLY) was written."; \
	else \
		rm -rf $(ASSEMBLY) $(ASSEMBLY).synthesized && touch $(ASSEMBLY).begun && \
		cdk synth --quiet -c environment=$(ENVIRONMENT) --output $(ASSEMBLY) && \
		mv $(ASSEMBLY).begun $(ASSEMBLY).synthesized; \
	fi
bootstrap: reach synth  ## Prepare the account of ENVIRONMENT for deploys, once (make demo does it for local)
	@$(SIGNED_IN) cdk bootstrap --app $(ASSEMBLY) $(ARGS)
diff: reach synth  ## Compare the templates with what is deployed; with STACKS=... also what is not
	@$(SIGNED_IN) $(if $(filter --all,$(STACKS)),$(BIN)/python -m dev diff $(ENVIRONMENT) --, \
		cdk diff $(STACKS) --app $(ASSEMBLY)) $(ARGS)
deploy: reach synth  ## Deploy STACKS of ENVIRONMENT: all, or names and patterns; ARGS go to the CDK CLI
	@$(SIGNED_IN) cdk deploy $(STACKS) --app $(ASSEMBLY) --strict $(UNATTENDED) $(ARGS)
dev: install  ## Watch the checkout: say what an edit changes, and deploy it on Enter
	@$(SIGNED_IN) $(BIN)/python -m dev watch $(ENVIRONMENT)
destroy: reach synth  ## Destroy STACKS of ENVIRONMENT (docs/destroy.md)
	@$(SIGNED_IN) cdk destroy $(STACKS) --app $(ASSEMBLY) --concurrency 8 $(ARGS)

.PHONY: bench bench-peer
bench-peer: install  ## Install PyTorch (5 GB) into .cache/pytorch, so that the benchmarks show it, too
	@"$(PYTHON)" -m install "$(PYTHON)" pytorch
bench: install  ## Measure what benchmarks/README.md says
	@$(BIN)/python -m benchmarks.time_to_accuracy
	@$(BIN)/python -m benchmarks.lstm_training_rate
	@$(BIN)/python -m benchmarks.gan_training_rate
	@$(BIN)/python -m benchmarks.scaling
	@$(BIN)/python -m benchmarks.work_lost
	@$(BIN)/python -m benchmarks.demo_phases
	@$(BIN)/python -m benchmarks.deploy_stacks
	@$(BIN)/python -m benchmarks.deploy_loop
	@$(BIN)/python -m benchmarks.many_models
	@$(BIN)/python -m benchmarks.resident_synth
	@$(BIN)/python -m benchmarks.invoke_endpoint
	@$(BIN)/python -m benchmarks.sandbox_server

.PHONY: clean
clean:  ## Remove what was built, not what was installed
	@rm -rf build cdk.out
