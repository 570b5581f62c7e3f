import json

import pytest

from yolox.formats.network_metadata import NetworkMetadata, read_metadata
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

WHOLE = NetworkMetadata(LEGACY, ["person", "Velo é"], (288, 512), "suppressed", 64, "ab", 0.1, 0.7)
PLAIN = NetworkMetadata(CURRENT, [], (416, 416), "raw", 0, "")


@pytest.mark.parametrize("metadata", [WHOLE, PLAIN])
def test_what_is_written_is_read(metadata):
    texts = metadata.to_texts()
    assert all(isinstance(text, str) for text in texts.values())
    assert read_metadata(texts, "a.onnx") == metadata


def test_the_texts_are_plain():
    texts = WHOLE.to_texts()
    assert json.loads(texts["input_size"]) == [288, 512]
    assert json.loads(texts["class_names"]) == ["person", "Velo é"]
    assert (texts["preprocessing"], texts["boxes"], texts["nms_thresh"]) == (
        "legacy",
        "suppressed",
        "0.7",
    )
    assert "score_thresh" not in PLAIN.to_texts()


def test_files_of_others_say_nothing():
    assert read_metadata({"author": "somebody"}, "a.onnx") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preprocessing": "newest"}, "a.onnx: its metadata lack or misstate 'newest'; export it"),
        ({"input_size": "[1]"}, "a.onnx: its metadata lack or misstate not enough values"),
        ({"embedding_dim": "many"}, "a.onnx: its metadata lack or misstate invalid literal"),
        ({"class_names": "7"}, "a.onnx: its metadata lack or misstate 'int' object"),
        ({"boxes": "round"}, "says that its boxes are 'round', unknown to this version; export it"),
    ],
)
def test_what_is_wrong(change, message):
    with pytest.raises(InputError, match=message):
        read_metadata(WHOLE.to_texts() | change, "a.onnx")


def test_what_is_missing():
    texts = WHOLE.to_texts()
    del texts["weights_sha256"]
    with pytest.raises(InputError, match="lack or misstate 'weights_sha256'"):
        read_metadata(texts, "a.onnx")
