import io
import threading

import cv2
import pytest
from data.footage.filmed import number_of, picture, read

from yolox.data.footage import images as footage_images
from yolox.data.footage import open_footage
from yolox.data.footage.images import natural_order
from yolox.formats.mot import SequenceInfo, write_sequence_info
from yolox.structures import InputError


def fill(folder, names, size=(96, 64)):
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, start=1):
        cv2.imwrite(str(folder / name), picture(number, size))
    return folder


def test_a_folder_is_read_in_the_order_people_count(tmp_path):
    names = [f"shot {number}.jpg" for number in range(1, 31)]
    folder = fill(tmp_path / "a walk", names)
    (folder / "readme.txt").write_text("no image")
    (folder / "._shot 1.jpg").write_bytes(b"left behind by a Mac")
    with open_footage(folder) as footage:
        assert (footage.name, footage.size, footage.frame_rate) == ("a walk", (96, 64), 30)
        assert (footage.length, footage.live) == (30, False)
        frames, notes = read(footage)
    assert [frame.number for frame in frames] == list(range(1, 31))
    assert [number_of(frame.image) for frame in frames] == list(range(1, 31))
    assert [frame.time for frame in frames] == pytest.approx([n / 30 for n in range(30)])
    assert not notes


def test_names_sort_by_the_value_of_their_numbers(tmp_path):
    names = ["a2b10.png", "a10.png", "a2b9.png", "B1.png", "7.png", "007.png", "a.png"]
    expected = ["007.png", "7.png", "a.png", "a2b9.png", "a2b10.png", "a10.png", "B1.png"]
    assert [path.name for path in sorted(map(tmp_path.joinpath, names), key=natural_order)] == (
        expected
    )


def sequence(root, length=5):
    info = SequenceInfo("MOT17-99", length, 96, 64, 14.0)
    fill(root / "s" / "img1", [f"{number:06d}.jpg" for number in range(1, 6)])
    write_sequence_info(root / "s" / "seqinfo.ini", info)
    return root / "s"


def test_a_sequence_says_its_name_and_frame_rate(tmp_path):
    footage = open_footage(str(sequence(tmp_path)))
    assert (footage.name, footage.frame_rate, footage.length) == ("MOT17-99", 14, 5)
    frames, _ = read(footage)
    assert [number_of(frame.image) for frame in frames] == [1, 2, 3, 4, 5]
    assert frames[4].time == pytest.approx(4 / 14)
    assert open_footage(tmp_path / "s", frame_rate=7).frame_rate == 7


@pytest.mark.parametrize("name", ["../../etc/a", "/tmp/a", "a/b", "..", ".", ""])
def test_a_sequence_cannot_name_files_elsewhere(tmp_path, name):
    listed = sequence(tmp_path) / "seqinfo.ini"
    listed.write_text(listed.read_text().replace("name=MOT17-99", f"name={name}"))
    with pytest.raises(InputError, match=r"seqinfo\.ini: name is '.*'; give one that files can"):
        open_footage(tmp_path / "s")


def test_a_sequence_that_lacks_an_image(tmp_path):
    with pytest.raises(InputError, match="image 6 of frames 1 to 6 is missing"):
        open_footage(sequence(tmp_path, length=6))


def test_paths_come_from_stdin(tmp_path, monkeypatch):
    fill(tmp_path, ["b.png", "a.png"])
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{tmp_path}/b.png\n\n{tmp_path}/a.png\n"))
    footage = open_footage("-", frame_rate=5)
    assert (footage.name, footage.frame_rate) == ("images", 5)
    assert [number_of(frame.image) for frame in footage] == [1, 2]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(InputError, match="no image is listed; give their paths"):
        open_footage("-")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{tmp_path}/a.png\n{tmp_path}/c.png\n"))
    with pytest.raises(InputError, match=r"c\.png: no such image; mend the list"):
        open_footage("-")


def test_one_image_is_footage_too(tmp_path):
    footage = open_footage(fill(tmp_path, ["door.PNG"]) / "door.PNG")
    assert (footage.name, footage.length) == ("door", 1)
    assert [number_of(frame.image) for frame in footage] == [1]


def test_a_damaged_image_is_a_frame_without_one(tmp_path):
    folder = fill(tmp_path, [f"{number}.jpg" for number in range(1, 21)])
    whole = (folder / "1.jpg").read_bytes()
    (folder / "1.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "7.jpg").write_bytes(b"")
    frames, notes = read(open_footage(folder))
    assert [frame.number for frame in frames if frame.image is None] == [1, 7]
    assert len(frames) == 20
    assert frames[7].time == pytest.approx(7 / 30)
    assert [note.split(":")[0] for note in notes] == ["frame 1", "frame 7"]
    assert "7.jpg: is no image, or is damaged" in notes[1]


def test_images_of_another_size_are_scaled_with_one_note(tmp_path):
    folder = fill(tmp_path, ["1.png", "2.png", "3.png", "4.png"])
    for name in ("2.png", "3.png"):
        cv2.imwrite(str(folder / name), picture(9, (192, 100)))
    frames, notes = read(open_footage(folder))
    assert {frame.image.shape for frame in frames} == {(64, 96, 3)}
    assert number_of(frames[2].image) == 9
    (note,) = notes
    assert "frame 2 is 192 × 100 pixels, not 96 × 64 as the first" in note


def test_no_image_at_all(tmp_path):
    with pytest.raises(InputError, match=r"holds no image \(\.jpg.*give the folder that holds"):
        open_footage(tmp_path)
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_text("none")
    with pytest.raises(InputError, match=r"1\.jpg.*none of 2 images in .* can be read"):
        open_footage(tmp_path)


def readers():
    return [one for one in threading.enumerate() if one.name.startswith("images")]


def test_whoever_stops_early_leaves_no_thread(tmp_path):
    folder = fill(tmp_path, [f"{number}.png" for number in range(1, 40)])
    with open_footage(folder) as footage:
        for frame in footage:
            if frame.number == 3:
                break
    assert not readers()

    def fail():
        with open_footage(folder) as other:
            for _ in other:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not readers()


def test_only_a_few_images_are_held(tmp_path, monkeypatch):
    folder = fill(tmp_path, [f"{number}.png" for number in range(1, 40)])
    footage = open_footage(folder)
    begun = []
    read_image = footage_images.read_image
    monkeypatch.setattr(
        footage_images, "read_image", lambda path: begun.append(path) or read_image(path)
    )
    for frame in footage:
        assert len(begun) <= frame.number + 8


def test_footage_is_read_once(tmp_path):
    footage = open_footage(fill(tmp_path, ["1.png"]))
    assert len(list(footage)) == 1
    with pytest.raises(InputError, match="has been read or closed already; open it anew"):
        list(footage)
    footage.close()
    closed = open_footage(tmp_path)
    closed.close()
    with pytest.raises(InputError, match="open it anew"):
        next(iter(closed))


@pytest.mark.parametrize("rate", [0, -1, float("nan"), 1e6])
def test_frame_rates_that_are_none(tmp_path, rate):
    with pytest.raises(InputError, match=r"frame_rate is .*; give a number from 0\.1 to 1000"):
        open_footage(tmp_path, frame_rate=rate)
