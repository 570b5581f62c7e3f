"""tools/submit.py as a user types it."""

import zipfile

import pytest

from yolox.results.benchmarks import known_sequences

ROW = "{length},1,-10,20,300,40,0.9,-1,-1,-1\n"


@pytest.fixture
def results(tmp_path):
    """A box in the last frame of each of MOT17's test sequences."""
    folder = tmp_path / "r"
    folder.mkdir()
    for name, extent in known_sequences("MOT17", "test").items():
        (folder / f"{name}-FRCNN.txt").write_text(ROW.format(length=extent.length))
    return folder


def test_mot17(call, results, tmp_path):
    done = call("submit", "r", "--benchmark", "MOT17", "--output", "out/mot17.zip")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("note: 7 boxes reach beyond the image; right in MOT17")
    assert done.stderr.count("\n") == 1
    lines = done.stdout.splitlines()
    assert lines[2].split() == ["MOT17-01-DPM", "MOT17-01-FRCNN", "450", "1", "1"]
    assert lines[-1] == "21 files of online tracks in out/mot17.zip"
    with zipfile.ZipFile(tmp_path / "out" / "mot17.zip") as archive:
        assert len(archive.namelist()) == 21
        assert archive.read("MOT17-03-SDP.txt") == (
            b"1500,1,-10.00,20.00,300.00,40.00,0.9000,-1,-1,-1\n"
        )


def test_clip_and_offline(call, results, tmp_path):
    (results / "offline.json").write_text('[{"method": "linear"}]')
    done = call("submit", "r", "--benchmark", "MOT17", "--output", "o.zip", "--clip")
    assert done.returncode == 0, done.stderr
    assert "7 boxes reach beyond the image; cut, 0 of them dropped" in done.stderr
    assert "21 files of offline (linear) tracks in o.zip" in done.stdout
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        assert b"450,1,0.00,20.00,290.00,40.00," in archive.read("MOT17-01-DPM.txt")


def test_faults_are_listed_and_nothing_is_written(call, results, tmp_path):
    (results / "MOT17-01-FRCNN.txt").write_text("451,0,1,2,3,4,1\n2,1,1,2,nan,4,1\n")
    (results / "MOT17-14-FRCNN.txt").unlink()
    (results / "MOT17-02.txt").write_text("")
    done = call("submit", "r", "--benchmark", "MOT17", "--output", "o.zip")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [
        "MOT17-14: 1 fault",
        "  r/MOT17-14.txt: not found; track that sequence too",
        "MOT17-02: 1 fault",
        "  r/MOT17-02.txt: not wanted; take it out, or give the split that has it (--split, --gt)",
        "MOT17-01-FRCNN: 3 faults",
        "  r/MOT17-01-FRCNN.txt:2: column 5 is nan; give a finite number",
        "  r/MOT17-01-FRCNN.txt: frame 451, id 0: the sequence has 450 frames; take the row out",
        "  r/MOT17-01-FRCNN.txt: frame 451, id 0: ids count from 1; add 1 to all of them",
        "error: r: 5 faults; mend them, nothing was written",
    ]
    assert not (tmp_path / "o.zip").exists()


@pytest.mark.parametrize(("split", "count"), [("train", 21), ("all", 42)])
def test_splits(call, results, tmp_path, split, count):
    wanted = known_sequences("MOT17", split)
    for path in results.iterdir():
        path.unlink()
    for name in wanted:
        (results / f"{name}.txt").write_text(ROW.format(length=wanted[name].length))
    done = call("submit", "r", "--benchmark", "MOT17", "--output", "o.zip", "--split", split)
    assert done.returncode == 0, done.stderr
    assert len(zipfile.ZipFile(tmp_path / "o.zip").namelist()) == count


def test_several_trees(call, tmp_path):
    for tree, name in (("a", "dancetrack0003"), ("b", "dancetrack0009")):
        (tmp_path / tree / name).mkdir(parents=True)
        (tmp_path / tree / name / "seqinfo.ini").write_text(
            "[Sequence]\nseqLength=9\nimWidth=640\nimHeight=480\nframeRate=10\n"
        )
        (tmp_path / "r").mkdir(exist_ok=True)
        (tmp_path / "r" / f"{name}.txt").write_text("9,1,10,20,30,40,0.9,-1,-1,-1\n")
    words = ["r", "--benchmark", "DanceTrack", "--output", "o.zip", "--gt", "a", "b"]
    done = call("submit", *words)
    assert (done.returncode, done.stderr) == (0, "")
    names = zipfile.ZipFile(tmp_path / "o.zip").namelist()
    assert names == ["dancetrack0003.txt", "dancetrack0009.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["r", "--benchmark", "MOT17", "--output", "o.tar"], "o.tar: is no .zip"),
        (["r", "--benchmark", "MOT18", "--output", "o.zip"], "invalid choice: 'MOT18'"),
        (["gone", "--benchmark", "MOT17", "--output", "o.zip"], "gone: no such folder"),
        (["r", "--benchmark", "DanceTrack", "--output", "o.zip"], "give their folder (--gt)"),
        (["r", "--benchmark", "MOT17", "--output", "o.zip", "--gt", "r"],
         "r: holds no <sequence>/seqinfo.ini of MOT17"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(call, results, words, message):
    done = call("submit", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_help(call):
    assert "python tools/submit.py" in call("submit", "--help").stdout
