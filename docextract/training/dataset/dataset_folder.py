"""Writes and reads a dataset folder; the same input gives the same bytes.

Knows nothing of how items came to be, nor of models. Pages are not copied: a document is opened
again when it is taught, and known by its hash. Words that cost OCR are kept beside the items.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docextract.core import MISFITS, Tree, UsageError, __version__, describe_misfit, to_json
from docextract.engine.prompt import PROMPT_VERSION
from docextract.export.atomic import write_atomically
from docextract.schema import Schema
from docextract.training.dataset.asked_schema import schema_of, schema_tree
from docextract.training.dataset.item import Item, Split
from docextract.training.dataset.left_out import LeftOut

FORMAT = 1
_ABOUT, _ITEMS, _LEFT_OUT, _PAGES = "dataset.json", "items.jsonl", "left_out.jsonl", "pages.jsonl"
_HINT = "Make it again with docextract train data."

KeptPages = Mapping[str, Mapping[int, bytes]]
"""Packed pages by hash of the document and number of the page."""


@dataclass(frozen=True)
class Dataset:
    """A dataset.

    Attributes:
        folder: where it lies.
        items: sorted by id.
        schemas: by name.
        pages: words that cost OCR or were told by who drew the page.
        about: how it was made.
        left_out: what is not taught.
    """

    folder: Path
    items: tuple[Item, ...]
    schemas: Mapping[str, Schema]
    pages: KeptPages = field(default_factory=dict, repr=False)
    about: Tree = field(default_factory=dict, repr=False)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def digest(self) -> str:
        """16 hex digits that change when any item, schema or kept page does."""
        parts = [_lines(_rows(self.items)), _schemas(self.schemas), _lines(_kept(self.pages))]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def of(self, split: Split) -> list[Item]:
        """Return the items of one side."""
        return [item for item in self.items if item.split is split]

    def path_of(self, item: Item) -> Path:
        """Return where an item's document lies."""
        return self.folder / item.path


def write_dataset(dataset: Dataset) -> None:
    """Write a dataset into its folder.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    folder = dataset.folder
    head = {
        "format": FORMAT,
        "made_by": __version__,
        "prompt_version": PROMPT_VERSION,
        "digest": dataset.digest,
        "schemas": {name: schema_tree(item) for name, item in sorted(dataset.schemas.items())},
    }
    files = {
        _ITEMS: _lines(_rows(dataset.items)),
        _LEFT_OUT: _lines(row.to_json() for row in dataset.left_out),
        _PAGES: _lines(_kept(dataset.pages)),
        # The last one: where it is, the others are whole.
        _ABOUT: to_json(head | dataset.about, indent=2) + "\n",
    }
    for name, text in files.items():
        write_atomically(folder / name, text.encode())


def read_dataset(folder: Path) -> Dataset:
    """Return the dataset in a folder.

    Raises:
        UsageError: there is none, it is of a newer format, or it is damaged.
    """
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise UsageError(f"{folder} is a dataset of format {about['format']}", _HINT)
        schemas = {name: schema_of(tree) for name, tree in about["schemas"].items()}
        items = tuple(Item.from_json(row) for row in _read_lines(folder / _ITEMS))
        pages = _pages(_read_lines(folder / _PAGES))
        dataset = Dataset(folder, items, schemas, pages, about)
    except OSError as error:
        raise UsageError(
            f"{folder} is no dataset: {error.strerror} {error.filename}", _HINT
        ) from error
    except MISFITS as error:
        raise UsageError(f"{folder} is damaged: {describe_misfit(error)}", _HINT) from error
    if dataset.digest != about["digest"]:
        raise UsageError(f"{folder} is not what was made: its digest differs", _HINT)
    return dataset


def _rows(items: Iterable[Item]) -> Iterable[Tree]:
    return ({"id": item.id} | item.to_json() for item in items)


def _schemas(schemas: Mapping[str, Schema]) -> str:
    return to_json([schema_tree(schemas[name])["fields"] for name in sorted(schemas)])


def _kept(pages: KeptPages) -> Iterable[Tree]:
    for sha256 in sorted(pages):
        for number, packed in sorted(pages[sha256].items()):
            text = base64.b64encode(packed).decode()
            yield {"sha256": sha256, "page": number, "packed": text}


def _pages(rows: Iterable[Tree]) -> KeptPages:
    pages: dict[str, dict[int, bytes]] = {}
    for row in rows:
        packed = base64.b64decode(row["packed"], validate=True)
        pages.setdefault(row["sha256"], {})[int(row["page"])] = packed
    return pages


def _lines(rows: Iterable[Tree]) -> str:
    return "".join(f"{to_json(row)}\n" for row in rows)


def _read_lines(path: Path) -> list[Tree]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
