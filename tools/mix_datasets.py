"""Merge converted data sets into one to train on; no image is copied.

  python tools/mix_datasets.py mix_ablation --data-root datasets
  python tools/mix_datasets.py --list

ByteTrack's mix_data_ablation.py is mix_ablation here, mix_data_test_mot17.py mix_det,
mix_data_test_mot20.py mix_mot20_ch. Own mixes go into a file like yolox/data/mixes.ini.
"""

import argparse
from functools import partial
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.data.convert.summary import count
from yolox.data.mix import merge, mix_names, read_mix
from yolox.formats.coco import write_coco
from yolox.structures import InputError


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("name", nargs="?", metavar="NAME", help="mix; --list shows them")
    add("--data-root", type=Path, default=Path("datasets"), metavar="DIR",
        help="folder of the data sets' folders (default: datasets)")
    add("--mixes", type=Path, metavar="FILE", help="INI file of own mixes beside the built-in ones")
    add("--output", type=Path, metavar="FILE",
        help="JSON to write (default: DATA_ROOT/<folder of the mix>/annotations/train.json)")
    add("--list", action="store_true", help="list the mixes with their parts and exit")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, merge, print."""
    args = parse_args()
    names = mix_names(args.mixes)
    if args.list:
        for name in names:
            parts = read_mix(name, args.mixes).parts
            print(f"{name:16}{', '.join(f'{part.folder} {part.split}' for part in parts)}")
        return
    if args.name is None:
        raise InputError(f"no mix is named; give one of {', '.join(names)}")
    mix = read_mix(args.name, args.mixes)
    output = args.output or args.data_root / mix.folder / "annotations" / "train.json"
    document = merge(mix, args.data_root, output, progress=partial(tqdm, leave=False, disable=None))
    write_coco(output, document)
    images, boxes, crowds, identities = count(document)
    print(
        f"{args.name}: {images} images, {boxes} boxes ({crowds} crowds) and {identities} "
        f"identities of {len(mix.parts)} parts in {output}\n"
        f"classes: {', '.join(category['name'] for category in document['categories'])}"
    )


if __name__ == "__main__":
    run(main)
