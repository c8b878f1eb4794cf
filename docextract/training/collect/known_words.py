"""Reads words that are known from elsewhere: from who drew a page, or from another OCR.

Knows nothing of labels. A drawn scan whose every word is known need not be read by OCR first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from docextract.core import MISFITS, Box, Page, Tree, UsageError, Word, WordSource, describe_misfit
from docextract.documents.pages import pack
from docextract.training.dataset import KeptPages

_EXAMPLE = (
    'A line is {"file": "a.png", "page": 1, "size": [800, 1100], '
    '"words": [["Total", 0.1, 0.8, 0.2, 0.82]]}.'
)


def read_known_words(path: Path, folder: Path) -> KeptPages:
    """Return the pages of a file of words, packed, by hash of their documents.

    Args:
        path: JSON lines of ``file``, ``page``, ``size`` in pixels and ``words``: text, then left,
            top, right and bottom as fractions of the upright page.
        folder: where the documents lie; those that are not there are passed over.

    Raises:
        UsageError: the file cannot be read or holds something else.
    """
    pages: dict[str, dict[int, bytes]] = {}
    try:
        for row in _rows(path):
            document = folder / row["file"]
            packed = pack(_page(row))
            if document.is_file() and packed is not None:
                digest = hashlib.sha256(document.read_bytes()).hexdigest()
                pages.setdefault(digest, {})[int(row["page"])] = packed
    except OSError as error:
        raise UsageError(f"--words {path}: {error.strerror}", _EXAMPLE) from error
    except MISFITS as error:
        raise UsageError(f"--words {path}: {describe_misfit(error)}", _EXAMPLE) from error
    return pages


def _rows(path: Path) -> Iterator[Tree]:
    with path.open(encoding="utf-8-sig") as lines:
        yield from map(json.loads, filter(str.strip, lines))


def _page(row: Tree) -> Page:
    width, height = map(float, row["size"])
    words = tuple(Word(str(text), Box(*map(float, box))) for text, *box in row["words"])
    return Page(int(row["page"]), width, height, words, WordSource.OCR)
