"""Convert a data set to COCO JSON for video, as ByteTrack's training and this project's read it.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/convert_dataset.py crowdhuman --data-dir datasets/crowdhuman

OUTPUT gets annotations/<split>.json; MOT15 to MOT20 get the halves too. ByteTrack's
convert_mot17_to_coco.py is mot17 here, convert_mot20_to_coco.py mot20,
convert_crowdhuman_to_coco.py crowdhuman, convert_ethz_to_coco.py ethz,
convert_cityperson_to_coco.py citypersons; its mix_data_*.py are tools/mix_datasets.py.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from shlex import quote
from typing import Any

from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.data.convert import CONVERTERS, convert, summarise


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    layouts = "\n".join(f"  {name:16}{each.expects}" for name, each in CONVERTERS.items())
    parser = Parser(description=__doc__, epilog=f"what DATA_DIR holds for each NAME:\n{layouts}")
    add = parser.add_argument
    # fmt: off
    add("name", metavar="NAME", choices=CONVERTERS, help="data set; see below")
    add("--data-dir", type=Path, required=True, metavar="DIR", help="the data set's folder")
    add("--output", type=Path, metavar="DIR", help="folder to write to (default: DATA_DIR)")
    add("--on-error", choices=("raise", "skip"), default="raise",
        help="stop at the first wrong thing, or leave out or mend all such and count them "
        "(default: raise)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, convert, print."""
    args = parse_args()
    output = args.output or args.data_dir
    results = convert(
        args.name, args.data_dir, output, on_error=args.on_error, progress=show_progress
    )
    made = next(result.path for result in results if result.document is not None)
    print(
        f"{args.name} in {output / 'annotations'}\n\n{summarise(results)}\n\n"
        "Images were measured at most, not decoded. This decodes them all:\n"
        f"  python tools/inspect_dataset.py {quote(str(made))} --output DIR --check-images"
    )


def show_progress(items: Iterable[Any], what: str) -> Iterable[Any]:
    """Show a bar on a terminal, nothing elsewhere."""
    bar: Iterable[Any] = tqdm(items, what, leave=False, disable=None)
    return bar


if __name__ == "__main__":
    run(main)
