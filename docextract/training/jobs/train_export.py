"""Writes what a training came to: merged into its base for ``--model``, or a part of the way there.

Knows nothing of datasets or steps.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from docextract.core import OptionError, UsageError
from docextract.engine.llava.weights.load import load_model
from docextract.training.jobs.work_folder import WorkFolder, write_whole
from docextract.training.weights.whole_model import save_softened, save_whole


def export_merged(out: Path, target: Path, base: Path | None = None) -> None:
    """Write the model that a training came to as a whole folder.

    Args:
        out: folder of the training.
        target: where it is written; must not be there.
        base: the model that was taught, where it lies elsewhere now.

    Raises:
        UsageError: the training is not done, or the target is there.
        SetupError: the base is gone, or the packages are.
        StoreError: the disk is full.
    """
    folder, source = _opened(out, base, target, "--merged")
    if folder.model.is_dir():
        write_whole(target, lambda path: _copy(folder.model, path))
    elif folder.adapter.is_dir():
        loaded = load_model(source, quantization="none", adapter=folder.adapter)
        write_whole(target, lambda path: save_whole(loaded.model, loaded.processor, source, path))
    else:
        raise UsageError(f"{out} is not done", "Run train run again to go on.")
    card = out / "MODEL_CARD.md"
    if card.is_file():
        shutil.copy(card, target / "README.md")


def export_softened(out: Path, target: Path, share: float, base: Path | None = None) -> None:
    """Write an adapter that goes only a share of the way that its training went.

    Args:
        out: folder of the training.
        target: where it is written; must not be there.
        share: of the way, over 0 and up to 1.
        base: the model that was taught, where it lies elsewhere now.

    Raises:
        UsageError: the training is not done or left no adapter, or the target is there.
        SetupError: the base is gone, or the packages are.
        StoreError: the disk is full.
    """
    folder, source = _opened(out, base, target, "--adapter")
    if not folder.adapter.is_dir():
        raise UsageError(
            f"{out} has no adapter", "Run train run again to go on; --method full leaves a model."
        )
    loaded = load_model(source, quantization="none")
    write_whole(target, lambda path: save_softened(folder.adapter, loaded.model, share, path))


def _opened(out: Path, base: Path | None, target: Path, option: str) -> tuple[WorkFolder, Path]:
    """Return the folder of a training and the model that it taught; nothing is written over."""
    folder = WorkFolder(out)
    source = base or Path(folder.about()["base"])
    if target.exists():
        raise OptionError(f"{option}: {target} is there already")
    return folder, source


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        shutil.copy2(path, target / path.name)
