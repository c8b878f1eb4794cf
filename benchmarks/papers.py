"""Keeps the first pages of invented papers, as words with their places, and what stands on them.

Knows nothing of how values are read. ``papers.jsonl.xz`` holds the papers that language models
made up which were kept from this project; the documents themselves are too large to keep here.

Run ``python benchmarks/papers.py FOLDER_OF_DATASETS --words KEPT`` to add new ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import Box, Page, Word, WordSource

KEPT = Path(__file__).with_suffix(".jsonl.xz")
NO_SCHEMA = "none"
_UNIT = 10_000
"""Edges are kept in parts of the page's width and height."""


@dataclass(frozen=True)
class Paper:
    """One paper: where it comes from, what it was asked for, what is right, and its first page.

    Attributes:
        author: who wrote it: the name of its set.
        name: its own.
        schema: name of the schema it is asked for; ``none`` where it is no paper for any.
        kind: of such a paper, what its author calls it; empty for others.
        right: by the name of a field, all texts that are right.
        page: the first page with words.
    """

    author: str
    name: str
    schema: str
    kind: str
    right: dict[str, list[str]]
    page: Page


def read_papers(path: Path = KEPT) -> list[Paper]:
    """Return all papers that are kept for a schema."""
    return [paper for paper in read_all_papers(path) if paper.schema != NO_SCHEMA]


def read_all_papers(path: Path = KEPT) -> list[Paper]:
    """Return all papers that are kept, those of no schema too."""
    if not path.exists():
        return []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [_paper(json.loads(line)) for line in file]


def _paper(row: dict[str, Any]) -> Paper:
    width, height, source = row["page"]
    words = tuple(
        Word(text, Box(*(edge / _UNIT for edge in edges)), sure / 100)
        for text, *edges, sure in row["words"]
    )
    page = Page(1, width, height, words, WordSource(source))
    kind = row.get("kind", "")
    return Paper(row["author"], row["name"], row["schema"], kind, row["right"], page)


def _row(author: str, label: dict[str, Any], page: Page) -> dict[str, Any]:
    also = label.get("also") or {}
    right = {
        name: [str(it) for it in [value, *_as_list(also.get(name))] if it is not None]
        for name, value in label["fields"].items()
        if not isinstance(value, list)
    }
    words = [
        [w.text, *(round(edge * _UNIT) for edge in _edges(w.box)), round(w.confidence * 100)]
        for w in page.words
    ]
    return {
        "author": author,
        "name": label["id"],
        "schema": label["schema"],
        **({"kind": label["kind"]} if label["schema"] == NO_SCHEMA else {}),
        "right": right,
        "page": [round(page.width, 1), round(page.height, 1), page.word_source.value],
        "words": words,
    }


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _as_list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def _rows(folder: Path, words: Path) -> Iterator[dict[str, Any]]:
    from accuracy_cases import kept_parts

    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        parts = kept_parts(folder, label["file"], words)
        first = next((part for part in parts if isinstance(part, Page) and part.words), None)
        if first is not None:
            yield _row(folder.name, label, first)


def main() -> None:
    """Add the papers of datasets that are not kept yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="keep the words of pages here")
    options = parser.parse_args()
    old = lzma.decompress(KEPT.read_bytes()).decode().splitlines() if KEPT.exists() else []
    known = {json.loads(line)["author"] for line in old}
    folders = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    rows = (_rows(folder, options.words) for folder in folders if folder.name not in known)
    new = [json.dumps(row, ensure_ascii=False) for row in itertools.chain.from_iterable(rows)]
    KEPT.write_bytes(lzma.compress("\n".join([*old, *new, ""]).encode(), preset=9))
    print(f"{len(new)} papers added, {len(old) + len(new)} kept")


if __name__ == "__main__":
    main()
