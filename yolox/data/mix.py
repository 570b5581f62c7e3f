"""Several data sets as one to train on: their annotation files merged, their images left in place.

`mixes.ini` names the mixes. All records are numbered anew; identities are numbered over all parts
by who they are, so that they neither clash nor depend on the order of the parts. Only parts of one
folder can have people in common.
"""

from __future__ import annotations

import configparser
import os
import shlex
from pathlib import Path
from typing import NamedTuple

from yolox.data.convert.conversion import Progress, show_nothing
from yolox.data.convert.registry import CONVERTERS
from yolox.data.id_space import UNKNOWN, Identity, IdSpace, read_identities
from yolox.formats.coco import Document, Record, image_root, read_converted
from yolox.formats.text import read_text
from yolox.structures import InputError

MIXES = Path(__file__).with_name("mixes.ini")


class Part(NamedTuple):
    """One annotation file of a mix: whose converter makes it, its folder, its split."""

    converter: str
    folder: str
    split: str

    def path(self, data_root: Path) -> Path:
        """Give the annotation file."""
        return data_root / self.folder / "annotations" / f"{self.split}.json"


class Mix(NamedTuple):
    """A mix: the folder that it goes to, its parts, and new names of classes by the old."""

    folder: str
    parts: list[Part]
    rename: dict[str, str]


class _Loaded(NamedTuple):
    """A part's document and what its numbers and names mean."""

    path: Path
    root: Path
    document: Document
    identities: dict[int, Identity]
    categories: dict[int, str]


def mix_names(own: Path | None = None) -> list[str]:
    """Name the mixes, those of an own INI file after the built-in ones."""
    return list(_sections(own))


def read_mix(name: str, own: Path | None = None) -> Mix:
    """Read a mix; a section that is wrong hinders no other mix.

    Args:
        name: Of the mix.
        own: INI file of own mixes beside the built-in ones; of two of one name, it is the own.

    Raises:
        InputError: Naming the file, the section and the cure.
    """
    sections = _sections(own)
    if name not in sections:
        where = MIXES if own is None else own
        raise InputError(f"{where} has no mix {name!r}; give one of {', '.join(sections)}")
    return _mix(*sections[name])


def _sections(own: Path | None) -> dict[str, tuple[str, configparser.SectionProxy]]:
    """Give place and content of each section by name."""
    sections: dict[str, tuple[str, configparser.SectionProxy]] = {}
    for path in (MIXES, own):
        if path is None:
            continue
        parser = configparser.ConfigParser(interpolation=None, default_section="")
        try:
            parser.read_string(read_text(path))
        except configparser.Error as error:
            reason = str(error).replace("\n", " ")
            raise InputError(f"{path}: {reason}; mend the line") from None
        sections |= {name: (f"{path}: [{name}]", parser[name]) for name in parser.sections()}
    return sections


def merge(
    mix: Mix, data_root: Path, output: Path, *, progress: Progress = show_nothing
) -> Document:
    """Merge annotation files into one document.

    Args:
        mix: What to merge.
        data_root: The folder of the data sets' folders.
        output: The file that the document is for; its folder is what `info.image_root` starts from.
        progress: Wraps what is iterated over for long, with a description.

    Raises:
        InputError: A part is missing, was not made by a converter, or has an image of another part.
    """
    loaded = [_load(part, data_root) for part in progress(mix.parts, "reading")]
    loaded = _rename(loaded, mix.rename)
    _check_images(loaded)
    for part in loaded:
        if part.path.resolve() == output.resolve():
            raise InputError(f"{output}: is a part of the mix; give another file as --output")
    root = Path(os.path.commonpath([part.root for part in loaded]))
    space = IdSpace(who for part in loaded for who in part.identities.values())
    category_ids = _number_categories(loaded)
    categories: dict[int, str] = {}
    for name, number in category_ids.items():
        categories.setdefault(number, name)
    merged: Document = {
        "info": {
            "dataset": "mix",
            "split": output.stem,
            "parts": [Path(os.path.relpath(part.path, data_root)).as_posix() for part in loaded],
            "image_root": Path(os.path.relpath(root, output.parent.resolve())).as_posix(),
        },
        "videos": [],
        "images": [],
        "annotations": [],
        "categories": [{"id": number, "name": name} for number, name in categories.items()],
        "identities": space.to_records(),
    }
    for part in progress(loaded, "merging"):
        _append(merged, part, root, space, category_ids)
    return merged


def _mix(where: str, section: configparser.SectionProxy) -> Mix:
    unknown = set(section) - {"folder", "parts", "rename"}
    if unknown:
        raise InputError(f"{where} has {', '.join(sorted(unknown))}; give folder, parts and rename")
    if "folder" not in section or "parts" not in section:
        raise InputError(f"{where} needs folder and parts")
    parts = []
    for line in section["parts"].split("\n"):
        if not line.strip():
            continue
        words = _words(where, line)
        if len(words) != 3 or words[0] not in CONVERTERS:
            raise InputError(
                f"{where} has the part {line.strip()!r}; give converter, folder and split (names "
                f"with spaces in quotes), the converter one of {', '.join(CONVERTERS)}"
            )
        parts.append(Part(*words))
    if not parts:
        raise InputError(f"{where} has no parts; give some")
    rename = {}
    for pair in filter(None, section.get("rename", "").replace("\n", ",").split(",")):
        old, colon, new = (word.strip() for word in pair.partition(":"))
        if not (old and colon and new):
            raise InputError(f"{where} has rename {pair.strip()!r}; give old: new")
        rename[old] = new
    return Mix(section["folder"], parts, rename)


def _words(where: str, line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise InputError(f"{where} has the part {line.strip()!r}: {error}; mend it") from None


def _load(part: Part, data_root: Path) -> _Loaded:
    path = part.path(data_root)
    if not path.is_file():
        raise InputError(
            f"{path}: no such file; make it: python tools/convert_dataset.py {part.converter} "
            f"--data-dir {shlex.quote(str(data_root / part.folder))}"
        )
    document = read_converted(path)
    identities = _of_folder(part.folder, read_identities(document["identities"]))
    names = {record["id"]: record["name"] for record in document["categories"]}
    return _Loaded(path, image_root(path, document).resolve(), document, identities, names)


def _of_folder(folder: str, identities: dict[int, Identity]) -> dict[int, Identity]:
    """Key identities by the part's folder, as two sites may have called their sequences alike."""
    name = Path(folder).as_posix()  # `mot` for `./mot/`
    datasets = {who.dataset for who in identities.values()}
    return {
        # A part that is a mix itself has people of several data sets.
        number: who._replace(dataset=name if len(datasets) == 1 else f"{name}/{who.dataset}")
        for number, who in identities.items()
    }


def _rename(parts: list[_Loaded], rename: dict[str, str]) -> list[_Loaded]:
    """Give classes their new names, all of which must be of some class."""
    there = {name: None for part in parts for name in part.categories.values()}
    for old in rename:
        if old not in there:
            raise InputError(
                f"rename has {old!r}, which no part has; give one of the classes {', '.join(there)}"
            )
    return [
        part._replace(categories={n: rename.get(name, name) for n, name in part.categories.items()})
        for part in parts
    ]


def _check_images(parts: list[_Loaded]) -> None:
    """Check that no image is in two parts."""
    seen: dict[Path, Path] = {}
    for part in parts:
        files = {part.root / record["file_name"] for record in part.document["images"]}
        for file in sorted(files & seen.keys()):
            raise InputError(f"{part.path} and {seen[file]} both have {file}; leave out one part")
        seen |= dict.fromkeys(files, part.path)


def _number_categories(parts: list[_Loaded]) -> dict[str, int]:
    """Number the classes by name; if every part has one class, they are the same class."""
    names = [name for part in parts for name in part.categories.values()]
    if all(len(part.categories) == 1 for part in parts):
        return dict.fromkeys(names, 1)
    return {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}


def _append(
    merged: Document, part: _Loaded, root: Path, space: IdSpace, category_ids: dict[str, int]
) -> None:
    """Add a part's records under new numbers."""
    videos, images, annotations = merged["videos"], merged["images"], merged["annotations"]
    of_video = _renumber(part.document["videos"], len(videos))
    of_image = _renumber(part.document["images"], len(images))
    below = Path(os.path.relpath(part.root, root))
    videos += [record | {"id": of_video[record["id"]]} for record in part.document["videos"]]
    images += [
        record
        | {
            "id": of_image[record["id"]],
            "video_id": of_video[record["video_id"]],
            "file_name": (below / record["file_name"]).as_posix(),
            "prev_image_id": of_image.get(record["prev_image_id"], UNKNOWN),
            "next_image_id": of_image.get(record["next_image_id"], UNKNOWN),
        }
        for record in part.document["images"]
    ]
    annotations += [
        record
        | {
            "id": number,
            "image_id": of_image[record["image_id"]],
            "category_id": category_ids[part.categories[record["category_id"]]],
            "track_id": space.number(part.identities.get(record["track_id"])),
        }
        for number, record in enumerate(part.document["annotations"], start=len(annotations) + 1)
    ]


def _renumber(records: list[Record], offset: int) -> dict[int, int]:
    """Give the new ids by the old: their order, after what is there already."""
    return {record["id"]: number for number, record in enumerate(records, start=offset + 1)}
