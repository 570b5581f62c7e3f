import json

import numpy as np
import pytest

from yolox.data.annotations import read_annotations
from yolox.data.statistics import by_video, oddities, outside_share, track_lengths


@pytest.fixture
def read(tmp_path):
    def make(boxes, images=2, name="pedestrian"):
        """Annotations of images of 100 × 200; boxes are (image, track_id, bbox)."""
        document = {
            "info": {"image_root": "."},
            "videos": [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "b"}],
            "images": [
                {"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 200, "frame_id": i,
                 "video_id": 1 + (i > 1)}
                for i in range(1, images + 1)
            ],
            "annotations": [
                {"id": n, "image_id": image, "category_id": 1, "track_id": who, "bbox": box,
                 "area": box[2] * box[3], "iscrowd": 0}
                for n, (image, who, box) in enumerate(boxes, start=1)
            ],
            "categories": [{"id": 1, "name": name}],
        }  # fmt: skip
        path = tmp_path / "a.json"
        path.write_text(json.dumps(document))
        return read_annotations(path)

    return make


def test_counts_by_video(read):
    rows = by_video(read([(1, 5, [0, 0, 10, 30]), (1, -1, [0, 0, 10, 50]), (2, 5, [0, 0, 9, 20])]))
    first, second = rows
    assert (first["video"], first["images"], first["boxes"]) == ("a", 1, 2)
    assert (first["identities"], first["boxes/image"], first["median height"]) == (1, 2.0, 40)
    assert (second["video"], second["boxes"], second["identities"]) == ("b", 1, 1)


def test_a_video_without_boxes_has_no_medians(read):
    assert by_video(read([(1, 1, [0, 0, 5, 9])]))[1]["median height"] is None


def test_lengths_of_tracks_and_share_outside(read):
    annotations = read([(1, 9, [-5, 0, 10, 30]), (2, 9, [0, 190, 10, 40]), (2, 3, [0, 0, 9, 20])])
    assert track_lengths(annotations).tolist() == [1, 2]
    np.testing.assert_allclose(outside_share(annotations), [0.5, 0.75, 0])


@pytest.mark.parametrize(
    ("boxes", "note"),
    [
        ([], "no box at all"),
        ([(1, -1, [0, 0, 10, 30])], "nobody has an identity"),
        ([(1, 1, [99, 0, 20, 30]), (1, 2, [0, 0, 10, 30])], "50% of the boxes lie mostly outside"),
        ([(1, 1, [0, 0, 10, 30]), (2, 2, [0, 0, 10, 30])], "100% of the identities have one box"),
        ([(1, 1, [0, 0, 10, 30]), (1, 2, [0, 0, 10, 30])], "1 boxes stand twice"),
        ([(1, 1, [0, 0, 30, 10]), (2, 1, [0, 0, 30, 10])], "wider than tall"),
    ],
)
def test_what_looks_wrong_is_named(read, boxes, note):
    assert any(note in odd for odd in oddities(read(boxes)))


def test_images_without_boxes_are_named(read):
    assert any("75% of the images" in odd for odd in oddities(read([(1, 1, [0, 0, 5, 9])], 4)))


def test_a_sound_set_has_no_oddities(read):
    walk = [(i, who, [who * 20 + i, 20, 15, 40]) for i in (1, 2) for who in (1, 2, 3)]
    assert oddities(read(walk)) == []


def test_wide_vehicles_are_not_odd(read):
    wide = [(i, who, [who * 20 + i, 20, 40, 15]) for i in (1, 2) for who in (1, 2)]
    assert oddities(read(wide, name="car")) == []
