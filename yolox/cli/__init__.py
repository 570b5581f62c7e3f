"""What the command lines in `tools/` share."""

from yolox.cli.command_line import Parser, at_least, run, warn
from yolox.cli.detectors import (
    add_detector_options,
    add_network_options,
    detector_choice,
    network_choice,
)
from yolox.cli.images import (
    add_image_options,
    chosen_images,
    refuse_image_options,
    show_detecting,
)
from yolox.cli.jobs import add_job_options, chosen_jobs
from yolox.cli.scores import show_scores
from yolox.cli.trackers import TrackerChoice, add_tracker_options, tracker_choice

__all__ = [
    "Parser",
    "TrackerChoice",
    "add_detector_options",
    "add_image_options",
    "add_job_options",
    "add_network_options",
    "add_tracker_options",
    "at_least",
    "chosen_images",
    "chosen_jobs",
    "detector_choice",
    "network_choice",
    "refuse_image_options",
    "run",
    "show_detecting",
    "show_scores",
    "tracker_choice",
    "warn",
]
