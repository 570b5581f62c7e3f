r"""Track in a video by an exported network, without torch: an mp4 and MOTChallenge text.

python deploy/ONNXRuntime/demo_track.py nano.onnx street.mp4 --output runs/onnx --tracker byte_reid
"""

import argparse
from pathlib import Path

import numpy as np
from detector import Detector
from tqdm import tqdm

from yolox.cli import Parser, add_tracker_options, at_least, run, tracker_choice
from yolox.data.footage import open_footage
from yolox.formats.mot import open_tracks
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import Detections
from yolox.visualize.frames import draw_frame
from yolox.visualize.trails import RecentTracks
from yolox.visualize.video import write_video

TRAIL = 30


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("model", type=Path, metavar="FILE.onnx", help="written by tools/export_onnx.py")
    add("video", help="a video file, a folder of images, or a stream")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    add("--tsize", nargs=2, type=at_least(32, int), metavar=("H", "W"),
        help="network input, of files that take any (default: that of the export)")
    add("--conf", type=float, default=0.1, metavar="X", help="least score (default: 0.1)")
    add("--nms", type=float, default=0.7, metavar="X", help="largest overlap (default: 0.7)")
    add("--min-box-area", type=at_least(0, float), default=10.0, metavar="PX",
        help="put out larger boxes only; 0 is off (default: 10)")
    add("--max-aspect-ratio", type=at_least(0, float), default=1.6, metavar="R",
        help="largest width / height put out; 0 is off (default: 1.6)")
    # fmt: on
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Read, find, track, write."""
    args = parse_args()
    size = tuple(args.tsize) if args.tsize else None
    detector = Detector(args.model, size, score_thresh=args.conf, nms_thresh=args.nms)
    footage = open_footage(args.video)
    choice = tracker_choice(args)
    width, height = footage.size
    parameters = choice.algorithm.informed(
        choice.parameters, frame_rate=footage.frame_rate, image_width=float(width)
    )
    tracker, recent = choice.algorithm.create(parameters), RecentTracks(TRAIL)
    image = np.full((height, width, 3), 114, dtype=np.uint8)
    boxes, ids = 0, set()
    with (
        footage,
        open_tracks(args.output / f"{footage.name}.txt") as add_rows,
        write_video(
            args.output / f"{footage.name}.mp4", width, height, footage.frame_rate
        ) as add_picture,
    ):
        for frame in tqdm(footage, "tracking", footage.length, unit="frame", disable=None):
            found = Detections.empty()
            if frame.image is not None:
                image = frame.image
                found = detector.find(image)
            tracks = drop_odd_boxes(
                tracker.update(found),
                min_box_area=args.min_box_area,
                max_aspect_ratio=args.max_aspect_ratio,
            )
            add_rows(frame.number, tracks)
            table = recent.add(frame.number, tracks)
            add_picture(draw_frame(image, table, frame.number, trail=TRAIL))
            boxes += len(tracks)
            ids.update(tracks.ids.tolist())
    print(f"{footage.name}: {boxes} boxes, {len(ids)} ids; results in {args.output}")


if __name__ == "__main__":
    run(main)
