import numpy as np
import PIL.Image
import pytest

from yolox.formats.mot import SequenceInfo
from yolox.formats.sequence_images import find_images, read_frame
from yolox.structures import InputError

INFO = SequenceInfo("a", 3, 40, 20, 30.0)


def _save(path, size=(40, 20), colour=(200, 30, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", size, colour).save(path)
    return path


@pytest.mark.parametrize(
    ("info", "names"),
    [
        (INFO, ["img1/000001.jpg", "img1/000002.jpg", "img1/000003.jpg"]),
        (INFO, ["img1/00000001.JPG", "img1/00000002.JPG", "img1/00000003.JPG"]),
        (
            INFO._replace(image_folder="pictures", image_suffix=".png"),
            ["pictures/1.png", "pictures/2.png", "pictures/3.png"],
        ),
    ],
)
def test_frames_have_their_images(tmp_path, info, names):
    for name in names:
        _save(tmp_path / name)
    (tmp_path / info.image_folder / "thumbs.jpg").write_bytes(b"")
    assert find_images(tmp_path, info, 1, 3) == [tmp_path / name for name in names]
    assert find_images(tmp_path, info, 2, 2) == [tmp_path / names[1]]


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"img1: no such folder; .* imDir in .*seqinfo\.ini"):
        find_images(tmp_path, INFO, 1, 3)
    _save(tmp_path / "img1/1.png")
    with pytest.raises(InputError, match=r"img1: holds no image .*000001\.jpg; .* imExt"):
        find_images(tmp_path, INFO, 1, 3)
    for number in (1, 3):
        _save(tmp_path / f"img1/{number:08d}.jpg")
    with pytest.raises(InputError, match=r"img1/00000002\.jpg: image 2 of frames 1 to 3 is miss"):
        find_images(tmp_path, INFO, 1, 3)


def test_pixels_are_bgr_of_any_kind_of_image(tmp_path):
    assert read_frame(_save(tmp_path / "1.png"), INFO)[5, 5].tolist() == [60, 30, 200]
    grey = tmp_path / "2.png"
    PIL.Image.new("L", (40, 20), 77).save(grey)
    assert (read_frame(grey, INFO) == 77).all()


def test_an_image_that_is_not_as_it_should_be(tmp_path):
    path = tmp_path / "1.jpg"
    with pytest.raises(InputError, match=r"1\.jpg: no such image"):
        read_frame(path, INFO)
    _save(path, (41, 20))
    with pytest.raises(InputError, match=r"1\.jpg: is 41 × 20, but seqinfo\.ini says 40 × 20; cor"):
        read_frame(path, INFO)
    path.write_bytes(b"no image")
    with pytest.raises(InputError, match=r"1\.jpg: is no image, or is damaged; fetch it anew"):
        read_frame(path, INFO)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_an_image_cut_short_is_refused(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (20, 40, 3), dtype=np.uint8)
    path = tmp_path / f"1{suffix}"
    PIL.Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.8):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError, match=rf"1\{suffix}: .*; fetch it anew"):
            read_frame(path, INFO)
