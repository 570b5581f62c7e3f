# The two commands of the README: `make demo` and `make test`. Both make what they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check --quiet --constraint requirements.txt
RUN := runs/demo

.PHONY: demo test lint clean

demo: $(VENV)/base
	$(BIN)/python tools/make_synthetic.py --output $(RUN) --frames 300
	$(BIN)/python tools/track.py --detections $(RUN)/detections/train --gt $(RUN)/train --output $(RUN)/byte
	$(BIN)/python tools/draw_tracks.py --results $(RUN)/byte --gt $(RUN)/train --output $(RUN)/pictures
	@echo "look at $(RUN)/train/street-000/img1 and $(RUN)/pictures/street-000.png"

test: $(VENV)/dev lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/base: pyproject.toml requirements.txt setup.py
	@echo "installing tracker and evaluation into $(VENV) (once, about a minute)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

# torch's build with CUDA makes this large; it runs on a CPU just as well.
# cython_bbox is an oracle of one test; it has no wheel, and the test is skipped without it.
$(VENV)/dev: $(VENV)/base
	@echo "installing torch and what the tests need into $(VENV) (once, some minutes, 6 GB)"
	$(PIP) --editable '.[detector,deploy,dev]'
	@$(PIP) cython_bbox || echo "cython_bbox needs a C compiler; its test will be skipped"
	@touch $@

clean:
	rm -rf $(VENV) runs build *.egg-info
