# One readable line each over the command line; each target sets up .venv by itself.
#   make grade   grade submitted/, or the example class while that is empty
#   make test    the whole test suite
PYTHON ?= python3
A ?= convolutions
FILE ?= assignments/$(A)
# Another package index for torch alone, for example one with CPU builds.
TORCH_INDEX ?=
# Sizes of further classes for `make bench`.
GROWTH ?=

BIN := .venv/bin
# Nothing is imported from the folder these are started in.
grade check watch release template audit translations formgrader: export PYTHONSAFEPATH := 1

.PHONY: setup grade test check watch release template audit translations formgrader lint wheel screenshots bench soak fuzz nbgrader-suite clean
.DEFAULT_GOAL := grade

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[grade,dev]'
	@touch $@

grade: setup
	@$(BIN)/autograder grade --assignment $(A)

# The attacks by themselves: they compare the whole machine before and after.
test: setup lint
	$(BIN)/pytest --numprocesses auto --dist loadfile --ignore tests/autograder/attacks
	$(BIN)/pytest tests/autograder/attacks

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: setup
	@$(BIN)/autograder check $(FILE)

watch: setup
	@$(BIN)/autograder watch $(FILE)

release: setup
	@$(BIN)/autograder release

# The repository that students start from, in build/template.
template: setup
	@$(BIN)/autograder template $(A) $(if $(TORCH_INDEX),--torch-index $(TORCH_INDEX))

audit: setup
	@$(BIN)/autograder audit $(A)

# The catalogs of translations, brought up to date; prints what is still to be translated.
translations: setup
	@$(BIN)/autograder translations

# nbgrader's formgrader for this course: prints the address to open, Control-C ends it.
formgrader: setup
	@$(BIN)/autograder formgrader

# The checker as one file, to hand out with the assignment.
wheel: setup
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir build/wheel .

# The pictures of docs/images, taken anew; they need Chromium.
screenshots: setup
	@$(BIN)/python tests/screenshots.py

# The figures of benchmarks/README.md, about half an hour; `make bench GROWTH=10000` adds a class.
bench: setup build/peers/nbgrader/ready build/peers/otter/ready
	$(BIN)/python benchmarks/one_submission.py
	$(BIN)/python benchmarks/layers.py
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/growth.py 100 1000 $(GROWTH)
	$(BIN)/python benchmarks/cluster.py
	$(BIN)/python benchmarks/watch.py

# What we are compared with, each in an environment of its own, kept between runs.
build/peers/%/ready: benchmarks/stock/%.txt constraints.txt
	$(PYTHON) -m venv build/peers/$*
	build/peers/$*/bin/pip install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	build/peers/$*/bin/pip install --quiet --constraint constraints.txt --requirement $<
	@touch $@

# A class killed at a hundred random moments, every labelled submission by both routes, then every
# hostile submission in every combination of layers, as root and as an ordinary user.
soak: setup
	$(BIN)/python tests/soak_kills.py 100
	$(BIN)/python tests/same_scores.py
	$(BIN)/python tests/soak.py

# nbgrader's own tests, stock and with our steps: the same must pass and fail. Half an hour.
nbgrader-suite: setup
	$(BIN)/python tests/nbgrader_suite.py

# A million broken frames for what reads the answers of student code.
fuzz: setup
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[grade,dev,fuzz]'
	@$(BIN)/python tests/fuzz/fuzz_wire.py

clean:
	rm -rf .venv build
