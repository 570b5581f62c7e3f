"""The commands of docs/offline.md and docs/submission.md, in folders of the names they use."""

import shlex

import numpy as np
import pytest
from in_process import run_here

from yolox.formats.mot import write_ground_truth
from yolox.results.benchmarks import known_sequences
from yolox.structures import TruthTable

INFO = "[Sequence]\nseqLength=21\nimWidth=640\nimHeight=480\nframeRate=10\n"
ROWS = "".join(f"{frame},1,{frame},20,30,40,0.9,-1,-1,-1\n" for frame in (2, 3, 4, 6, 7, 8, 10))
# Of all 21 frames, while the rows are of the second half.
DETECTIONS = "".join(f"{frame},-1,{frame - 11},20,30,40,0.9\n" for frame in range(5, 22))


def _sequence(folder):
    folder.mkdir(parents=True)
    (folder / "seqinfo.ini").write_text(INFO)
    ones = np.ones(21, dtype=np.int64)
    boxes = np.tile([1.0, 20, 31, 60], (21, 1))
    write_ground_truth(
        folder / "gt" / "gt.txt",
        TruthTable(frames=np.arange(1, 22), boxes=boxes, ids=ones, considered=ones == 1,
                   class_ids=ones, visibility=ones),
    )  # fmt: skip


@pytest.fixture
def place(tmp_path):
    _sequence(tmp_path / "datasets" / "mot" / "train" / "MOT17-02-FRCNN")
    _sequence(tmp_path / "datasets" / "dancetrack" / "test" / "dancetrack0003")
    results = {"byte": ["MOT17-02-FRCNN"], "dance": ["dancetrack0003"],
               "test": list(known_sequences("MOT17", "test"))}  # fmt: skip
    for folder, names in results.items():
        (tmp_path / "runs" / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / "runs" / folder / f"{name}.txt").write_text(ROWS)
    (tmp_path / "runs" / "found").mkdir()
    (tmp_path / "runs" / "found" / "MOT17-02-FRCNN.txt").write_text(DETECTIONS)
    np.save(tmp_path / "runs" / "found" / "MOT17-02-FRCNN.npy", np.ones((17, 1), np.float32))
    return tmp_path


@pytest.mark.parametrize(("page", "count"), [("offline", 4), ("submission", 2)])
def test_the_commands_run(root, place, page, count):
    example = (root / "docs" / f"{page}.md").read_text().split("```sh\n")[1].split("```")[0]
    commands = example.strip().splitlines()
    assert len(commands) == count
    for command in commands:
        python, tool, *words = shlex.split(command)
        assert python == "python"
        done = run_here(place, root / tool, *words)
        assert done.returncode == 0, done.stderr
