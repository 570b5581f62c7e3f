"""What an exported network says of itself: short texts by name, as every such file can hold them.

preprocessing     legacy or current
class_names       a JSON list, empty if nobody knows
input_size        a JSON list, height and width of the network input at the export
boxes             raw, decoded or suppressed
embedding_dim     length of an embedding, 0 without them
weights_sha256    of the file that the weights came from, as `sha256sum` prints it
score_thresh      where boxes are suppressed: the least score
nms_thresh        where boxes are suppressed: the largest overlap
bytetrack_reid    the version of this project that wrote the file
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from yolox import __version__
from yolox.structures import InputError
from yolox.structures.preprocessing import PREPROCESSINGS, Preprocessing

Boxes = Literal["raw", "decoded", "suppressed"]

# By it a file is known as this project's.
VERSION = "bytetrack_reid"


class NetworkMetadata(NamedTuple):
    """See above.

    Attributes:
        preprocessing: What input the network expects.
        class_names: By class id; empty if unknown.
        input_size: Height and width.
        boxes: `raw` offsets, `decoded` boxes of all locations, or those that were not suppressed.
        embedding_dim: Length of an embedding, 0 without them.
        weights_sha256: Of the file that the weights came from.
        score_thresh: Least score, where boxes are suppressed.
        nms_thresh: Largest overlap, where boxes are suppressed.
        version: Of this project.
    """

    preprocessing: Preprocessing
    class_names: list[str]
    input_size: tuple[int, int]
    boxes: Boxes
    embedding_dim: int
    weights_sha256: str
    score_thresh: float | None = None
    nms_thresh: float | None = None
    version: str = __version__

    def to_texts(self) -> dict[str, str]:
        """Give the texts by name."""
        texts = {
            "preprocessing": self.preprocessing.name,
            "class_names": json.dumps(self.class_names, ensure_ascii=False),
            "input_size": json.dumps(self.input_size),
            "boxes": self.boxes,
            "embedding_dim": str(self.embedding_dim),
            "weights_sha256": self.weights_sha256,
            VERSION: self.version,
        }
        thresholds = {"score_thresh": self.score_thresh, "nms_thresh": self.nms_thresh}
        return texts | {name: str(x) for name, x in thresholds.items() if x is not None}


def read_metadata(texts: Mapping[str, str], where: str) -> NetworkMetadata | None:
    """Read the texts of a file; None if it is not one of this project's.

    Args:
        texts: By name.
        where: The file, for errors.

    Raises:
        InputError: A text is missing or says what this version does not know.
    """
    if VERSION not in texts:
        return None
    try:
        names = json.loads(texts["class_names"])
        height, width = json.loads(texts["input_size"])
        metadata = NetworkMetadata(
            PREPROCESSINGS[texts["preprocessing"]],
            [str(name) for name in names],
            (int(height), int(width)),
            texts["boxes"],  # type: ignore[arg-type]
            int(texts["embedding_dim"]),
            texts["weights_sha256"],
            float(texts["score_thresh"]) if "score_thresh" in texts else None,
            float(texts["nms_thresh"]) if "nms_thresh" in texts else None,
            version=texts[VERSION],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: its metadata lack or misstate {error}; export it anew"
        ) from None
    if metadata.boxes not in get_args(Boxes):
        raise InputError(
            f"{where}: says that its boxes are {metadata.boxes!r}, unknown to this version; "
            "export it anew"
        )
    return metadata
