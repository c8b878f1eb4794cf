"""Loads LLaVA-NeXT weights from a local folder: safetensors only, no remote code, 4-bit on GPUs.

Knows nothing of prompts or answers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.errors import MissingDependencyError, ModelLoadError

SKIPPED = ("model.vision_tower", "model.multi_modal_projector", "lm_head")
"""Kept in 16 bit. Full paths: with short names transformers silently quantises the tower."""


@dataclass(frozen=True)
class LoadedModel:
    """A model and its processor, ready to answer.

    Attributes:
        model: a transformers image-text-to-text model in eval mode.
        processor: its processor (image tiling, tokenizer, chat template).
        quantization: ``nf4`` or ``none``.
        revision: hash of the folder's config and index, standing in for a commit.
    """

    model: Any
    processor: Any
    quantization: str
    revision: str


def is_gpu_available() -> bool:
    """Return whether torch sees a CUDA device."""
    import torch

    return bool(torch.cuda.is_available())


def load_model(folder: Path) -> LoadedModel:
    """Return the model in ``folder``.

    Raises:
        ModelLoadError: the folder holds no usable weights, or unsafe ones.
        MissingDependencyError: transformers cannot be imported.
    """
    _check_folder(folder)
    try:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise MissingDependencyError(
            f"the llava engine needs torch and transformers: {error}",
            "Install docextract with its dependencies.",
        ) from error
    transformers_logging.disable_progress_bar()
    on_gpu = torch.cuda.is_available()
    options: dict[str, Any] = {"dtype": _dtype(torch) if on_gpu else torch.float32}
    if on_gpu:
        options["quantization_config"] = _nf4(torch)
    try:
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
        model = AutoModelForImageTextToText.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, **options
        ).eval()
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ModelLoadError(
            f"the weights in {folder} do not load: {error}",
            "Fetch the model again, or name another folder with --model.",
        ) from error
    if on_gpu:
        _check_quantization(model)
    return LoadedModel(model, processor, "nf4" if on_gpu else "none", _revision(folder))


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelLoadError(
            f"there is no model in {folder} (no config.json)",
            "Give a folder with config.json, processor files and *.safetensors.",
        )
    if not any(folder.glob("*.safetensors")):
        unsafe = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        told = "only pickled weights, which could run code" if unsafe else "no *.safetensors"
        raise ModelLoadError(
            f"{folder} holds {told}", "Fetch a revision of the model that has safetensors."
        )


def _dtype(torch: Any) -> Any:
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _nf4(torch: Any) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=_dtype(torch),
        llm_int8_skip_modules=list(SKIPPED),
    )


def _check_quantization(model: Any) -> None:
    """Fail when anything outside the language model was quantised."""
    wrong = [
        name
        for name, module in model.named_modules()
        if type(module).__name__ == "Linear4bit" and name.startswith(SKIPPED)
    ]
    if wrong:
        raise ModelLoadError(
            f"{len(wrong)} layers of the vision tower, projector or head became 4-bit",
            "This transformers version reads skip lists differently; report it.",
        )


def _revision(folder: Path) -> str:
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(f"{path.name}:{path.stat().st_size}".encode())
    for path in sorted(folder.glob("*.safetensors.index.json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
