"""All that is done to finished tracks, in its order: link, drop, fill, smooth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yolox.results.filtering import drop_short_tracks
from yolox.results.interpolation import fill_gaps
from yolox.results.linking import link_fragments, looks_of
from yolox.results.local_lines import CENTRE_FRAMES, SIZE_FRAMES, smooth_on_lines
from yolox.results.offline import Step
from yolox.results.smoothing import NOISE, TAU, smooth_tracks
from yolox.structures import DetectionTable, InputError, TrackTable

Method = Literal["linear", "gaussian", "lines"]
METHODS: tuple[Method, ...] = ("linear", "gaussian", "lines")

# Numbers of frames are meant at this rate.
USUAL_FRAME_RATE = 30.0


@dataclass(frozen=True, kw_only=True)
class Finishing:
    """What is to be done.

    Attributes:
        method: How boxes are smoothed once gaps are filled; linear is not at all.
        longer_than: Tracks of more boxes are filled and smoothed.
        gap_below: Gaps whose ends are fewer frames apart are filled.
        min_length: Tracks of fewer boxes are dropped.
        link: Seconds within which fragments are linked; 0 is off.
        tau: Of method gaussian.
        noise: Of method gaussian.
    """

    method: Method = "linear"
    longer_than: int = 5
    gap_below: int = 20
    min_length: int = 0
    link: float = 0.0
    tau: float = TAU
    noise: float = NOISE

    def step(self, *, looks: bool, sequence_frame_rate: bool) -> Step:
        """Give the entry for the results' note; what is off is left out."""
        step: Step = {
            "method": self.method,
            "longer_than": self.longer_than,
            "gap_below": self.gap_below,
        }
        if self.method == "gaussian":
            step |= {"tau": self.tau, "noise": self.noise}
        if self.min_length:
            step["min_length"] = self.min_length
        if self.link:
            step |= {"link": self.link, "by": "motion and looks" if looks else "motion"}
        if sequence_frame_rate:
            step["frame_rate"] = "of the sequence"
        return step


def finish_tracks(
    table: TrackTable,
    plan: Finishing,
    *,
    frame_rate: float = USUAL_FRAME_RATE,
    detections: DetectionTable | None = None,
) -> TrackTable:
    """Do it to the tracks of one sequence.

    Args:
        table: As a tracker put it out.
        plan: What to do; its numbers of frames are of 30 a second.
        frame_rate: Of the sequence; numbers of frames are scaled to it.
        detections: With embeddings, to link by looks too.

    Raises:
        InputError: A number is out of range, or the detections do not fit.
    """
    if detections is not None and not plan.link:
        raise InputError("detections serve linking only; give the seconds to link within")
    pace = frame_rate / USUAL_FRAME_RATE
    longer_than = plan.longer_than * pace
    if plan.link:
        looks = None if detections is None else looks_of(table, detections)
        table = link_fragments(table, seconds=plan.link, frame_rate=frame_rate, looks=looks)
    if plan.min_length:
        table = drop_short_tracks(table, min_length=plan.min_length * pace)
    table = fill_gaps(table, longer_than=longer_than, gap_below=plan.gap_below * pace)
    if plan.method == "gaussian":
        table = smooth_tracks(table, longer_than=longer_than, tau=plan.tau, noise=plan.noise)
    elif plan.method == "lines":
        table = smooth_on_lines(
            table,
            longer_than=longer_than,
            centre_frames=CENTRE_FRAMES * pace,
            size_frames=SIZE_FRAMES * pace,
        )
    return table
