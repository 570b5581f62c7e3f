r"""Pack results for a benchmark's server, checked as the server would and more.

  python tools/submit.py runs/test --benchmark MOT17 --output runs/mot17.zip
  python tools/submit.py runs/dance --benchmark DanceTrack --gt datasets/dancetrack/test \
      --output runs/dance.zip

RESULTS holds <sequence>.txt for the whole split. MOT17 wants each sequence three times: results of
one detector, or named without, are copied. --gt gives folders of <sequence>/seqinfo.ini.
"""

import argparse
from pathlib import Path

from yolox.cli import Parser, run, warn
from yolox.metrics.tracking import BENCHMARKS
from yolox.results.benchmarks import expected_sequences
from yolox.results.offline import describe, read_steps
from yolox.results.submission import check_results, format_contents, format_faults, write_zip
from yolox.structures import InputError


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("results", type=Path, metavar="RESULTS", help="folder of <sequence>.txt")
    add("--benchmark", choices=BENCHMARKS, required=True, help="whose server")
    add("--output", type=Path, required=True, metavar="FILE.zip", help="the zip to write")
    add("--split", choices=("test", "train", "all"), default="test",
        help="sequences to pack; DanceTrack's are those of --gt (default: test)")
    add("--gt", type=Path, nargs="+", metavar="DIR",
        help="trees whose seqinfo.ini give lengths and sizes (default: the known ones)")
    add("--clip", action="store_true", help="cut boxes at the image border; costs score in MOT17")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, check, pack, print."""
    args = parse_args()
    if args.output.suffix != ".zip":
        raise InputError(f"{args.output}: is no .zip; servers take zips")
    expected = expected_sequences(args.benchmark, args.split, args.gt)
    submission = check_results(args.results, expected, clip=args.clip)
    for note in submission.notes:
        warn(f"note: {note}")
    if submission.faults:
        warn(format_faults(submission.faults))
        count = sum(map(len, submission.faults.values()))
        raise InputError(f"{args.results}: {count} faults; mend them, nothing was written")
    write_zip(args.output, submission.entries)
    print(format_contents(submission.entries))
    kind = describe(read_steps(args.results))
    print(f"\n{len(submission.entries)} files of {kind} tracks in {args.output}")


if __name__ == "__main__":
    run(main)
