r"""Track people, or whatever the detector knows, in videos, folders of images, streams, or live.

  python tools/demo_track.py video --path street.mp4 -f EXP -c CHECKPOINT --save-result
  python tools/demo_track.py video --path rtsp://camera/stream -f EXP -c CHECKPOINT --show
  python tools/demo_track.py image --path FOLDER --save-result frames --detector yolox_nano.onnx \
      --preprocessing current --classes person,car --class-aware
  python tools/demo_track.py webcam --camid 0 -f EXP -c CHECKPOINT --show

Of each video OUTPUT gets <name>.txt as MOTChallenge takes it, <name>.jsonl with times and classes,
and with --save-result <name>.mp4, which any browser plays, or a folder of frames. Ctrl-C ends it
with everything so far in whole files. `image --path -` takes a path a line from stdin.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from time import perf_counter

from tqdm import tqdm

from yolox.cli import (
    Parser,
    add_detector_options,
    add_tracker_options,
    at_least,
    detector_choice,
    run,
    tracker_choice,
    warn,
)
from yolox.data.footage import open_footage
from yolox.data.footage.stream import TRIES
from yolox.engine.inference import StageTimes
from yolox.engine.open_detector import open_detector
from yolox.engine.video_tracking import Outputs, make_tracker, track_footages
from yolox.structures import InputError
from yolox.visualize.frames import TRAIL


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("demo", choices=("image", "video", "webcam"), metavar="{image,video,webcam}",
        help="what --path is; webcam takes --camid")
    add("--path", nargs="+", metavar="PATH",
        help="video files or URLs, folders of images, or - for paths from stdin; several are "
        "tracked at once, each by itself")
    add("--camid", type=at_least(0, int), default=0, metavar="N", help="camera (default: 0)")
    add("--output", type=Path, metavar="DIR", help="folder for the results (default: runs/NAME)")
    add("-expn", "--experiment-name", default="demo_track", metavar="NAME",
        help="name of that folder (default: demo_track)")
    add("--save-result", nargs="?", const="video", default="none", choices=("video", "frames"),
        help="draw the tracks: an H.264 video (default), or a folder of JPEGs")
    add("--show", action="store_true", help="show the video as it is tracked; q ends it")
    add("--trail", type=at_least(0, int), default=TRAIL, metavar="N",
        help=f"frames that drawn trails reach back (default: {TRAIL})")
    add("--fps", type=at_least(0, float), metavar="X",
        help="frames a second (default: what the video says; 30 for images)")
    add("--reconnect", type=at_least(0, int), default=TRIES, metavar="N",
        help=f"times to try again where a stream breaks off, with growing waits (default: {TRIES})")
    add("--min-box-area", type=at_least(0, float), default=10.0, metavar="PX",
        help="put out larger boxes only; 0 is off (default: 10)")
    add("--max-aspect-ratio", "--aspect-ratio-thresh", type=at_least(0, float), default=1.6,
        metavar="R", help="largest width / height put out; 0, for cars, is off (default: 1.6)")
    # fmt: on
    add_detector_options(parser)
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Parse, open, track, say what came of it."""
    args = parse_args()
    output = args.output or Path("runs") / args.experiment_name
    sources = [args.camid] if args.demo == "webcam" else args.path
    if not sources:
        raise InputError(f"{args.demo} needs --path; give a file, a folder or an address")
    choice, tracker = detector_choice(args), tracker_choice(args)
    detector = open_detector(choice)
    footages = [
        open_footage(source, frame_rate=args.fps, tries=args.reconnect) for source in sources
    ]
    for source, footage in zip(sources, footages, strict=True):
        video = output / f"{footage.name}.mp4"
        if args.save_result == "video" and video.resolve() == Path(str(source)).resolve():
            raise InputError(f"{video}: would be replaced by the result; give another --output")
    for footage in footages:
        print(footage.format(), flush=True)
    outputs = Outputs(
        output,
        pictures=args.save_result,
        show=args.show,
        trail=args.trail,
        name_classes=len(choice.classes or detector.class_names) > 1,
        min_box_area=args.min_box_area,
        max_aspect_ratio=args.max_aspect_ratio,
    )
    times, start = StageTimes(), perf_counter()
    total = sum(footage.length or 0 for footage in footages) or None
    with tqdm(total=total, desc="tracking", unit="frame", disable=None) as bar:
        for footage in footages:
            footage.on_note = lambda note: bar.write(f"note: {note}", file=sys.stderr)
        summaries, stopped = track_footages(
            detector,
            footages,
            partial(make_tracker, tracker.name, tracker.parameters, backend=tracker.backend),
            outputs,
            batch_size=args.batch_size,
            times=times,
            on_frame=bar.update,
        )
    speed = times.frames / (perf_counter() - start)
    print(f"{times.format()}\n{speed:.1f} frames a second; the stages overlap")
    for one in summaries:
        print(one.format())
        if one.left_out:
            warn(
                f"note: {one.left_out} boxes of {one.name} are too small or too wide for people "
                "and were left out (--min-box-area, --max-aspect-ratio)"
            )
    print(f"{'stopped; ' if stopped else ''}results in {output}")


if __name__ == "__main__":
    run(main)
