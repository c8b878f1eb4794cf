"""Loads a LoRA onto a model: safetensors only, never merged into quantised weights.

Knows nothing of how either was trained.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docextract.errors import MissingDependencyError, ModelLoadError

_HINT = "Give the folder that peft's save_pretrained wrote, as safetensors."


def load_adapter(model: Any, folder: Path, *, is_quantized: bool) -> Any:
    """Return the model with the LoRA in ``folder`` applied.

    Merged into 16-bit weights, so that it costs nothing per token; beside 4-bit or 8-bit
    ones, as merging would round it away.

    Raises:
        ModelLoadError: the folder holds no adapter for this model, or a pickled one.
        MissingDependencyError: peft is not installed.
    """
    check_adapter(folder)
    try:
        from peft import PeftModel
    except ImportError as error:
        raise MissingDependencyError(
            f"--adapter needs peft: {error}", "pip install peft"
        ) from error
    try:
        adapted = PeftModel.from_pretrained(model, folder, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ModelLoadError(f"the adapter in {folder} does not fit: {error}", _HINT) from error
    bare = adapted.get_base_model() if is_quantized else adapted.merge_and_unload()
    return bare.eval()


def check_adapter(folder: Path) -> None:
    """Fail unless ``folder`` looks like a LoRA in safetensors.

    Raises:
        ModelLoadError: it does not.
    """
    if not (folder / "adapter_config.json").is_file():
        raise ModelLoadError(f"there is no adapter in {folder} (no adapter_config.json)", _HINT)
    if not (folder / "adapter_model.safetensors").is_file():
        raise ModelLoadError(f"{folder} holds no adapter_model.safetensors", _HINT)
    try:
        kind = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["peft_type"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelLoadError(f"adapter_config.json in {folder} is damaged", _HINT) from error
    if kind != "LORA":
        raise ModelLoadError(f"the adapter in {folder} is {kind}, not LORA", _HINT)
