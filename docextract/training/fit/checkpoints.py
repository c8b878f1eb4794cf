"""Checkpoints of a stage: which are whole, which is the newest, and what a cut save leaves.

Knows nothing of what is in them. A checkpoint counts once it is marked, which happens after all of
it is on the disk; whatever is not marked was cut and is removed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_MARK = "complete"
_NAME = re.compile(r"checkpoint-(\d+)")


class Checkpoints:
    """The checkpoints of one stage, as transformers' Trainer names them.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self) -> Path | None:
        """Return the newest whole checkpoint; what was cut is removed."""
        whole = []
        for step, path in self._found():
            if (path / _MARK).is_file():
                whole.append((step, path))
            else:
                shutil.rmtree(path)
        return max(whole)[1] if whole else None

    def mark(self, step: int) -> None:
        """Say that a checkpoint is whole, once all of it is on the disk."""
        path = self.folder / f"checkpoint-{step}"
        for file in sorted(path.iterdir()):
            _sync(file)
        (path / _MARK).touch()
        _sync(path)

    def clear(self) -> None:
        """Remove all: the stage is done and its outcome lies elsewhere."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _found(self) -> Iterator[tuple[int, Path]]:
        for path in self.folder.glob("checkpoint-*"):
            found = _NAME.fullmatch(path.name)
            if found:
                yield int(found[1]), path


def step_of(checkpoint: Path | None) -> int:
    """Return the step that a checkpoint stands at; 0 for none."""
    found = _NAME.fullmatch(checkpoint.name) if checkpoint else None
    return int(found[1]) if found else 0


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
