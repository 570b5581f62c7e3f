"""Write a network to a folder of files for ncnn, and check them against torch.

  python tools/export_ncnn.py -f EXP -c CHECKPOINT --output FOLDER --tsize 608 1088

docs/deployment.md has the files and what they take and give.
"""

import argparse
from hashlib import sha256
from pathlib import Path

from yolox.cli import Parser, add_network_options, network_choice, run
from yolox.engine.open_detector import open_model
from yolox.export.drawn_inputs import TOLERANCE
from yolox.export.ncnn_files import export_ncnn


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add_network_options(parser)
    add = parser.add_argument
    add("--output", type=Path, required=True, metavar="DIR", help="a new folder for the files")
    add(
        "--reid",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="put out the ReID head's embeddings, if there is one (default: on)",
    )
    return parser.parse_args()


def main() -> None:
    """Parse, open, export, say how near it came."""
    args = parse_args()
    model, class_names, exp = open_model(network_choice(args))
    difference = export_ncnn(
        args.output,
        model,
        exp.test_size,
        reid=args.reid,
        class_names=class_names,
        weights_sha256=sha256(args.ckpt.read_bytes()).hexdigest(),
    )
    print(
        f"{args.output}: differs from torch by at most {difference:.1g} ({TOLERANCE:g} is allowed)"
    )


if __name__ == "__main__":
    run(main)
