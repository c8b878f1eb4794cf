"""The device a model runs on: which it is, how much of it is free, and its floats.

Knows nothing of models.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Gpu:
    """A CUDA device.

    Attributes:
        name: as its driver calls it.
        free_bytes: memory nobody holds now.
        total_bytes: all of its memory.
    """

    name: str
    free_bytes: int
    total_bytes: int


def is_gpu_available() -> bool:
    """Return whether torch is installed and sees a CUDA device."""
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


def find_gpu() -> Gpu | None:
    """Return the current CUDA device, or None."""
    if not is_gpu_available():
        return None
    import torch

    free, total = torch.cuda.mem_get_info()
    return Gpu(torch.cuda.get_device_name(), free, total)


def compute_dtype(quantization: str) -> Any:
    """Return the torch dtype that activations and unquantised weights have.

    bfloat16 where the card itself computes in it; float16 on older ones, where torch says
    yes too but emulates it, and for int8, whose kernels take nothing else; float32 on a CPU.
    """
    import torch

    if quantization == "int8":
        return torch.float16
    if not torch.cuda.is_available():
        return torch.float32
    has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has_bf16 else torch.float16
