import subprocess
import sys
from typing import Annotated

import pytest

from yolox.structures import InputError
from yolox.tracker import available_trackers, find_tracker
from yolox.tracker.base import Parameter, Tracker
from yolox.tracker.byte_reid import ByteTrackReID
from yolox.tracker.byte_tracker import ByteTrack


def test_trackers_are_found_by_their_file():
    trackers = available_trackers()
    assert list(trackers) == sorted(trackers)
    assert {"byte", "sort"} <= set(trackers)
    assert find_tracker("byte") is ByteTrack
    with pytest.raises(InputError, match=r"no tracker is called 'sorted'; there are sort"):
        find_tracker("sorted")


@pytest.mark.parametrize("tracker", available_trackers().values())
def test_every_tracker_declares_its_parameters(tracker):
    for name, parameter in tracker.parameters().items():
        assert parameter.kind in (int, float, bool)
        assert parameter.help, name
        assert parameter.default is None or isinstance(parameter.default, parameter.kind)
    assert tracker.create({}).update.__doc__


def test_parameters_by_name():
    assert ByteTrack.create({"track_thresh": 0.4}).new_thresh == pytest.approx(0.5)
    with pytest.raises(
        InputError, match=r"no parameter tracks_thresh; did you mean track_thresh\?"
    ):
        ByteTrack.create({"tracks_thresh": 0.4})
    assert ByteTrack.parse_parameter("track_buffer", "14") == 14
    assert ByteTrack.parse_parameter("fuse_score", "no") is False
    with pytest.raises(InputError, match=r"track_buffer is '1\.5'; tracker byte takes it as int"):
        ByteTrack.parse_parameter("track_buffer", "1.5")
    with pytest.raises(ValueError, match="neither true nor false"):
        Parameter(bool, True, "").parse("maybe")


def test_undeclared_parameters_are_refused():
    class Plain:
        def __init__(self, boost: int = 1): ...

    with pytest.raises(TypeError, match=r"declare boost behind a `\*` as boost: Annotated"):
        Tracker.parameters.__func__(Plain)


class Damped:
    """A mixin with a parameter of its own."""

    def __init__(self, *, damping: Annotated[float, "share of speed lost"] = 0.1, **others):
        self.damping = damping
        super().__init__(**others)


class Counting:
    """A mixin without a constructor."""


class Cautious(Counting, ByteTrackReID):
    def __init__(self, *, memory: Annotated[float, "more of the old"] = 0.95, **others):
        super().__init__(memory=memory, **others)


class DampedByte(Damped, ByteTrack):
    pass


class DampedCautious(Damped, Cautious):
    pass


@pytest.mark.parametrize(
    ("tracker", "own", "below"),
    [
        (Cautious, {"memory"}, ByteTrackReID),
        (DampedByte, {"damping"}, ByteTrack),
        (DampedCautious, {"damping", "memory"}, ByteTrackReID),
    ],
)
def test_parameters_of_all_levels(tracker, own, below):
    declared = tracker.parameters()
    assert set(declared) == own | set(below.parameters())
    if "memory" in own:
        assert declared["memory"] == Parameter(float, 0.95, "more of the old")
    made = tracker.create(dict.fromkeys(own, 0.5) | {"track_thresh": 0.4})
    assert (made.track_thresh, *[getattr(made, name) for name in own]) == (0.4, *[0.5] * len(own))


def test_importing_the_tracker_loads_nothing_heavy():
    code = (
        "import sys, yolox.tracker.byte_tracker, yolox.tracker.sort;"
        "print([m for m in ('torch', 'cv2', 'pandas', 'matplotlib', 'scipy.optimize', 'trackeval')"
        " if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"


def test_what_is_known_of_the_footage_goes_where_it_is_taken():
    known = {"frame_rate": 25.0, "depth": 3}
    assert ByteTrack.informed({"track_buffer": 5}, **known) == {
        "track_buffer": 5, "frame_rate": 25.0
    }  # fmt: skip
    assert ByteTrack.informed({"frame_rate": 60.0}, **known) == {"frame_rate": 60.0}
