import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from formats.pictures import encoded, picture, saved
from PIL import Image

from yolox.formats.images import REDUCTIONS, read_image
from yolox.structures import InputError


@pytest.mark.parametrize("sampling", [0x411111, 0x211111, 0x221111])
@pytest.mark.parametrize("progressive", [0, 1])
@pytest.mark.parametrize("size", [(64, 96), (47, 61), (1, 1), (8, 3)])
def test_a_jpeg_is_what_opencv_reads(tmp_path, size, sampling, progressive):
    data = encoded(
        picture(*size), ".jpg",
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive,
    )  # fmt: skip
    path = saved(tmp_path / "a.jpg", data)
    expected = cv2.imread(str(path))
    np.testing.assert_array_equal(read_image(path), expected)
    fast = read_image(path, fast=True)
    assert fast.shape == expected.shape
    assert np.abs(fast.astype(int) - expected).mean() < 5


def test_a_png_is_exact(tmp_path):
    image = picture(33, 47)
    path = saved(tmp_path / "a.png", encoded(image, ".png"))
    np.testing.assert_array_equal(read_image(path), image)
    np.testing.assert_array_equal(read_image(path, fast=True), image)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp"])
def test_grey_images_have_three_channels(tmp_path, suffix):
    path = saved(tmp_path / f"grey{suffix}", encoded(picture(33, 47)[..., 0], suffix))
    image = read_image(path)
    assert image.shape == (33, 47, 3)
    assert (image == image[..., :1]).all()
    np.testing.assert_array_equal(image, cv2.imread(str(path)))


def test_an_alpha_channel_is_left_out(tmp_path):
    image = picture(9, 9, channels=4)
    path = saved(tmp_path / "a.png", encoded(image, ".png"))
    np.testing.assert_array_equal(read_image(path), image[..., :3])


def test_sixteen_bits_become_eight(tmp_path):
    image = picture(20, 31)
    path = saved(tmp_path / "deep.png", encoded(image.astype(np.uint16) * 257, ".png"))
    read = read_image(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, image)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_orientation_is_ignored(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain = Image.fromarray(picture(40, 72))
    plain.save(tmp_path / "plain", kind, quality=95)
    plain.save(tmp_path / "turned", kind, quality=95, exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "turned"), read_image(tmp_path / "plain"))
    for reduction in REDUCTIONS:
        assert read_image(tmp_path / "turned", reduction).shape == (
            40 // reduction, 72 // reduction, 3,
        )  # fmt: skip


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("size", [(64, 128), (65, 127), (61, 99), (7, 17), (9, 1)])
def test_a_fraction_of_any_size(tmp_path, suffix, reduction, size):
    """The sides are divided and rounded up, and what is seen stays in its place."""
    image = picture(*size)
    path = saved(tmp_path / f"a{suffix}", encoded(image, suffix))
    read = read_image(path, reduction)
    assert read.shape == (-(-size[0] // reduction), -(-size[1] // reduction), 3)
    if min(size) > 7 * reduction:
        # The last pixel of a JPEG's fraction covers the image's border in part; else all are even.
        whole = np.multiply(read.shape[:2], reduction) if suffix == ".jpg" else size
        back = cv2.resize(read, (int(whole[1]), int(whole[0])), interpolation=cv2.INTER_LINEAR)
        back = back[: size[0], : size[1]]
        inner = slice(2 * reduction, -2 * reduction)
        difference = np.abs(back[inner, inner].astype(int) - image[inner, inner])
        assert difference.mean() < 1.5 * reduction + 2


@pytest.mark.parametrize("progressive", [0, 1])
@pytest.mark.parametrize("reduction", [1, 8])
def test_a_jpeg_cut_short_anywhere_is_refused(tmp_path, progressive, reduction):
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    data = encoded(noise, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, progressive)
    read_image(saved(tmp_path / "whole.jpg", data), reduction)
    for length in [1, 2, 3, 4, 20, 200, 700, *range(1000, len(data), 500), len(data) - 2]:
        path = saved(tmp_path / "cut.jpg", data[:length])
        with pytest.raises(InputError, match=r"cut.jpg: .*; fetch it anew"):
            read_image(path, reduction)


@pytest.mark.parametrize("reduction", [1, 2])
def test_a_png_cut_short_anywhere_is_refused(tmp_path, reduction):
    random = np.random.default_rng(0)
    data = encoded(random.integers(0, 256, (64, 80, 3), dtype=np.uint8), ".png")
    for length in [1, 8, 20, 33, 50, *range(100, len(data) - 30, 900), len(data) - 20]:
        path = saved(tmp_path / "cut.png", data[:length])
        with pytest.raises(InputError, match=r"cut.png: .*fetch it anew"):
            read_image(path, reduction)


def test_a_png_with_damaged_pixels_is_refused(tmp_path):
    random = np.random.default_rng(0)
    data = bytearray(encoded(random.integers(0, 256, (64, 80, 3), dtype=np.uint8), ".png"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(InputError, match=r"bad.png"):
        read_image(saved(tmp_path / "bad.png", bytes(data)))


@pytest.mark.parametrize("data", [b"", b"just a text\n" * 50, b"\xff\xd8\xff", bytes(5000)])
def test_what_is_no_image_is_refused(tmp_path, data):
    with pytest.raises(InputError, match=r"odd.jpg: .*fetch it anew"):
        read_image(saved(tmp_path / "odd.jpg", data))


def test_a_header_that_tells_of_too_many_pixels_is_refused(tmp_path):
    data = bytearray(encoded(np.zeros((8, 8, 3), np.uint8), ".png"))
    data[16:24] = struct.pack(">II", 70000, 70000)  # of IHDR, whose checksum follows
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(InputError, match=r"huge.png: .*fetch it anew"):
        read_image(saved(tmp_path / "huge.png", bytes(data)))


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none.jpg: no such image"):
        read_image(tmp_path / "none.jpg")
    with pytest.raises(InputError, match=str(tmp_path)):
        read_image(tmp_path)
    saved(tmp_path / "file", b"")
    with pytest.raises(InputError, match=r"file/a.jpg"):
        read_image(tmp_path / "file" / "a.jpg")


def test_a_jpeg_without_its_header_segments_is_refused(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(picture(16, 16)).save(buffer, "JPEG")
    data = buffer.getvalue()
    start = data.index(b"\xff\xdb")
    length = struct.unpack(">H", data[start + 2 : start + 4])[0]
    with pytest.raises(InputError, match=r"torn.jpg"):
        read_image(saved(tmp_path / "torn.jpg", data[:start] + data[start + 2 + length :]))
