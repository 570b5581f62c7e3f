"""tools/demo_track.py, as a user types it."""

import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import av
import cv2
import pytest

from yolox.data.footage import open_footage
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.detector import NetworkDetector
from yolox.engine.inference import detect
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.formats.mot import read_tracks
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import TrackTable
from yolox.tracker.byte_tracker import ByteTrack
from yolox.visualize.video import write_video

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
FRAMES = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """street.mp4, its frames as images, and walk.mp4, a shorter part of it."""
    folder = tmp_path_factory.mktemp("demo")
    images = list(render(make_scene(8, FRAMES, seed=5, width=448, height=252)))
    (folder / "images").mkdir()
    for name, some in (("street", images), ("walk", images[4:])):
        with write_video(folder / f"{name}.mp4", 448, 252, 20.0) as write:
            for image in some:
                write(image)
    for number, image in enumerate(images, start=1):
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image)
    return folder


@pytest.fixture(scope="module")
def network(root):
    return ["-f", root / EXP, "-c", root / WEIGHTS]


@pytest.fixture(scope="module")
def start(root, folder):
    def run(*words, **options):
        command = [sys.executable, str(root / "tools" / "demo_track.py"), *map(str, words)]
        return subprocess.Popen(
            command,
            text=True,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return run


@pytest.fixture(scope="module")
def call(start):
    def run(*words, stdin="", **options):
        with start(*words, **options) as process:
            out, err = process.communicate(stdin, timeout=200)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    return run


def frames_of(path):
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


@pytest.fixture(scope="module")
def together(call, network):
    done = call("video", "--path", "street.mp4", "walk.mp4", *network, "--save-result", "--output",
                "both", "--conf", 0.1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def test_two_videos_at_once(together, call, network, folder):
    assert sorted(path.name for path in (folder / "both").iterdir()) == [
        f"{name}.{kind}" for name in ("street", "walk") for kind in ("jsonl", "mp4", "txt")
    ]
    assert frames_of(folder / "both/street.mp4") == FRAMES
    assert frames_of(folder / "both/walk.mp4") == FRAMES - 4
    assert re.search(r"^street: 12 frames, \d+ boxes, \d+ ids$", together.stdout, re.MULTILINE)
    assert together.stdout.endswith("results in both\n")
    alone = call("video", "--path", "walk.mp4", *network, "-expn", "alone", "--conf", 0.1)
    assert alone.returncode == 0, alone.stderr
    for kind in ("txt", "jsonl"):
        assert (folder / f"runs/alone/walk.{kind}").read_text() == (
            folder / f"both/walk.{kind}"
        ).read_text()


def test_rows_are_those_of_a_plain_loop(together, folder, root):
    detector = open_detector(DetectorChoice(root / EXP, root / WEIGHTS, score_thresh=0.1))
    assert isinstance(detector, NetworkDetector)
    tracker = ByteTrack(frame_rate=20.0)
    found = detect(detector, [open_footage(folder / "street.mp4")])
    table = TrackTable.from_frames(tracker.update(one.detections) for one in found)
    expected = drop_odd_boxes(table, min_box_area=10)
    rows = read_tracks(folder / "both/street.txt")
    assert rows.frames.tolist() == expected.frames.tolist()
    assert rows.ids.tolist() == expected.ids.tolist()
    assert abs(rows.boxes - expected.boxes).max() < 0.02
    lines = [json.loads(line) for line in (folder / "both/street.jsonl").read_text().splitlines()]
    assert [line["time"] for line in lines] == [round(k / 20, 4) for k in range(FRAMES)]


def test_images_from_a_folder_and_from_stdin(call, network, folder):
    words = [*network, "--tracker", "sort", "--fps", 5, "--trail", 3, "--min-box-area", 0,
             "--max-aspect-ratio", 0, "-b", 2, "--device", "cpu", "--bf16", "--nms", 0.6,
             "--no-fuse", "--no-channels-last", "--tsize", 256, 448, "--classes", "0"]  # fmt: skip
    done = call("image", "--path", "images", *words, "--output", "f", "--save-result", "frames")
    assert done.returncode == 0, done.stderr
    assert len(list((folder / "f/images").iterdir())) == FRAMES
    names = "".join(f"images/{number}.png\n" for number in range(1, FRAMES + 1))
    piped = call("image", "--path", "-", *words, "--output", "p", stdin=names)
    assert piped.returncode == 0, piped.stderr
    assert (folder / "p/images.txt").read_text() == (folder / "f/images.txt").read_text() != ""
    times = [
        json.loads(row)["time"] for row in (folder / "p/images.jsonl").read_text().splitlines()
    ]
    assert times[:3] == [0.0, 0.2, 0.4]
    again = call("image", "--path", "images", *words, "--output", "f", "--save-result", "frames")
    assert (again.returncode, again.stderr) == (
        2, "error: f/images: is there already; remove it, or give another --output\n"
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_whole_files(start, network, folder, number, tmp_path):
    long = tmp_path / "long.mp4"
    with write_video(long, 64, 64, 30.0) as write:
        for image in [cv2.imread(str(folder / "images/1.png"))[100:164, 100:164].copy()] * 20_000:
            write(image)
    with start("video", "--path", long, *network, "--tsize", 64, "--save-result", "--output",
               tmp_path / "out") as process:  # fmt: skip
        waited = time.monotonic()
        while not list(tmp_path.glob("out/.long.jsonl.*.part")):
            assert time.monotonic() - waited < 100
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(number)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    assert out.rstrip().splitlines()[-1].startswith("stopped; results in ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "long.jsonl", "long.mp4", "long.txt"
    ]  # fmt: skip
    count = len((tmp_path / "out/long.jsonl").read_text().splitlines())
    assert 0 < count < 20_000
    assert frames_of(tmp_path / "out/long.mp4") == count
    assert read_tracks(tmp_path / "out/long.txt").last_frame <= count


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("pictures", ["video", "frames"])
def test_a_full_disk(call, network, folder, pictures):
    done = call("video", "--path", "street.mp4", *network, "--output", f"full-{pictures}",
                "--save-result", pictures, preexec_fn=small_files)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in (folder / f"full-{pictures}").rglob("*")] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["video"], "video needs --path; give a file, a folder or an address"),
        (["video", "--path", "gone.mp4"], "gone.mp4: no such file or folder"),
        (["video", "--path", "street.mp4", "copy/street.mp4"], "two videos are called street"),
        (["video", "--path", "street.mp4", "--save-result", "--output", "."],
         "street.mp4: would be replaced by the result; give another --output"),
        (["webcam", "--camid", "63"], "63"),
        (["video", "--path", "street.mp4", "--show"], "there is no screen to show the video on"),
        (["video", "--path", "street.mp4", "--tracker", "sort", "--iou-thresh", "7"], "iou_thresh"),
        (["video", "--path", "street.mp4", "--fps", "0"], "frame_rate is 0.0"),
        (["video", "--path", "street.mp4", "--detector", "a.onnx"], "is a whole detector"),
        (["video", "--path", "street.mp4", "--reconnect", "-1"], "argument --reconnect"),
        (["video", "--path", "street.mp4", "--compile", "--fp16", "--device", "cpu"], "fp16 is"),
        (["vide", "--path", "street.mp4"], "invalid choice: 'vide'"),
        (["--path", "street.mp4"], "arguments are required: {image,video,webcam}; see demo_track"),
        (["video", "--path", "street.mp4", "--device", "cpu", "modle", "s"], "did you mean model?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(fail, network, folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    (folder / "copy").mkdir(exist_ok=True)
    shutil.copy(folder / "walk.mp4", folder / "copy/street.mp4")
    before = (folder / "street.mp4").read_bytes()
    assert message in fail("demo_track", *words, *network)
    assert (folder / "street.mp4").read_bytes() == before


@pytest.mark.data
def test_a_published_detector_in_one_file(call, shared_data, folder):
    path = shared_data / "weights" / "yolox_nano_coco.onnx"
    done = call("image", "--path", shared_data / "frames/MOT17-04-FRCNN/img1", "--detector", path,
                "--preprocessing", "current", "--classes", "person,car", "--class-aware",
                "--save-result", "frames", "--output", "coco")  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = (folder / "coco/img1.jsonl").read_text().splitlines()
    assert {one["class"] for line in lines for one in json.loads(line)["tracks"]} <= {
        "person", "car"
    }  # fmt: skip
    assert len(lines) == 8
