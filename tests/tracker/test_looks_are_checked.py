"""Trackers that look at people: what useless looks cost, what good ones gain, when they count."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import simulate_looks
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.structures import Detections
from yolox.tracker import available_trackers
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.botsort import BotSort, BotSortReID
from yolox.tracker.byte_reid import ByteTrackReID
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.calibration import learn, nothing_known
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.covertrack_reid import CoverTrackReID
from yolox.tracker.deep_ocsort import DeepOCSort
from yolox.tracker.deepsort import DeepSort
from yolox.tracker.fairmot import FairMOT, FairMOTByte
from yolox.tracker.jde import JDE
from yolox.tracker.motdt import MOTDT
from yolox.tracker.ocsort import OCSort
from yolox.tracker.strongsort import StrongSort

ALL = [each for each in available_trackers().values() if issubclass(each, AppearanceTracker)]
# All but BYTE + ReID and CoverTrack with looks, which weigh them by what they have shown.
CHECKING = [each for each in ALL if "check_looks" in each.parameters()]

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
# What is known after many distances of which those of different people are larger by 0.5.
KNOWN = learn(nothing_known(), np.zeros(100), np.full(100, 0.5))
PEOPLE, LENGTH = 12, 200


@pytest.fixture(scope="module")
def scene():
    return make_scene(PEOPLE, LENGTH, preset="moving_camera", seed=701)


@pytest.fixture(scope="module")
def score(scene):
    """HOTA of a tracker with looks of a quality; "blind" are looks that are all the same."""

    @cache
    def looks(quality):
        rank1 = quality if isinstance(quality, float) else None
        table = simulate_looks(scene.detections, scene.truth, rank1=rank1, length=12)
        if quality != "blind":
            return table
        return dataclasses.replace(table, embeddings=np.tile(RED, (len(table), 1)))

    @cache
    def hota(algorithm, quality, **parameters):
        tracks = algorithm(**parameters).update_all(looks(quality), LENGTH)
        scored = {"scene": ScoredSequence(scene.truth, tracks, LENGTH)}
        return evaluate(scored, "trackeval")[COMBINED]["HOTA"]

    return hota


def test_all_of_them_are_asked():
    needing = {BotSortReID, DeepOCSort, DeepSort, FairMOT, FairMOTByte, JDE, MOTDT, StrongSort}
    assert set(CHECKING) == needing
    assert set(ALL) == needing | {ByteTrackReID, CoverTrackReID}


@pytest.mark.parametrize("algorithm", ALL, ids=lambda each: each.name)
def test_useless_looks_cost_nothing_and_good_ones_gain(algorithm, score):
    blind = score(algorithm, "blind")
    assert score(algorithm, "nothing") > blind - 0.2
    assert score(algorithm, 0.9) > blind + 1


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_most_of_the_gain_is_left_in_spite_of_the_check(algorithm, score):
    """All but the start: the scene is short, and where the camera moves place says little."""
    blind, believing = score(algorithm, "blind"), score(algorithm, 0.9, check_looks=False)
    assert score(algorithm, 0.9) > blind + 0.7 * (believing - blind)


@pytest.mark.parametrize("algorithm", [each for each in CHECKING if each is not BotSortReID])
def test_useless_looks_cost_much_where_nobody_checks(algorithm, score):
    """So the test above asks for something; BoT-SORT wants overlap too in any case."""
    assert score(algorithm, "nothing", check_looks=False) < score(algorithm, "nothing") - 3


@pytest.mark.parametrize(
    ("algorithm", "without"),
    [
        (BotSortReID, BotSort),
        (ByteTrackReID, ByteTrack),
        (CoverTrackReID, CoverTrack),
        (DeepOCSort, OCSort),
    ],
)
def test_without_looks_it_is_the_tracker_that_it_extends(algorithm, without, scene):
    looks = simulate_looks(scene.detections, scene.truth, rank1=None)
    found, expected = (each().update_all(looks, LENGTH) for each in (algorithm, without))
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.boxes, expected.boxes)


def _frame(*people):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [0.9] * len(people), None, [look for _, look in people])


def _ids_by_look(tracker, frames):
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    seen = tracks.detection_indices >= 0
    ids[tracks.detection_indices[seen]] = tracks.ids[seen]
    return ids.tolist()


STANDING = [_frame((100, RED), (124, BLUE))] * 5
SWAPPED = _frame((113, RED), (111, BLUE))


def _shown(tracker, calibration):
    """Have a tracker know of looks what a calibration says."""
    tracker.restore({**tracker.state(), "calibration": calibration})
    return tracker


@pytest.mark.parametrize("algorithm", ALL, ids=lambda each: each.name)
def test_looks_undo_a_swap_once_they_are_believed(algorithm):
    frames = [*STANDING, SWAPPED]
    assert _ids_by_look(algorithm(), frames)[0] == 2  # by overlap
    tracker = algorithm()
    _ids_by_look(tracker, STANDING)
    assert _ids_by_look(_shown(tracker, KNOWN), [SWAPPED])[0] == 1


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_how_much_looks_have_to_show(algorithm):
    away = np.tile([-0.1, 0.1], 50)  # of standard deviation 0.1
    for share, first in ((0.99, 2), (1.01, 1)):
        lead = 0.1 * share * algorithm.least_separation
        shown = learn(nothing_known(), 0.2 + away, 0.2 + lead + away)
        tracker = algorithm()
        _ids_by_look(tracker, STANDING)
        assert _ids_by_look(_shown(tracker, shown), [SWAPPED])[0] == first


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_looks_show_themselves_by_whom_place_makes_certain(algorithm):
    """Three stand apart and each looks like nobody else: same 0, different 0.5."""
    apart = [_frame((100, RED), (300, BLUE), (500, GREEN))] * 60
    tracker = algorithm()
    _ids_by_look(tracker, apart)
    number, total, squares = tracker.state()["calibration"].T
    np.testing.assert_allclose(total / number, [0, 0.5], atol=1e-6)
    np.testing.assert_allclose(squares / number, [0, 0.25], atol=1e-6)
    assert number[1] == pytest.approx(2 * number[0])  # each has two others
    tracker.reset()
    assert not tracker.state()["calibration"].any()
    _ids_by_look(tracker, [_frame((100, RED), (112, BLUE))] * 60)
    assert not tracker.state()["calibration"].any()  # who is who is not certain


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_of_other_classes_nothing_is_learned_if_classes_are_kept_apart(algorithm):
    """Two people and a dog; then the dog sits where a person stood, which is no view of them."""
    left, right, dog = (100, RED), (300, BLUE), (500, GREEN)
    found = dataclasses.replace(_frame(left, right, dog), class_ids=np.array([0, 0, 1]))
    moved = dataclasses.replace(_frame((100, GREEN), right), class_ids=np.array([1, 0]))
    for class_aware, others in ((False, 2.0), (True, 2 / 3)):  # for each view of one's own
        tracker = algorithm(class_aware=class_aware)
        _ids_by_look(tracker, [found] * 60)
        number = tracker.state()["calibration"][:, 0]
        assert number[1] / number[0] == pytest.approx(others)
        tracker.update(moved)
        apart = tracker.state()["calibration"][0, 1]  # sum over all views of the same
        assert apart == pytest.approx(0 if class_aware else 0.5)


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_nothing_is_learned_where_nobody_checks(algorithm):
    tracker = algorithm(check_looks=False)
    _ids_by_look(tracker, [_frame((100, RED), (300, BLUE))] * 60)
    assert not tracker.state()["calibration"].any()


@pytest.mark.parametrize(
    "algorithm", [DeepSort, StrongSort, JDE, FairMOT, MOTDT], ids=lambda each: each.name
)
def test_who_is_lost_is_found_by_place_without_looks(algorithm):
    nobody = Detections.empty()
    changed = [_frame((104, GREEN))] * 3
    frames = [*[_frame((100, RED))] * 5, *[nobody] * 10, *changed]
    assert _ids_by_look(algorithm(), frames) == [1]
    assert _ids_by_look(algorithm(check_looks=False), frames) == [2]


@pytest.mark.parametrize("algorithm", CHECKING, ids=lambda each: each.name)
def test_the_check_goes_on_after_a_restore(algorithm, scene):
    table = simulate_looks(scene.detections, scene.truth, rank1=0.8)
    frames = [table.at(frame) for frame in range(1, 81)]
    whole, other = algorithm(), algorithm()
    for frame in frames[:40]:
        whole.update(frame)
    state = whole.state()
    expected = [whole.update(frame) for frame in frames[40:]]
    other.restore(state)
    for frame, tracks in zip(frames[40:], expected, strict=True):
        np.testing.assert_array_equal(other.update(frame).ids, tracks.ids)
    np.testing.assert_array_equal(other.state()["calibration"], whole.state()["calibration"])
