"""A JSON file for each document below a folder, and none for documents that are there no more.

Knows nothing of stores. A file that no export wrote is never touched.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from docextract.core import Tree, to_json
from docextract.export.atomic import write_atomically, writing_errors
from docextract.export.naming.mirror import Mirror

_BEGINNING = b'{\n  "document": {\n    "path": '


class RecordTree:
    """The files of one export; use it as a context manager.

    Args:
        folder: below which they lie.
        is_whole: whether nothing else of an export may lie there when all is well at the end.
    """

    def __init__(self, folder: Path, *, is_whole: bool) -> None:
        self._folder = folder
        self._is_whole = is_whole
        self._mirror = Mirror()
        self._written: set[bytes] = set()

    def write(self, tree: Tree, relative: str, raw_path: bytes) -> None:
        """Write the file of a document.

        Args:
            tree: its record.
            relative: its path below its input root.
            raw_path: its exact path.

        Raises:
            StoreError: the disk is full or not writable.
        """
        place = str(self._mirror.place(relative, raw_path))
        # A name is UTF-8 on the disk, also where the locale knows ASCII alone.
        path = self._folder / os.fsdecode(place.encode())
        write_atomically(path, f"{to_json(tree, indent=2)}\n".encode())
        self._written.add(os.fsencode(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._is_whole:
            self._remove_others()

    def _remove_others(self) -> None:
        for path in sorted(self._folder.rglob("*.json")):
            if os.fsencode(path) not in self._written and _is_of_an_export(path):
                with writing_errors(path):
                    path.unlink(missing_ok=True)


def _is_of_an_export(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with writing_errors(path), path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING
