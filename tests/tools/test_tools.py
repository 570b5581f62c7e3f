"""The command lines as a user types them."""

import json

import av
import numpy as np
import PIL.Image
import pytest

FOUND = "scene/detections/train"
PER_SEQUENCE = "exps/example/mot/per_sequence_bytetrack.ini"


@pytest.fixture
def scene(call, tmp_path):
    done = call("make_synthetic", "--output", "scene", "--people", 6, "--frames", 80, "--no-images")
    assert done.returncode == 0, done.stderr
    return tmp_path / "scene"


def test_from_scene_to_picture(call, scene, tmp_path):
    done = call("track", "--detections", FOUND, "--gt", "scene/train",
                "--output", "byte", "--json", "byte.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "protocol trackeval" in done.stdout
    assert "protocol motmetrics" in done.stdout
    report = json.loads((tmp_path / "byte.json").read_text())
    assert report["tracker"] == "byte"

    again = call("evaluate", "--results", "byte", "--gt", "scene/train", "--json", "again.json")
    assert again.returncode == 0, again.stderr
    assert json.loads((tmp_path / "again.json").read_text())["scores"] == report["scores"]

    words = ["--gt", "scene/train", "--metrics-backend", "trackeval", "--json", "library.json"]
    for done in (
        call("evaluate", "--results", "byte", *words),
        call("track", "--detections", FOUND, "--output", "byte", *words),
    ):
        assert done.returncode == 0, done.stderr
        scores = json.loads((tmp_path / "library.json").read_text())["scores"]
        for protocol, by_sequence in report["scores"].items():
            for name, row in by_sequence.items():
                assert scores[protocol][name] == pytest.approx(row)

    drawn = call("draw_tracks", "--results", "byte", "--gt", "scene/train", "--output", "pictures")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "pictures" / "street-000.png").is_file()


def test_two_results_become_one_video(call, tmp_path):
    made = call("make_synthetic", "--output", "scene", "--frames", 12, "--width", 97,
                "--height", 65, "--people", 4)  # fmt: skip
    assert made.returncode == 0, made.stderr
    for tracker in ("byte", "sort"):
        done = call("track", "--detections", FOUND, "--gt", "scene/train", "--half", "val",
                    "--output", tracker, "--tracker", tracker)  # fmt: skip
        assert done.returncode == 0, done.stderr
    words = ["--gt", "scene/train", "--half", "val", "--video", "--output"]
    done = call("draw_tracks", "--results", "byte", *words, "one")
    assert done.returncode == 0, done.stderr
    assert "1 videos of 5 frames in one, " in done.stdout
    assert {path.name for path in (tmp_path / "one").iterdir()} == {
        "street-000.png", "street-000.mp4"
    }  # fmt: skip
    done = call("draw_tracks", "--results", "byte", "sort", *words, "two")
    assert done.returncode == 0, done.stderr
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("two/**/*.*")}
    assert written == {
        "two/street-000.mp4", "two/byte/street-000.png", "two/sort/street-000.png"
    }  # fmt: skip
    for folder, width in (("one", 98), ("two", 198)):
        with av.open(str(tmp_path / folder / "street-000.mp4")) as file:
            stream = file.streams.video[0]
            assert (stream.codec_context.name, stream.width, stream.frames) == ("h264", width, 5)

    (tmp_path / "scene/train/street-000/img1/000009.jpg").unlink()
    done = call("draw_tracks", "--results", "byte", *words, "three")
    assert done.returncode == 2
    assert "img1/000009.jpg: image 9 of frames 8 to 12 is missing; fetch it" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "three").exists()


def test_made_up_sequences_are_whole_and_made_once(call, tmp_path):
    words = ["--output", "o", "--preset", "dance", "low_fps", "--sequences", 2, "--frames", 3,
             "--width", 96, "--height", 64, "--split", "val"]  # fmt: skip
    done = call("make_synthetic", *words)
    assert done.returncode == 0, done.stderr
    names = ["dance-000", "dance-001", "low_fps-002", "low_fps-003"]
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == names
    for name in names:
        images = sorted(path.name for path in (tmp_path / "o/val" / name / "img1").iterdir())
        assert images == ["000001.jpg", "000002.jpg", "000003.jpg"]
        assert (tmp_path / "o/camera_motion/val" / f"{name}.txt").read_text().count("\n") == 3
        assert (tmp_path / "o/detections/val" / f"{name}.txt").is_file()
    first = (tmp_path / "o/val/dance-000/img1/000003.jpg").stat().st_mtime_ns
    again = call("make_synthetic", *words)
    assert again.stdout == "".join(f"{name}: already there\n" for name in names)
    assert (tmp_path / "o/val/dance-000/img1/000003.jpg").stat().st_mtime_ns == first
    (tmp_path / "o/detections/val/dance-000.txt").unlink()
    assert "already there" not in call("make_synthetic", *words).stdout.splitlines()[0]
    assert (tmp_path / "o/detections/val/dance-000.txt").is_file()
    other = call("make_synthetic", *words, "--people", 3)
    assert other.returncode == 2
    assert "dance-000: holds another scene; remove it" in other.stderr
    more = call("make_synthetic", *words, "--seed", 7)
    assert more.stdout.startswith("dance-007: ")


def test_half_and_sort(call, scene, tmp_path):
    done = call("track", "--detections", FOUND, "--gt", "scene/train",
                "--output", "out", "--half", "val", "--tracker", "sort",
                "--workers", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "out" / "street-000.txt").read_text().splitlines()
    assert max(int(row.split(",")[0]) for row in rows) == 39


def test_a_lower_rate_with_a_known_camera_and_other_looks(call, scene, tmp_path):
    (tmp_path / "camera").mkdir()
    rows = [f"{frame} 1 0 0 0 1 0\n" for frame in range(80)]
    (tmp_path / "camera/street-000.txt").write_text("".join(rows))
    (tmp_path / "looks").mkdir()
    count = len((tmp_path / FOUND / "street-000.txt").read_text().splitlines())
    np.save(tmp_path / "looks/street-000.npy", np.ones((count, 1), dtype=np.float32))
    words = ["--gt", "scene/train", "--frame-step", 4, "--json", "scores.json"]
    tracked = call("track", "--detections", FOUND, "--output", "quarter", "--tracker", "byte_reid",
                   "--camera-motion", "camera", "--embeddings", "looks", *words)  # fmt: skip
    assert tracked.returncode == 0, tracked.stderr
    assert "1 sequences, 20 frames" in tracked.stdout
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["frame_step"] == 4
    scored = call("evaluate", "--results", "quarter", *words)
    assert scored.returncode == 0, scored.stderr
    assert json.loads((tmp_path / "scores.json").read_text())["scores"] == report["scores"]


def test_camera_motion_told_from_the_boxes(call, scene, tmp_path):
    words = ["--detections", FOUND, "--gt", "scene/train", "--camera-motion", "boxes"]
    done = call("track", *words, "--frame-step", 2, "--output", "out")
    assert done.returncode == 0, done.stderr
    assert "1 sequences, 40 frames" in done.stdout
    tuned = call("tune", *words, "--output", "tuned", "--trials", 1, "--workers", 1)
    assert tuned.returncode == 0, tuned.stderr


def test_tuned_parameters_are_tracked_with(call, scene, tmp_path):
    where = ["--detections", FOUND, "--gt", "scene/train"]
    more = call("make_synthetic", "--output", "scene", "--people", 6, "--frames", 80, "--seed", 1,
                "--no-images")  # fmt: skip
    assert more.returncode == 0, more.stderr
    (tmp_path / "camera").mkdir()
    for name in ("street-000", "street-001"):
        rows = [f"{frame} 1 0 0 0 1 0\n" for frame in range(80)]
        (tmp_path / f"camera/{name}.txt").write_text("".join(rows))
    tuned = call("tune", *where, "--output", "tuned", "--trials", 3, "--half", "val",
                 "--tune-half", "train", "--objective", "IDF1", "--prior", 1, "--workers", 2,
                 "--camera-motion", "camera", "--frame-step", 2, "--seed", 3,
                 "--benchmark", "MOT17", "--tracker", "byte", "--sequences", "street-*",
                 "--use-sequence-frame-rate",
                 "--track-thresh", 0.55)  # fmt: skip
    assert tuned.returncode == 0, tuned.stderr
    assert "tuning low_thresh, new_thresh" in tuned.stdout
    assert "of byte: 9 trials" in tuned.stdout
    assert "each sequence with parameters found on the others" in tuned.stdout
    flattering = tuned.stdout.partition("(flattering)")[2]
    tracked = call("track", *where, "--output", "byte", "--half", "val", "--camera-motion",
                   "camera", "--frame-step", 2, "--params", "tuned/parameters.json",
                   "--use-sequence-frame-rate", "--benchmark", "MOT17")  # fmt: skip
    assert tracked.returncode == 0, tracked.stderr
    (row,) = (line for line in tracked.stdout.splitlines()[:9] if line.startswith("COMBINED"))
    assert row.split()[1:5] == flattering[flattering.index("COMBINED") :].split()[1:5]


def test_results_are_compared_under_names_that_tell_them_apart(call, scene):
    words = ["--detections", FOUND, "--gt", "scene/train", "--half", "val"]
    for folder, tracker in (("one/runs", "byte"), ("two/runs", "byte"), ("three", "sort")):
        done = call("track", *words, "--output", folder, "--tracker", tracker)
        assert done.returncode == 0, done.stderr
    words = ["--gt", "scene/train", "--half", "val", "--sequences", "street-*", "--results"]
    done = call("compare_results", *words, "one/runs", "two/runs")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    assert rows["one/runs"] == rows["two/runs"][:4]
    assert rows["two/runs"][4:] == ["+0.00", "±", "0.00"] * 3
    done = call("compare_results", *words, "one/runs", "three")
    assert {"runs", "three"} <= {line.split()[0] for line in done.stdout.splitlines() if line}
    done = call("compare_results", *words, "one/runs", "two/../one/runs")
    assert done.returncode == 2
    assert done.stderr == (
        "error: two/../one/runs: is given twice as results; give different folders\n"
    )


def test_byte_tracks_own_spellings(call, scene, root, tmp_path):
    ours = call("track", "--detections", FOUND, "--output", "a", "--track-thresh",
                0.5, "--no-fuse-score", "--match-thresh", 0.7, "--min-box-area", 10)  # fmt: skip
    theirs = call("track", "--detections", FOUND, "--output", "b", "--track_thresh",
                  0.5, "--mot20", "--match_thresh=0.7", "--min_box_area", 10,
                  "--per_sequence", root / PER_SEQUENCE)  # fmt: skip
    assert (ours.returncode, theirs.returncode) == (0, 0), theirs.stderr
    assert (tmp_path / "a/street-000.txt").read_bytes() == (
        tmp_path / "b/street-000.txt"
    ).read_bytes()


@pytest.mark.parametrize(
    ("tool", "words", "message"),
    [
        ("track", ["--output", "o"], "no detector is named; give an exp and its weights"),
        ("track", ["--detections", "gone", "--output", "o"], "gone: no such folder"),
        ("track", ["--detections", FOUND, "--output", "o", "--tracker", "bite"],
         "invalid choice: 'bite'"),
        ("track", ["--detections", FOUND, "--output", "o", "--track-thresh", "60"],
         "track_thresh is 60.0; give a number from 0 to 1"),
        ("track", ["--detections", FOUND, "--output", "o", "--iou-thresh", "0.3"],
         "tracker byte has no parameter iou_thresh"),
        ("track", ["--detections", FOUND, "--output", "o", "--half", "val"],
         "give the ground truth (--gt)"),
        ("track", ["--detections", FOUND, "--output", "o", "--workers", "0"],
         "argument --workers: must be at least 1"),
        ("track", ["--detections", FOUND, "--output", "o", "--min-box-area", "-1"],
         "argument --min-box-area: must be at least 0"),
        ("track", ["--detections", FOUND, "--output", "o", "--track-tresh", "0.5"],
         "unrecognized argument: --track-tresh; did you mean --track-thresh?"),
        ("track", ["--detections", FOUND, "--output", FOUND],
         "which the results would replace"),
        ("track", ["--detections", f"{FOUND}/street-000.txt", "--output", "o"], "is a file"),
        ("track", ["--detections", "scene", "--output", "o"], "holds no <sequence>.txt"),
        ("make_synthetic", ["--output", "o", "--preset", "alley"], "invalid choice: 'alley'"),
        ("make_synthetic", ["--output", "o", "--width", "10"], "width is 10; give a number"),
        ("track", ["--detections", FOUND, "--output", "o", "--frame-rate", "inf"],
         "frame_rate is inf"),
        ("evaluate", ["--gt", "gone", "--results", FOUND], "there is no ground truth"),
        ("draw_tracks", ["--results", "gone", "--gt", "scene/train", "--output", "o"],
         "gone: no such folder"),
        ("draw_tracks", ["--results", FOUND, f"{FOUND}/", "--gt", "scene/train", "--output", "o"],
         "is given twice as results"),
        ("tune", ["--detections", FOUND, "--gt", "scene/train", "--output", FOUND],
         "holds the detections"),
        ("tune", ["--detections", FOUND, "--gt", "scene/train", "--output", "scene/train/o"],
         "lies in the ground truth folder; give another folder"),
        ("make_synthetic", ["--output", "o", "--people", "0"],
         "argument --people: must be at least 1"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(call, scene, tool, words, message):
    done = call(tool, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_tuning_needs_ground_truth(call, scene):
    for path in scene.glob("train/*/gt/gt.txt"):
        path.unlink()
    done = call("tune", "--detections", FOUND, "--gt", "scene/train", "--output", "o")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: scene/train: has no gt/gt.txt for these sequences; tuning needs it\n"
    )


def test_a_broken_row_is_named(call, scene):
    path = scene / "detections" / "train" / "street-000.txt"
    path.write_text(path.read_text() + "81,-1,0,0,nan,5,0.9,0,-1,-1\n")
    line = len(path.read_text().splitlines())
    done = call("track", "--detections", FOUND, "--output", "o")
    assert done.returncode == 2
    error = done.stderr.strip().splitlines()[-1]
    assert error.endswith(f"street-000.txt:{line}: column 5 is nan; give a finite number")
    assert "Traceback" not in done.stderr


def test_sequences_are_taken_by_name(call, tmp_path):
    made = call("make_synthetic", "--output", "s", "--frames", 20, "--no-images")
    assert made.returncode == 0
    for folder in (tmp_path / "s" / "train", tmp_path / "s" / "detections" / "train"):
        for path in folder.iterdir():
            path.rename(path.with_name(path.name.replace("street-000", "a[1]", 1)))
    done = call("track", "--detections", "s/detections/train", "--gt", "s/train", "--output", "o")
    assert done.returncode == 0, done.stderr
    (tmp_path / "s" / "train" / "a[1]" / "gt" / "gt.txt").unlink()
    done = call("track", "--detections", "s/detections/train", "--gt", "s/train", "--output", "o")
    assert done.returncode == 0
    assert "the result is not scored" in done.stderr


def test_model_info(call, tmp_path):
    done = call("model_info", "--sizes", "nano", "--input", 416, 416, "--json", "models.json")
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "models.json").read_text())
    assert [row["reid"] for row in rows] == ["none", "per_level", "fused"]
    assert rows[0]["parameters"] == 896_754
    assert "896,754" in done.stdout
    done = call("model_info", "--input", 400, 416)
    assert (done.returncode, done.stderr) == (
        2,
        "error: input is [400, 416]; give multiples of 32 up to 8192\n",
    )


def test_detect(call, fail, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    cv2 = pytest.importorskip("cv2")
    from yolox.models.build import ReIDOptions, yolox_nano

    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.full((60, 90, 3), 50, np.uint8))
    torch.save({"model": yolox_nano(2).state_dict()}, tmp_path / "nano.pth")
    words = ["--weights", "nano.pth", "--model", "nano", "--num-classes", 2, "--images", "images",
             "--output", "out", "--input", 64, 96, "--score-thresh", 0]  # fmt: skip
    done = call("detect", *words, "--preprocessing", "legacy")
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(tmp_path / "out" / "a.png")).shape == (60, 90, 3)
    reid = yolox_nano(2, ReIDOptions("per_level", emb_dim=16)).state_dict()
    names = {"reid_head.convs": "head.reid_convs", "reid_head.preds": "head.reid_preds"}
    for ours, theirs in names.items():
        reid = {key.replace(ours, theirs): value for key, value in reid.items()}
    torch.save({"model": reid}, tmp_path / "reid.pth.tar")
    done = call("detect", *words, "--weights", "reid.pth.tar")
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    for wrong, message in (
        (words, "do not say what input they expect"),
        ([*words, "--output", "images"], "holds the images"),
        ([*words, "--images", "out/gone"], "no such folder"),
        ([*words, "--images", "images/a.png"], "is a file"),
        ([*words, "--keep", 2], "--keep has 2; the model has classes 0 to 1"),
        ([*words, "--score-thresh", 3], "score_thresh is 3.0; give a number from 0 to 1"),
        ([*words, "--input", 65, 96], "input is [65, 96]; give multiples of 32"),
    ):
        assert message in fail("detect", *wrong)


@pytest.mark.parametrize(
    "tool",
    [
        "track",
        "evaluate",
        "make_synthetic",
        "draw_tracks",
        "model_info",
        "detect",
        "convert_dataset",
        "mix_datasets",
        "inspect_dataset",
        "train",
    ],
)
def test_help(call, tool):
    done = call(tool, "--help")
    assert done.returncode == 0
    assert f"python tools/{tool}.py" in done.stdout


@pytest.fixture
def data_root(tmp_path):
    """MOT17 and CrowdHuman with an image or two each."""
    root = tmp_path / "datasets"
    rows = "".join(f"{frame},7,{frame},5,20,30,1,1,1\n" for frame in (1, 2, 3))
    scene = root / "mot" / "train" / "MOT17-02-FRCNN"
    (scene / "gt").mkdir(parents=True)
    (scene / "gt" / "gt.txt").write_text(rows)
    (scene / "seqinfo.ini").write_text(
        "[Sequence]\nname=MOT17-02-FRCNN\nseqLength=3\nimWidth=100\nimHeight=50\nframeRate=30\n"
    )
    for split in ("train", "val"):
        folder = root / "crowdhuman" / f"CrowdHuman_{split}"
        folder.mkdir(parents=True)
        PIL.Image.new("RGB", (60, 40)).save(folder / "a.jpg")
        record = {"ID": "a", "gtboxes": [{"fbox": [1, 2, 3, 4], "vbox": [1, 2, 3, 4]}]}
        path = root / "crowdhuman" / f"annotation_{split}.odgt"
        path.write_text(json.dumps(record) + "\n")
    return root


def test_from_data_sets_to_a_mix(call, data_root):
    done = call("mix_datasets", "mix_ablation", "--data_root", data_root)
    assert done.returncode == 2
    command = done.stderr.strip().rpartition("make it: python tools/convert_dataset.py ")[2]
    done = call("convert_dataset", *command.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"mot17 in {data_root}/mot/annotations\n")
    assert "val_half.json" in done.stdout
    assert done.stdout.endswith(
        "Images were measured at most, not decoded. This decodes them all:\n"
        f"  python tools/inspect_dataset.py {data_root}/mot/annotations/train.json "
        "--output DIR --check-images\n"
    )
    done = call("convert_dataset", "crowdhuman", "--data-dir", data_root / "crowdhuman")
    assert done.returncode == 0, done.stderr
    done = call("mix_datasets", "mix_ablation", "--data-root", data_root)
    assert done.returncode == 0, done.stderr
    path = data_root / "mix_mot_ch" / "annotations" / "train.json"
    assert done.stdout == (
        f"mix_ablation: 4 images, 4 boxes (0 crowds) and 1 identities of 3 parts in {path}\n"
        "classes: pedestrian\n"
    )
    document = json.loads(path.read_text())
    assert [record["file_name"] for record in document["images"]] == [
        "mot/train/MOT17-02-FRCNN/img1/000001.jpg",
        "mot/train/MOT17-02-FRCNN/img1/000002.jpg",
        "crowdhuman/CrowdHuman_train/a.jpg",
        "crowdhuman/CrowdHuman_val/a.jpg",
    ]


def test_conversion_stops_or_skips(call, data_root, tmp_path):
    with open(data_root / "crowdhuman" / "annotation_val.odgt", "a") as file:
        file.write("{\n")
    words = ["crowdhuman", "--data-dir", data_root / "crowdhuman", "--output", "out"]
    done = call("convert_dataset", *words)
    assert done.returncode == 2
    assert "annotation_val.odgt:2: is not JSON" in done.stderr
    assert done.stderr.endswith("; or leave out what is wrong: --on-error skip\n")
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.glob("out/**/*.json")] == ["train.json"]
    done = call("convert_dataset", *words, "--on_error", "skip")
    assert done.returncode == 0, done.stderr
    assert "val.json: left out: file or sequence as a whole, 1 times; first: " in done.stdout


def test_nothing_written_is_exit_code_2(call, data_root):
    (data_root / "mot/train/MOT17-02-FRCNN/gt/gt.txt").write_text("x\n")
    words = ["mot17", "--data-dir", data_root / "mot", "--on-error", "skip"]
    done = call("convert_dataset", *words)
    assert done.returncode == 2
    assert "datasets/mot: nothing was written; the first fault: " in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("tool", "words", "message"),
    [
        ("convert_dataset", ["mot18", "--data-dir", "."], "invalid choice: 'mot18'"),
        ("convert_dataset", ["mot17", "--data-dir", "gone"], "gone: no such folder"),
        ("convert_dataset", ["kitti", "--data-dir", "."], ".: is not laid out as kitti is"),
        ("mix_datasets", ["mix"], "has no mix 'mix'; give one of mix_ablation, mix_det"),
        ("mix_datasets", [], "no mix is named; give one of"),
        ("mix_datasets", ["ch_all", "--mixes", "gone.ini"], "gone.ini: no such file"),
        ("mix_datasets", ["ch_all"], "make it: python tools/convert_dataset.py crowdhuman --data"),
    ],
)
def test_bad_data_sets_are_one_line_and_exit_code_2(call, tool, words, message):
    done = call(tool, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_mixes_are_listed(call):
    done = call("mix_datasets", "--list")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "mix_ablation    mot train_half, crowdhuman train, crowdhuman val"
    assert len(lines) == 4


def test_own_mixes_stand_beside_the_built_in_ones(call, tmp_path):
    (tmp_path / "own.ini").write_text("[own]\nfolder = o\nparts = coco 'my pets' train\n")
    done = call("mix_datasets", "--list", "--mixes", "own.ini")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[3:] == [
        "ch_all          crowdhuman train, crowdhuman val",
        "own             my pets train",
    ]
    done = call("mix_datasets", "own", "--mixes", "own.ini")
    assert done.returncode == 2
    assert "convert_dataset.py coco --data-dir 'datasets/my pets'" in done.stderr


def test_a_converted_set_is_inspected(call, data_root, tmp_path):
    images = data_root / "mot" / "train" / "MOT17-02-FRCNN" / "img1"
    images.mkdir()
    for frame in (1, 2, 3):
        PIL.Image.new("RGB", (100, 50)).save(images / f"{frame:06d}.jpg")
    assert call("convert_dataset", "mot17", "--data-dir", data_root / "mot").returncode == 0
    made = data_root / "mot" / "annotations" / "train.json"
    done = call("inspect_dataset", made, "--output", "look", "--size", 64, 96, "--samples", 1)
    assert done.returncode == 0, done.stderr
    assert "MOT17-02-FRCNN" in done.stdout
    for picture in ("histograms.png", "pictures/000.jpg"):
        with PIL.Image.open(tmp_path / "look" / picture) as drawn:
            assert drawn.width >= 96
    assert len(list((tmp_path / "look" / "samples").iterdir())) == 1
    whole = call("inspect_dataset", made, "--output", "look", "--check-images", "--pictures", 0)
    assert "3 of 3 images can be read" in whole.stdout
    (images / "000002.jpg").write_bytes(b"no image")
    broken = call("inspect_dataset", made, "--output", "look", "--check-images", "--pictures", 0)
    assert broken.returncode == 2
    assert "note: " in broken.stderr
    assert "000002.jpg: is no image" in broken.stderr
    assert "error: 1 of 3 images are bad" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_train_shows_its_settings(call, root):
    exp = root / "exps/example/synthetic/yolox_nano_reid.py"
    shown = call("train", "-f", exp, "--show", "max_epoch", 7)
    assert shown.returncode == 0, shown.stderr
    assert any(line.split() == ["max_epoch", "7", "*"] for line in shown.stdout.splitlines())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-f", "gone.py"], "gone.py: no such file"),
        (["modle", "s"], "there is no setting 'modle'; did you mean model?"),
        (["max_epoch"], "max_epoch has no value"),
        ([], "datasets/synthetic/annotations/train.json: no such file"),
        (["--resume", "--output", "none"], "none/latest.pth: no such file"),
    ],
)
def test_train_says_what_is_wrong_before_any_work(
    fail, root, tmp_path, monkeypatch, words, message
):
    monkeypatch.chdir(tmp_path)
    assert message in fail(
        "train", "-f", root / "exps/example/synthetic/yolox_nano_reid.py", *words
    )
