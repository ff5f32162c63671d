# Every target sets itself up: a fresh clone, Python 3.11 or newer and a package index are enough.
# `make demo` and `make test` are the two commands to know; `make help` lists the others.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready
MEASURE := PYTHONPATH=tests/support $(BIN)/python tests/measure

.PHONY: help demo test quick lint lab build check bench precision scale chaos attacked calibrate rounds mutate odd lock platforms clean

help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*## */\t/' | expand -t 14

demo: $(READY)   ## grade a small class of right, wrong and broken notebooks, and write its report
	$(BIN)/vae-lab build
	$(BIN)/vae-lab demo
	@command -v bwrap >/dev/null || \
	  echo "left out: the walls of bubblewrap; the kernel's own were used (apt install bubblewrap)"

test: $(READY) lint ## run every test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 4 --no-loadscope-reorder
	VAE_LAB_SMOKE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile \
	  --nbval-lax --nbval-cell-timeout=120 notebooks solutions

quick: $(READY) lint ## the tests of a minute or two: no attacks, no bank, no whole lab
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --no-loadscope-reorder -m "not slow"

lint: $(READY)   ## check format, style (notebooks included) and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lab: $(READY)    ## open JupyterLab on the labs
	$(BIN)/vae-lab open

build: $(READY)  ## build release/ and solutions/ from source/
	$(BIN)/vae-lab build

check: $(READY)  ## is everything built, and right?
	$(BIN)/vae-lab check

bench: $(READY)  ## measure speed, as ratios on this machine
	$(MEASURE)/training_speed.py
	$(MEASURE)/weights_speed.py --images 2000 --samples 100
	$(MEASURE)/grading_speed.py

scale: $(READY)  ## grade 1,000 submissions, by a cluster too; a gradebook of 100,000
	$(MEASURE)/scale.py

chaos: $(READY)  ## kill the processes of a run a thousand times: nothing is lost
	$(MEASURE)/chaos.py

attacked: $(READY) ## what the attacks do to plain nbgrader and to vae-lab grade: 40 minutes
	$(MEASURE)/attacks_on_nbgrader.py

calibrate: $(READY) ## run every stochastic check thousands of times on right and wrong answers
	$(MEASURE)/calibrate.py

rounds: $(READY) ## judge the whole bank fifty times: does chance decide a verdict, or its words?
	$(MEASURE)/rounds.py

mutate: $(READY) ## wrong answers made by rule, thousands: which are paid, which are named
	$(MEASURE)/mutate.py

precision: $(READY) ## train five seeds in float32 and in bfloat16: losses, their spread, seconds
	$(MEASURE)/precision.py

odd: $(READY)    ## have plain nbgrader mark the odd notebooks anew (after a change of a lab)
	cd tests/support && ../../$(BIN)/python -m odd.notebooks

lock: $(READY)   ## compile requirements.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra instructor --extra pyro \
	  --extra test \
	  --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	  --output-file requirements.txt pyproject.toml

# macOS 14 on Apple's processors is the oldest that torch is made for.
platforms: $(READY) ## has every locked package a wheel for Linux, macOS and Windows?
	for system in x86_64-manylinux_2_28 aarch64-apple-darwin x86_64-pc-windows-msvc; do \
	  MACOSX_DEPLOYMENT_TARGET=14.0 $(BIN)/uv pip compile --quiet --python-version 3.11 \
	    --python-platform $$system --only-binary :all: requirements.txt >/dev/null && \
	  echo "$$system: every package of the lock" || exit 1; \
	done

clean:           ## remove the environment and everything the commands leave behind
	rm -rf .venv demo runs *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .vae-lab

# Byte-compiled, since importing torch takes twice as long without.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "make: $(PYTHON) is not Python 3.11 or newer; try: make PYTHON=python3.12" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt
	$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	$(BIN)/python -m compileall -q vae_helpers vae_zoo vae_checks vae_grading
	touch $@
