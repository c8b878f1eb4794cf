"""Writes a whole model folder: weights in the base's own floats, processor and all.

Knows nothing of training.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def save_whole(model: Any, processor: Any, base: Path, folder: Path) -> None:
    """Write a model as ``--model`` takes it; the model given is turned to 16 bits.

    Args:
        model: a transformers image-text-to-text model.
        processor: of it.
        base: the folder it came from, whose floats are kept.
        folder: that is written into.
    """
    import torch

    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    name = str(config.get("dtype") or config.get("torch_dtype") or "bfloat16")
    dtype = getattr(torch, name.removeprefix("torch."))
    model.to(dtype).save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
