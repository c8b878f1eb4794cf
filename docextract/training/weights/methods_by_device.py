"""What suits the device, where nobody said how to train.

Knows nothing of models or datasets.
"""

from __future__ import annotations

from docextract.core import DeviceError, OptionError
from docextract.engine.llava.weights.device import GIB, find_gpu
from docextract.training.train_settings import Method

_LORA_FROM = 40 * GIB
"""A 7B in 16 bits takes 14 GB, and its checkpointed layers half as much again."""


def chosen_method(text: str) -> Method:
    """Return the method named, or what the device allows: qlora under 40 GB, lora above.

    Raises:
        OptionError: there is no such method.
        DeviceError: qlora was asked for and there is no GPU.
    """
    gpu = find_gpu()
    if text == "auto":
        return Method.QLORA if gpu and gpu.total_bytes < _LORA_FROM else Method.LORA
    if text not in tuple(Method):
        raise OptionError(f"--method: {text!r} is not one of {', '.join(Method)}")
    if text == Method.QLORA and gpu is None:
        raise DeviceError("--method qlora needs a CUDA GPU", "Use --method lora on a CPU.")
    return Method(text)


def chosen_precision() -> str:
    """Return ``bf16`` on a GPU, else ``fp32``."""
    return "bf16" if find_gpu() else "fp32"
