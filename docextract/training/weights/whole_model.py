"""Writes weights as they are published: a whole model folder, or a softened adapter.

Knows nothing of training.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
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


def save_softened(adapter: Path, base: Any, share: float, folder: Path) -> None:
    """Write an adapter that goes only a share of the way from its base.

    On the straight line between a base and what it was tuned to, most of what was learned is kept
    and little of what was known is lost (WiSE-FT: Wortsman et al., Robust fine-tuning of zero-shot
    models, 2022).

    Args:
        adapter: folder of a LoRA with a whole projector beside it.
        base: the transformers model it was made for, as it was before.
        share: of the way, 0 to 1.
        folder: that is written into.
    """
    from safetensors.torch import load_file, save_file

    name = "adapter_model.safetensors"
    before = {
        f".multi_modal_projector.{part}": tensor.float()
        for part, tensor in base.model.multi_modal_projector.state_dict().items()
    }
    tensors = load_file(adapter / name)
    for path in sorted(adapter.iterdir()):
        shutil.copy2(path, folder / path.name)
    softened = {key: _softened(key, tensor, before, share) for key, tensor in tensors.items()}
    save_file(softened, folder / name, metadata={"format": "pt"})


def _softened(key: str, tensor: Any, before: Mapping[str, Any], share: float) -> Any:
    """Return one tensor: of a LoRA's two factors the second alone, as they are multiplied."""
    if ".lora_B." in key:
        return tensor * share
    start = next((it for end, it in before.items() if key.endswith(end)), None)
    if start is None:
        return tensor
    return (start + share * (tensor.float() - start)).to(tensor.dtype)
