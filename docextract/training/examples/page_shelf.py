"""Pages with their pixels when they are needed: opened again by a worker, the last ones kept.

Knows nothing of items or models.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from docextract.core import DocumentError, Page, Reason
from docextract.training.collect.opened_pages import Opened, PageReader, Wish
from docextract.training.dataset import Dataset

_MAX_BYTES = 512 << 20


class DocumentKey(NamedTuple):
    """A document of a dataset: its path there, and the hash of its bytes."""

    path: str
    sha256: str


class PageShelf:
    """The documents of one dataset.

    Args:
        dataset: whose documents are opened.
        reader: opens them.
        max_bytes: pixels kept.
    """

    def __init__(self, dataset: Dataset, reader: PageReader, max_bytes: int = _MAX_BYTES) -> None:
        self._dataset = dataset
        self._reader = reader
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._kept: OrderedDict[DocumentKey, tuple[Page, ...]] = OrderedDict()

    def open_all(self, keys: Iterable[DocumentKey], take: Callable[[Opened], None]) -> None:
        """Give documents away as workers open them, in any order; none is kept."""
        self._reader.open(((key, self._wish(key)) for key in keys), take, with_images=True)

    def pages(self, key: DocumentKey) -> tuple[Page, ...]:
        """Return the pages of one document.

        Raises:
            DocumentError: it is gone or has changed since training began.
        """
        if key not in self._kept:
            opened = self._reader.pages_of(self._wish(key))
            if opened.problem:
                raise DocumentError(Reason.CHANGED, f"{key.path}: {opened.problem}")
            self._keep(key, opened.pages)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _wish(self, key: DocumentKey) -> Wish:
        kept = self._dataset.pages.get(key.sha256, {})
        return Wish(Path(self._dataset.folder / key.path), key.sha256, kept)

    def _keep(self, key: DocumentKey, pages: tuple[Page, ...]) -> None:
        self._kept[key] = pages
        self._num_bytes += _size(pages)
        while self._num_bytes > self._max_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._num_bytes -= _size(dropped)


def _size(pages: Iterable[Page]) -> int:
    return sum(len(page.image or b"") for page in pages)
