# The README's two commands, `make demo` and `make test`, and `make demo-train`, which makes the
# weights that the demo uses. All make what they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check --quiet --constraint requirements.txt
RUN := runs/demo
EXPS := exps/example/synthetic
WEIGHTS ?= pretrained/yolox_nano_reid_synthetic.pth
MAKE_SCENES := $(BIN)/python tools/make_synthetic.py --output

.PHONY: demo demo-train scenes test lint clean

# Scenes of seeds that no training set here has.
demo: $(VENV)/detector
	$(MAKE_SCENES) $(RUN) --preset street moving_camera low_fps --frames 200 --seed 900
	$(BIN)/python tools/track.py -f $(EXPS)/yolox_nano_reid_long.py -c $(WEIGHTS) --conf 0.1 \
		--gt $(RUN)/train --tracker byte --output $(RUN)/byte \
		--save-detections $(RUN)/found --overwrite
	$(BIN)/python tools/track.py --detections $(RUN)/found --gt $(RUN)/train \
		--tracker byte_reid --output $(RUN)/byte_reid
	$(BIN)/python tools/draw_tracks.py --results $(RUN)/byte $(RUN)/byte_reid --gt $(RUN)/train \
		--video --video-width 640 --output $(RUN)/pictures
	$(BIN)/python tools/compare_results.py --gt $(RUN)/train --results $(RUN)/byte $(RUN)/byte_reid
	$(BIN)/python tools/demo_track.py image --path $(RUN)/train/* \
		-f $(EXPS)/yolox_nano_reid_long.py -c $(WEIGHTS) --conf 0.1 --tracker byte_reid \
		--save-result --output $(RUN)/video
	$(BIN)/python tools/report.py $(RUN)/byte_reid --gt $(RUN)/train --images $(RUN)/train \
		--video $(RUN)/video --output $(RUN)/report.html
	@echo "look at $(RUN)/report.html and $(RUN)/pictures/moving_camera-901.mp4"

demo-train: runs/yolox_nano_reid_long/done
	$(MAKE) demo RUN=runs/demo-train WEIGHTS=runs/yolox_nano_reid_long/best.pth

# Each stage begins with the weights of the one before; one that was stopped goes on.
TRAIN = $(BIN)/python tools/train.py -b 8 --precision bf16 -f $(EXPS)/$(1).py \
	$(if $(2),-c runs/$(2)/best.pth) $(if $(wildcard runs/$(1)/latest.pth),--resume) \
	&& touch runs/$(1)/done

runs/yolox_nano_detector/done: datasets/synthetic_long/annotations/train.json
	$(call TRAIN,yolox_nano_detector)

runs/yolox_nano_reid/done: runs/yolox_nano_detector/done
	$(call TRAIN,yolox_nano_reid,yolox_nano_detector)

runs/yolox_nano_reid_long/done: runs/yolox_nano_reid/done
	$(call TRAIN,yolox_nano_reid_long,yolox_nano_reid)

scenes: datasets/synthetic_long/annotations/train.json

datasets/synthetic_long/annotations/train.json: | $(VENV)/detector
	$(MAKE_SCENES) datasets/synthetic --frames 30 --preset low_fps --sequences 40 --seed 0
	$(MAKE_SCENES) datasets/synthetic --frames 30 --preset moving_camera --sequences 30 --seed 40
	$(MAKE_SCENES) datasets/synthetic --frames 30 --preset street --sequences 10 --seed 70
	$(MAKE_SCENES) datasets/synthetic --frames 30 --preset crowd --sequences 8 --seed 80
	$(MAKE_SCENES) datasets/synthetic_long --frames 60 --preset low_fps --sequences 40 --seed 100
	$(MAKE_SCENES) datasets/synthetic_long --frames 60 --preset moving_camera --sequences 15 --seed 140
	$(MAKE_SCENES) datasets/synthetic_val --frames 60 --preset street moving_camera low_fps --seed 800
	for set in synthetic synthetic_val synthetic_long; do \
		$(BIN)/python tools/convert_dataset.py synthetic --data-dir datasets/$$set || exit; \
	done

test: $(VENV)/dev lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# torch's build with CUDA makes this large; it runs on a CPU just as well.
$(VENV)/detector: pyproject.toml requirements.txt setup.py $(shell find deploy/cpp -name '*.?pp')
	@echo "installing torch and everything else into $(VENV) (once, some minutes, 6 GB)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[detector]'
	@touch $@

# cython_bbox is an oracle of one test; it has no wheel, and the test is skipped without it. So are
# the tests in a browser where Chromium is not there and cannot be installed from Debian's packages.
$(VENV)/dev: $(VENV)/detector
	@echo "installing what the tests need into $(VENV) (once)"
	$(PIP) --editable '.[detector,deploy,dev]'
	@$(PIP) cython_bbox || echo "cython_bbox needs a C compiler; its test will be skipped"
	@command -v chromedriver >/dev/null || { apt-get update && apt-get install --yes \
		--no-install-recommends chromium chromium-driver; } >/dev/null 2>&1 \
		|| echo "no Chromium with its driver; the tests in a browser will be skipped"
	@touch $@

clean:
	rm -rf $(VENV) runs build *.egg-info
