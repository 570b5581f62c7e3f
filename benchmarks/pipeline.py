r"""Throughput of video to tracks, beside a straight loop over the same frames and weights.

  python benchmarks/pipeline.py --path vtest.avi -f exps/default/yolox_nano.py -c yolox_nano.onnx \
      --tsize 416 --classes person preprocessing current

The straight loop does one thing after the other, as ByteTrack's scripts do: read, fit and normalise
in NumPy, forward, suppress, track, all with PyTorch's own settings. Rounds of all variants take
turns; the median counts. Quality stands beside speed: IDF1 of a variant's tracks, were the loop's
the truth.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
import torch
from device import describe, finish
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, add_detector_options, at_least, detector_choice, run
from yolox.data.footage import open_footage
from yolox.engine.checkpoint import load_model
from yolox.engine.inference import StageTimes, detect
from yolox.engine.open_detector import DetectorChoice, open_detector, read_weights
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.postprocess import postprocess
from yolox.structures import TrackTable, TruthTable
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import CURRENT, PREPROCESSINGS, Letterbox
from yolox.tracker.byte_tracker import ByteTrack


class Result(NamedTuple):
    """What a variant made of the frames, the seconds it took, and those of its stages."""

    tracks: TrackTable
    seconds: float
    times: StageTimes


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--path", required=True, metavar="PATH", help="a video, or a folder of images")
    add("--onnx-runtime", action="store_true", help="run -c, an ONNX file, by ONNX Runtime too")
    add("--rounds", type=at_least(1, int), default=3, metavar="N", help="(default: 3)")
    # fmt: on
    add_detector_options(parser)
    return parser.parse_args()


def main() -> None:
    """Time all variants and print the table."""
    args = parse_args()
    choice = detector_choice(args)
    variants: dict[str, Callable[[], Result]] = {
        "straight loop": lambda: straight(args.path, choice)
    }
    device = torch.device(choice.device)
    precisions = ("fp32", "bf16") if device.type == "cpu" else ("fp32", "fp16")
    for precision in precisions:
        varied = choice._replace(precision=precision)
        variants[f"pipeline, {precision}"] = lambda varied=varied: pipeline(
            args.path, varied, args.batch_size
        )
    if args.onnx_runtime:
        variants["pipeline, ONNX Runtime"] = lambda: pipeline(
            args.path, whole_file(choice), args.batch_size
        )
    results: dict[str, list[Result]] = {name: [] for name in variants}
    for variant in variants.values():
        variant()  # the first round warms the file system and PyTorch's kernels up
    for _ in tqdm(range(args.rounds), unit="round", disable=None):
        for name, variant in variants.items():
            results[name].append(variant())
    print(f"{describe(device)}; medians of rounds")
    print(tabulate(list(rows(results)), headers="keys", tablefmt="github", floatfmt=".2f"))


def straight(path: str, choice: DetectorChoice) -> Result:
    """Do one thing after the other."""
    exp = choice.read_exp()
    assert choice.weights is not None
    model = exp.get_model()
    checkpoint = read_weights(choice.weights, model)
    load_model(model, checkpoint, preprocessing=PREPROCESSINGS[exp.preprocessing])
    model = model.eval().to(choice.device)
    assert model.preprocessing is not None
    keep = [int(name) for name in choice.classes] or None
    tracker, frames, times = ByteTrack(), [], StageTimes()
    start = time.perf_counter()
    images = read_frames(path)
    while True:
        with times.of("read"):
            image = next(images, None)
        if image is None:
            break
        with times.of("prepare"):
            scale = min(exp.test_size[0] / image.shape[0], exp.test_size[1] / image.shape[1])
            width, height = int(image.shape[1] * scale), int(image.shape[0] * scale)
            padded = np.full((*exp.test_size, 3), 114, dtype=np.float32)
            padded[:height, :width] = cv2.resize(image, (width, height))
            if model.preprocessing != CURRENT:
                padded = padded[:, :, ::-1] / 255
                padded = (padded - model.preprocessing.mean) / model.preprocessing.std
            pixels = np.ascontiguousarray(padded.transpose(2, 0, 1), dtype=np.float32)
        with times.of("network"), torch.no_grad():
            output = model(torch.from_numpy(pixels)[None].to(choice.device))
            finish(torch.device(choice.device))
        with times.of("suppress"):
            (found,) = postprocess(
                output,
                [Letterbox(scale)],
                score_thresh=exp.test_conf,
                nms_thresh=exp.nmsthre,
                reid_head=model.reid_head,
            )
            if keep is not None:
                found = found.take(np.isin(found.class_ids, keep))
        with times.of("track"):
            frames.append(tracker.update(found))
        times.frames += 1
    return Result(TrackTable.from_frames(frames), time.perf_counter() - start, times)


def whole_file(choice: DetectorChoice) -> DetectorChoice:
    """Choose the ONNX file itself in place of a network with its weights."""
    exp = choice.read_exp()
    return DetectorChoice(
        exported=choice.weights,
        preprocessing=exp.preprocessing,
        score_thresh=exp.test_conf,
        nms_thresh=exp.nmsthre,
        classes=choice.classes,
    )


def pipeline(path: str, choice: DetectorChoice, batch_size: int) -> Result:
    """Let everything overlap."""
    detector = open_detector(choice)
    tracker, frames, times = ByteTrack(), [], StageTimes()
    start = time.perf_counter()
    with open_footage(path) as footage:
        for found in detect(detector, [footage], batch_size=batch_size, times=times):
            with times.of("track"):
                frames.append(tracker.update(found.detections))
    return Result(TrackTable.from_frames(frames), time.perf_counter() - start, times)


def read_frames(path: str) -> Iterator[Array]:
    """Read a folder's images, or a video, by OpenCV."""
    if Path(path).is_dir():
        for file in sorted(Path(path).iterdir()):
            yield cv2.imread(str(file))
        return
    video = cv2.VideoCapture(path)
    while (read := video.read())[0]:
        yield read[1]
    video.release()


def rows(results: dict[str, list[Result]]) -> Iterator[dict[str, object]]:
    """Lay out the variants, the first being what the others are compared with."""
    reference, *_ = results.values()
    slowest = median(result.seconds for result in reference)
    for name, rounds in results.items():
        middle = sorted(rounds, key=lambda result: result.seconds)[len(rounds) // 2]
        yield {
            "variant": name,
            "ms a frame": 1e3 * middle.seconds / middle.times.frames,
            "times as fast": slowest / middle.seconds,
            **middle.times.milliseconds(),
            "boxes": len(middle.tracks),
            "IDF1 by the loop's": agreement(reference[0], middle) if len(middle.tracks) else None,
        }


def agreement(reference: Result, given: Result) -> float:
    """Score tracks as if the reference's were the truth: IDF1, by TrackEval."""
    tracks = reference.tracks
    ones = np.ones(len(tracks), dtype=np.int64)
    truth = TruthTable(
        frames=tracks.frames,
        boxes=tracks.boxes,
        ids=tracks.ids,
        considered=ones.astype(bool),
        class_ids=ones,
        visibility=ones.astype(float),
    )
    scored = ScoredSequence(truth, given.tracks, reference.times.frames)
    return evaluate({"video": scored}, "trackeval", "MOT15")[COMBINED]["IDF1"]


if __name__ == "__main__":
    run(main)
