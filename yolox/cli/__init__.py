"""What the command lines in `tools/` share."""

from yolox.cli.command_line import Parser, at_least, run, warn
from yolox.cli.detectors import (
    add_detector_options,
    add_network_options,
    detector_choice,
    network_choice,
)
from yolox.cli.scores import show_scores
from yolox.cli.trackers import (
    TrackerChoice,
    add_tracker_options,
    camera_motion_source,
    tracker_choice,
)

__all__ = [
    "Parser",
    "TrackerChoice",
    "add_detector_options",
    "add_network_options",
    "add_tracker_options",
    "at_least",
    "camera_motion_source",
    "detector_choice",
    "network_choice",
    "run",
    "show_scores",
    "tracker_choice",
    "warn",
]
