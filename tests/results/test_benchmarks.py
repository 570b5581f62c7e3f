import pytest

from yolox.formats.mot import read_sequence_info
from yolox.results.benchmarks import copies_of, expected_sequences, known_sequences
from yolox.structures import InputError


@pytest.mark.parametrize(
    ("benchmark", "split", "count", "frames"),
    # The totals that MOTChallenge publishes.
    [
        ("MOT15", "train", 11, 5500),
        ("MOT15", "test", 11, 5783),
        ("MOT16", "train", 7, 5316),
        ("MOT16", "test", 7, 5919),
        ("MOT17", "train", 7, 5316),
        ("MOT17", "test", 7, 5919),
        ("MOT17", "all", 14, 11235),
        ("MOT20", "train", 4, 8931),
        ("MOT20", "test", 4, 4479),
        ("DanceTrack", "test", 0, 0),
    ],
)
def test_totals(benchmark, split, count, frames):
    known = known_sequences(benchmark, split)
    assert (len(known), sum(extent.length for extent in known.values())) == (count, frames)
    assert all(name.startswith(benchmark) for name in known) or benchmark == "MOT15"


def test_only_mot17_has_copies():
    assert copies_of("MOT17-03") == ("MOT17-03-DPM", "MOT17-03-FRCNN", "MOT17-03-SDP")
    assert copies_of("MOT16-03") == ("MOT16-03",)


def _tree(tmp_path, *names):
    for name in names:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "seqinfo.ini").write_text(
            "[Sequence]\nseqLength=9\nimWidth=64\nimHeight=48\nframeRate=10\n"
        )
    return tmp_path


def test_seqinfo_wins(tmp_path):
    tree = _tree(tmp_path, "MOT17-01-SDP", "MOT17-02-DPM")
    expected = expected_sequences("MOT17", "test", [tree])
    assert expected["MOT17-01"] == (9, 64, 48)
    assert expected["MOT17-03"] == (1500, 1920, 1080)
    assert set(expected) == set(known_sequences("MOT17", "test"))
    assert expected_sequences("MOT17", "all", [tree])["MOT17-02"].length == 9


def test_dancetrack_is_what_the_tree_holds(tmp_path):
    tree = _tree(tmp_path, "dancetrack0003", "dancetrack0009")
    assert expected_sequences("DanceTrack", "test", [tree]) == {
        "dancetrack0003": (9, 64, 48),
        "dancetrack0009": (9, 64, 48),
    }
    with pytest.raises(InputError, match=r"DanceTrack are known by their seqinfo\.ini.*\(--gt\)"):
        expected_sequences("DanceTrack", "test")
    with pytest.raises(InputError, match=r"holds no <sequence>/seqinfo\.ini of MOT20"):
        expected_sequences("MOT20", "test", [tree])


@pytest.mark.data
def test_the_table_is_that_of_the_real_files(shared_data):
    known = known_sequences("MOT17", "train")
    for name, extent in known.items():
        path = shared_data / "mot17" / "train" / f"{name}-FRCNN" / "seqinfo.ini"
        info = read_sequence_info(path)
        assert extent == (info.length, info.width, info.height)
