"""deploy/OpenCV/cpp and deploy/video, by the README's commands, held to tools/demo_track.py."""

import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import onnx
import pytest

from yolox.data.preprocess import preprocess
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.formats.mot import read_tracks
from yolox.structures.preprocessing import PREPROCESSINGS
from yolox.visualize.colours import bgr_of
from yolox.visualize.video import count_frames, write_video

pytestmark = pytest.mark.slow

README = "deploy/OpenCV/cpp/README.md"
PROGRAM = "deploy/OpenCV/cpp/build/track_opencv"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
FRAMES = 12


def blocks(root):
    parts = (root / README).read_text().split("```sh\n")[1:]
    return [
        [shlex.split(line) for line in part.split("```")[0].replace("\\\n", "").splitlines()]
        for part in parts
    ]


def call(folder, *words, code=0):
    done = subprocess.run(
        list(map(str, words)), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A copy of the sources, a video and its images; the README's programs built, a network."""
    for program in ("cmake", "c++"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program}")
    folder = tmp_path_factory.mktemp("opencv_cpp")
    for part in ("cpp", "video", "OpenCV"):
        shutil.copytree(
            root / "deploy" / part,
            folder / "deploy" / part,
            ignore=shutil.ignore_patterns("build*"),
        )
    _, (configure, build), (export,), *_ = blocks(root)
    found = subprocess.run(
        [*configure, "-DBYTETRACK_VIDEO_TESTS=ON"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if 'configuration file provided by "OpenCV"' in found.stderr:
        pytest.skip("OpenCV's C++ headers are not installed (libopencv-dev)")
    assert found.returncode == 0, found.stderr
    call(folder, *build)
    for name in ("exps", "pretrained"):
        (folder / name).symlink_to(root / name)
    call(folder, sys.executable, root / export[1], *export[2:])
    (folder / "walk").mkdir()
    with write_video(folder / "walk.mp4", 448, 252, 20.0) as write:
        scene = make_scene(8, FRAMES, seed=5, width=448, height=252)
        for number, image in enumerate(render(scene), start=1):
            write(image)
            cv2.imwrite(str(folder / "walk" / f"{number}.png"), image)
    return folder


def demo(root, folder, kind, path, *words):
    call(
        folder, sys.executable, root / "tools/demo_track.py", kind, "--path", path, "-f", EXP,
        "-c", WEIGHTS, "--output", "torch", *words,
    )  # fmt: skip
    return read_tracks(folder / "torch/walk.txt")


def assert_same(mine, theirs, pixels):
    assert np.array_equal(mine.frames, theirs.frames)
    assert np.array_equal(mine.ids, theirs.ids)
    np.testing.assert_allclose(mine.boxes, theirs.boxes, atol=pixels)


def test_the_tracks_of_images_are_those_of_the_project(root, folder):
    done = call(folder, PROGRAM, "boxes.onnx", "walk", "--output", "images")
    mine = read_tracks(folder / "images/walk.txt")
    assert done.stdout.splitlines()[0] == f"walk: {FRAMES} frames, 448 × 252, 30 a second"
    ids = len(np.unique(mine.ids))
    assert f"walk: {FRAMES} frames, {len(mine)} boxes, {ids} ids; " in done.stdout
    assert done.stdout.endswith("results in images\n")
    assert not done.stderr
    assert len(mine) > 50
    # Written to 0.01 pixels, and computed by another runtime.
    assert_same(mine, demo(root, folder, "image", "walk", "--conf", 0.1), 0.02)


def test_the_tracks_of_a_video(root, folder):
    *_, (track,), _, _ = blocks(root)
    call(folder, *track)
    assert count_frames(folder / "runs/opencv/walk.mp4") == FRAMES
    mine = read_tracks(folder / "runs/opencv/walk.txt")
    # OpenCV turns a video's colours into BGR by another matrix.
    assert_same(mine, demo(root, folder, "video", "walk.mp4", "--conf", 0.1), 1.0)
    assert sorted(path.name for path in (folder / "runs/opencv").iterdir()) == [
        "walk.mp4",
        "walk.txt",
    ]


def test_another_size(root, folder):
    *_, (export, track) = blocks(root)
    call(folder, sys.executable, root / export[1], *export[2:])
    call(folder, *track)
    assert len(read_tracks(folder / "runs/open/walk.txt"))
    call(folder, PROGRAM, "open.onnx", "walk", "--output", "open")
    theirs = read_tracks(folder / "images/walk.txt")
    assert_same(read_tracks(folder / "open/walk.txt"), theirs, 0.02)


def test_covertrack(root, folder):
    *_, (track,), _ = blocks(root)
    chosen = track[track.index("--tracker") : track.index("--output")]
    call(folder, PROGRAM, "boxes.onnx", "walk", "--output", "cover", *chosen)
    mine = read_tracks(folder / "cover/walk.txt")
    assert len(mine) > 50
    assert_same(mine, demo(root, folder, "image", "walk", "--conf", 0.1, *chosen), 0.02)

    call(folder, *track)
    mine = rows_of(read_tracks(folder / "runs/cover/walk.txt"))
    theirs = rows_of(demo(root, folder, "video", "walk.mp4", "--conf", 0.1, *chosen))
    both = mine.keys() & theirs.keys()
    # A video's colours differ, and so somebody at a threshold may be found a frame later.
    assert len(mine.keys() ^ theirs.keys()) <= 2 < 50 < len(both)
    for row in both:
        np.testing.assert_allclose(mine[row], theirs[row], atol=1.0)


def rows_of(tracks):
    """Give the boxes by frame and id."""
    keys = zip(tracks.frames.tolist(), tracks.ids.tolist(), strict=True)
    return dict(zip(keys, tracks.boxes, strict=True))


BYTE = ["--track-thresh", 0.5, "--match-thresh", 0.7, "--track_buffer", 10, "--no-legacy"]
COVER = ["--tracker", "covertrack", "--new-thresh", 0.4, "--no-box-camera", "--image-width", 300]


@pytest.mark.parametrize("tracker", [BYTE, COVER])
def test_every_option_does_what_it_does_in_python(root, folder, tracker):
    options = ["--conf", 0.05, "--nms", 0.5, "--min-box-area=900", "--max-aspect-ratio", 0.5]
    options += ["--classes", "0", *tracker]
    done = call(
        folder, PROGRAM, "boxes.onnx", "walk", "--output", "options", "--no-video", *options
    )
    mine = read_tracks(folder / "options/walk.txt")
    theirs = demo(root, folder, "image", "walk", *options)
    assert 0 < len(mine) < len(read_tracks(folder / "images/walk.txt"))
    assert_same(mine, theirs, 0.02)
    assert "are too small or too wide for people and were left out" in done.stderr
    assert not (folder / "options/walk.mp4").exists()


def test_the_docs_show_the_same_commands(root):
    docs = (root / "docs/deployment.md").read_text().partition("## Programs in C++")[2]
    shown = docs.split("```sh\n")[1].split("```")[0].replace("\\\n", "").splitlines()
    _, (configure, build), (export,), (track,), *_ = blocks(root)
    assert [shlex.split(line) for line in shown] == [configure, build, export, track]


def test_help_names_every_option(folder):
    text = call(folder, PROGRAM, "--help").stdout
    for word in (
        "NETWORK",
        "VIDEO",
        "--output DIR",
        "--tsize H W",
        "--classes A,B",
        "--no-video",
        "--tracker NAME",
        "--track-buffer X",
        "--no-legacy",
        "--open-belief X",
    ):
        assert word in text


@pytest.mark.parametrize("convention", ["legacy", "current"])
@pytest.mark.parametrize("size", [(288, 512), (96, 64), (416, 416)])
def test_parts_are_the_python_ones(folder, convention, size):
    program = f"{PROGRAM.rpartition('/')[0]}/video/parts"
    picture = folder / "walk/3.png"
    done = call(folder, program, picture, *size, convention, "input.bin", "boxes.png")
    image = cv2.imread(str(picture))
    meant, fitted = preprocess(image, size, PREPROCESSINGS[convention])
    said = np.fromfile(folder / "input.bin", np.float32).reshape(meant.shape)
    assert float(done.stdout) == fitted.scale
    assert np.array_equal(said, meant)

    drawn = cv2.imread(str(folder / "boxes.png"))
    for track_id in range(1, 7):
        left = 60 * track_id
        assert tuple(drawn[149, left + 20]) == bgr_of(track_id)
        assert tuple(drawn[130, left]) == bgr_of(track_id)
    assert np.array_equal(drawn[200:], image[200:])


def test_damaged_and_odd_images_are_coped_with(folder):
    odd = folder / "odd"
    odd.mkdir()
    for number in (1, 2, 10):  # of odd sides, which mp4 does not know
        image = cv2.imread(str(folder / f"walk/{min(number, 3)}.png"))[:251, :447]
        cv2.imwrite(str(odd / f"{number}.png"), image)
    (odd / "3.png").write_bytes(b"no image")
    (odd / "notes.txt").write_text("of no interest")
    cv2.imwrite(str(odd / "11.png"), cv2.resize(image, (300, 200)))
    done = call(folder, PROGRAM, "boxes.onnx", "odd", "--output", "odd_out")
    assert done.stderr == "note: frame 3: odd/3.png: is no image, or is damaged\n"
    assert count_frames(folder / "odd_out/odd.mp4") == 5
    assert set(read_tracks(folder / "odd_out/odd.txt").frames.tolist()) >= {1, 2, 4, 5}


def test_a_video_that_was_cut_is_read_as_far_as_it_goes(folder):
    (folder / "cut.mp4").write_bytes((folder / "walk.mp4").read_bytes()[:-3000])
    done = call(folder, PROGRAM, "boxes.onnx", "cut.mp4", "--output", "cut")
    frames = count_frames(folder / "cut/cut.mp4")
    assert 1 <= frames < FRAMES
    said = f"note: cut: ends after frame {frames} of {FRAMES} that its header tells of\n"
    assert done.stderr == said


@pytest.fixture(scope="module")
def long_walk(folder):
    for number in range(2000):
        (folder / "long" / f"{number}.png").parent.mkdir(exist_ok=True)
        os.link(folder / f"walk/{number % FRAMES + 1}.png", folder / f"long/{number}.png")
    return "long"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_whole_files_and_a_terminal_sees_how_far_it_is(folder, long_walk, number):
    terminal, inner = pty.openpty()
    words = [folder / PROGRAM, "boxes.onnx", long_walk, "--output", f"stopped{number}"]
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=inner, text=True
    ) as run:
        seen = b""
        while b" a second" not in seen:
            seen += os.read(terminal, 1000)
        run.send_signal(number)
        said = run.stdout.read()
    assert run.returncode == 0
    assert "stopped; results in" in said
    assert b" of 2000 frames, " in seen
    frames = count_frames(folder / f"stopped{number}/long.mp4")
    assert 1 <= frames < 2000
    assert read_tracks(folder / f"stopped{number}/long.txt").frames.max() <= frames
    os.close(terminal)
    os.close(inner)


def test_two_signals_end_it_at_once_and_leave_what_was_there(folder, long_walk):
    before = folder / "broken/long.txt"
    before.parent.mkdir()
    before.write_text("as it was")
    words = [
        folder / PROGRAM,
        "boxes.onnx",
        long_walk,
        "--output",
        "broken",
        "--tsize",
        "288",
        "512",
    ]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as run:
        run.stdout.readline()
        time.sleep(0.2)
        run.send_signal(signal.SIGSTOP)  # so that both are there before it can end
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        run.send_signal(signal.SIGCONT)
    assert run.returncode < 0
    assert before.read_text() == "as it was"


def changed(folder, key, value):
    """Write boxes.onnx with another text in its metadata, or without it."""
    file = onnx.load(str(folder / "boxes.onnx"))
    texts = {one.key: one.value for one in file.metadata_props} | {key: value}
    del file.metadata_props[:]
    onnx.helper.set_model_props(file, {name: text for name, text in texts.items() if text})
    onnx.save(file, str(folder / "changed.onnx"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["boxes.onnx"], "give a network and a video; see track_opencv --help"),
        (["boxes.onnx", "walk", "--confi", "1"], "there is no option --confi; see --help"),
        (["boxes.onnx", "walk", "--tsize", "288"], "--tsize lacks H W; see --help"),
        (["boxes.onnx", "walk", "--no-video=1"], "--no-video takes no value; see --help"),
        (["boxes.onnx", "walk", "--conf", "x"], "--conf is 'x'; give a number of at least 0"),
        (["boxes.onnx", "walk", "--conf", "nan"], "--conf is 'nan'; give a number of at least 0"),
        (["boxes.onnx", "walk", "--conf", "2"], "--conf is 2; give a number from 0 to 1"),
        (["boxes.onnx", "walk", "--nms", "-1"], "--nms is '-1'; give a number of at least 0"),
        (["boxes.onnx", "walk", "--track-thresh", "9"], "track_thresh is 9; give a number from 0"),
        (["boxes.onnx", "walk", "--tracker", "sort"], "there is no tracker 'sort'; give byte or c"),
        (["boxes.onnx", "walk", "--last-box", "1"], "tracker byte takes no --last-box; leave it o"),
        (["boxes.onnx", "walk", "--min-box-area", "-1"], "--min-box-area is '-1'; give a number"),
        (["boxes.onnx", "walk", "--classes", "0,b"], "--classes is 'b'; give a whole number of at"),
        (["boxes.onnx", "walk", "--classes", "1"], "the detector knows no class 1; give numbers"),
        (["boxes.onnx", "walk", "--tsize", "288", "500"], "input is 288 × 500; give multiples of"),
        (
            ["boxes.onnx", "walk", "--tsize", "288", "544"],
            "boxes.onnx: cannot be run on 288 × 544 (",
        ),
        (["none.onnx", "walk"], "none.onnx: cannot be read; give an ONNX file of tools/export_on"),
        (["walk", "walk"], "walk: cannot be read; give an ONNX file of tools/export_onnx.py"),
        (["walk.mp4", "walk"], "walk.mp4: is no whole ONNX file; copy or export it anew"),
        (["cut.onnx", "walk"], "cut.onnx: is no whole ONNX file; copy or export it anew"),
        (["empty", "walk"], "empty: does not say what it is; write it with this project's export"),
        (["boxes.onnx", "none"], "none: no such file or folder; give a video or a folder of imag"),
        (
            ["boxes.onnx", "boxes.onnx"],
            "boxes.onnx: cannot be opened as a video; give one that ffm",
        ),
        (["boxes.onnx", "rows.txt"], "rows.txt: holds text, no video; give a video"),
        (["boxes.onnx", "deploy"], "deploy: holds no image (.jpg, .png, .bmp, .tif, .webp); give"),
        (["boxes.onnx", "bad"], "bad: none of its 1 images can be read; fetch them anew"),
        (
            ["boxes.onnx", "walk", "--output", "boxes.onnx"],
            "boxes.onnx/walk.txt: cannot be written",
        ),
        (["boxes.onnx", "walk.mp4", "--output", "."], "walk.mp4: would be replaced by the result"),
    ],
)
def test_bad_input_is_told_in_one_line(folder, words, message):
    (folder / "empty").write_bytes(b"")
    (folder / "rows.txt").write_text("1,-1,10,20,30,60,0.9\n" * 99)
    (folder / "bad").mkdir(exist_ok=True)
    (folder / "bad/1.jpg").write_bytes(b"no image")
    (folder / "cut.onnx").write_bytes((folder / "boxes.onnx").read_bytes()[:-300])
    done = call(folder, PROGRAM, *words, code=2)
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("boxes", "suppressed", "changed.onnx: suppresses boxes itself; export it without --nms"),
        ("boxes", "", "changed.onnx: its metadata lack boxes; export it anew"),
        ("class_names", '["a", "b"]', "by its metadata it is 3024 × 7 and 0: export it anew"),
        ("embedding_dim", "64", "changed.onnx: cannot be run on 288 × 512 ("),
        ("input_size", "[288]", "its metadata say that input_size is '[288]', unknown to this"),
    ],
)
def test_metadata_that_do_not_fit(folder, key, value, message):
    changed(folder, key, value)
    done = call(folder, PROGRAM, "changed.onnx", "walk", "--output", "misfit", code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(folder.glob("misfit/*"))


def test_what_opencv_does_not_know(folder):
    file = onnx.load(str(folder / "boxes.onnx"))
    file.graph.node[0].op_type = "Guess"
    onnx.save(file, str(folder / "guess.onnx"))
    done = call(folder, PROGRAM, "guess.onnx", "walk", "--output", "guessed", code=2)
    assert "guess.onnx: OpenCV " in done.stderr
    assert "export it with --no-reid" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "guessed").exists()
