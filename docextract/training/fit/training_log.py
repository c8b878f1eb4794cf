"""The log of a training, one line a step; a resumed run goes on where its checkpoint stands.

Knows nothing of models.
"""

from __future__ import annotations

import json
from pathlib import Path

from docextract.core import Tree, to_json
from docextract.export.atomic import write_atomically, writing_errors


class TrainingLog:
    """Rows of ``stage``, ``step``, ``loss`` and more.

    Args:
        path: of log.jsonl.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, stage: str | None = None) -> list[Tree]:
        """Return the rows of a stage or of all; a line that was cut is no row."""
        if not self._path.is_file():
            return []
        rows = []
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        return [row for row in rows if stage is None or row["stage"] == stage]

    def cut(self, stage: str, step: int) -> None:
        """Drop what was logged of a stage after a step."""
        rows = self.rows()
        kept = [row for row in rows if row["stage"] != stage or row["step"] <= step]
        write_atomically(self._path, "".join(f"{to_json(row)}\n" for row in kept).encode())

    def add(self, row: Tree) -> None:
        """Append a row.

        Raises:
            StoreError: the disk is full.
        """
        with writing_errors(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(f"{to_json(row)}\n")
