"""Which layers become 4-bit or 8-bit, and the proof that no other did.

Knows nothing of folders or processors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from docextract.core import MissingDependencyError, ModelLoadError

KEPT = ("model.vision_tower", "model.multi_modal_projector", "lm_head")
"""Subtrees that stay 16-bit. Full paths: transformers matches a name from the start of a
module's path, so short names such as ``vision_tower`` match nothing and keep nothing."""
_LAYERS = {"nf4": "Linear4bit", "int8": "Linear8bitLt"}


def quantization_config(quantization: str, dtype: Any) -> Any:
    """Return transformers' configuration for ``nf4`` or ``int8``; None for ``none``.

    Args:
        quantization: one of ``config.QUANTIZATIONS``.
        dtype: what 4-bit weights are unpacked to.
    """
    if quantization == "none":
        return None
    from transformers import BitsAndBytesConfig

    if quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=list(KEPT))
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(KEPT),
    )


def stored_quantization(config: Mapping[str, Any]) -> str | None:
    """Return how weights were quantised before they were saved; None for plain ones.

    Args:
        config: the content of config.json.

    Raises:
        ModelLoadError: by another method than ours.
    """
    stored = config.get("quantization_config")
    if not stored:
        return None
    if stored.get("load_in_4bit") and stored.get("bnb_4bit_quant_type") == "nf4":
        return "nf4"
    if stored.get("load_in_8bit"):
        return "int8"
    raise ModelLoadError(
        f"the weights were quantised by {stored.get('quant_method', 'an unknown method')}",
        "Use 16-bit weights, or ones saved as nf4 or int8 by bitsandbytes.",
    )


def chosen_quantization(config: Mapping[str, Any], asked: str | None, has_gpu: bool) -> str:
    """Return how weights are to be quantised: as asked, as they were saved, or nf4 on a GPU.

    Args:
        config: the content of their config.json.
        asked: ``nf4``, ``int8`` or ``none``; None if nobody said.
        has_gpu: whether they are loaded on one.

    Raises:
        ModelLoadError: they were saved otherwise than asked for.
    """
    stored = stored_quantization(config)
    if stored is not None and asked not in (None, stored):
        raise ModelLoadError(f"the weights are saved as {stored}", f"Use --quantization {stored}.")
    return asked or stored or ("nf4" if has_gpu else "none")


def num_quantized(model: Any) -> dict[str, int]:
    """Return how many layers are 4-bit or 8-bit in each kept subtree, and in ``rest``."""
    counts = dict.fromkeys((*KEPT, "rest"), 0)
    for name, module in model.named_modules():
        if type(module).__name__ in _LAYERS.values():
            subtree = next((kept for kept in KEPT if name.startswith(kept)), "rest")
            counts[subtree] += 1
    return counts


def check_quantization(model: Any, quantization: str) -> None:
    """Fail unless the language model is quantised, and nothing else is.

    Raises:
        ModelLoadError: it is not so.
    """
    counts = num_quantized(model)
    wrong = {name: number for name, number in counts.items() if number and name != "rest"}
    if wrong:
        told = ", ".join(f"{number} in {name}" for name, number in wrong.items())
        raise ModelLoadError(
            f"layers that must stay 16-bit became {quantization}: {told}",
            "Use weights that were not quantised before, or --quantization none.",
        )
    if (counts["rest"] > 0) != (quantization != "none"):
        raise ModelLoadError(
            f"asked for {quantization}, but {counts['rest']} layers are quantised",
            "This transformers version quantises otherwise; please report it.",
        )


def check_packages(quantization: str) -> None:
    """Import what quantised layers need.

    Raises:
        MissingDependencyError: bitsandbytes or accelerate is not installed.
    """
    if quantization == "none":
        return
    try:
        import accelerate  # noqa: F401

        with _no_downloaded_kernels():
            import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            f"--quantization {quantization} needs bitsandbytes and accelerate: {error}",
            "pip install bitsandbytes accelerate, or use --quantization none.",
        ) from error


@contextmanager
def _no_downloaded_kernels() -> Iterator[None]:
    """Hide the ``kernels`` package: with it bitsandbytes downloads native code when imported.

    It does so on CPUs with AVX512-BF16, for any device, and manages without.
    """
    hidden = sys.modules.get("kernels")
    sys.modules["kernels"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["kernels"]
        if hidden is not None:
            sys.modules["kernels"] = hidden
