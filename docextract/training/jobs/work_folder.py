"""The output folder of a training: whose it is, what is done, and files whole or not there.

Knows nothing of how anything is trained.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docextract.core import MISFITS, OptionError, Tree, UsageError, describe_misfit, to_json
from docextract.export.atomic import write_atomically, writing_errors
from docextract.store.lock import OutputLock
from docextract.training.fit.checkpoints import Checkpoints
from docextract.training.fit.training_log import TrainingLog

_ABOUT = "train.json"
_COMPARED = ("settings", "dataset", "model")


class WorkFolder:
    """One training's folder.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def log(self) -> TrainingLog:
        """The log of every step."""
        return TrainingLog(self.path / "log.jsonl")

    @property
    def adapter(self) -> Path:
        """What ``--adapter`` takes, once the last stage is done."""
        return self.path / "adapter"

    @property
    def model(self) -> Path:
        """What ``--model`` takes, where all weights were trained."""
        return self.path / "model"

    @property
    def align(self) -> Path:
        """The outcome of the first stage."""
        return self.path / "align"

    def checkpoints(self, stage: str) -> Checkpoints:
        """Return the checkpoints of a stage."""
        return Checkpoints(self.path / "checkpoints" / stage)

    def answers(self, reading: str) -> Path:
        """Return the file of what the engine read: ``before``, ``align`` or ``tune``."""
        return self.path / "readings" / f"{reading}.jsonl"

    @contextmanager
    def claimed(self, about: Tree) -> Iterator[None]:
        """Hold the folder for one training.

        Args:
            about: what decides the weights: ``settings``, ``dataset`` and ``model``.

        Raises:
            OutputBusyError: another process holds it.
            UsageError: it is another training's; the message says what differs.
        """
        inner = self.path / ".docextract"
        with writing_errors(inner):
            inner.mkdir(parents=True, exist_ok=True)
        with OutputLock.acquire(inner):
            self._check(about)
            write_atomically(self.path / _ABOUT, (to_json(about, indent=2) + "\n").encode())
            yield

    def about(self) -> Tree:
        """Return what the folder's training was asked.

        Raises:
            UsageError: no training was begun here.
        """
        try:
            tree = json.loads((self.path / _ABOUT).read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"{self.path} is no folder of train run ({_ABOUT})") from error
        except MISFITS as error:
            raise UsageError(f"{self.path / _ABOUT}: {describe_misfit(error)}") from error
        return dict(tree)

    def _check(self, about: Tree) -> None:
        if not (self.path / _ABOUT).is_file():
            return
        before = self.about()
        differing = [
            f"{part} {name} was {before.get(part, {}).get(name)!r}, now {value!r}"
            for part in _COMPARED
            for name, value in about[part].items()
            if before.get(part, {}).get(name) != value
        ]
        if differing:
            raise OptionError(
                f"{self.path} holds another training: {'; '.join(differing)}",
                "Give the same options to go on, or --fresh to begin anew beside it.",
            )

    @staticmethod
    def free(path: Path) -> Path:
        """Return the path, or the first of ``path-2``, ``path-3`` that is not there."""
        number, found = 1, path
        while found.exists():
            number += 1
            found = path.with_name(f"{path.name}-{number}")
        return found


def write_whole(folder: Path, write: Callable[[Path], object]) -> None:
    """Let a function write into a folder that takes its name once all of it is there.

    Raises:
        StoreError: the disk is full.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    with writing_errors(folder):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
