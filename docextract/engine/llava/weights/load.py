"""Loads weights from a local folder: safetensors only, no remote code, 4-bit on GPUs.

Knows nothing of prompts or answers, nor of how the folder came to be there.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import DeviceError, MissingDependencyError, ModelLoadError, Tree
from docextract.engine.llava.weights.catalogue import catalogue
from docextract.engine.llava.weights.device import compute_dtype, is_gpu_available
from docextract.engine.llava.weights.identity import Identity, identify, with_adapter
from docextract.engine.llava.weights.processor import align_processor, load_processor
from docextract.engine.llava.weights.quantization import (
    check_packages,
    check_quantization,
    chosen_quantization,
    quantization_config,
    stored_quantization,
)

_OLD_NAMES = {r"^language_model\.model\.": "model.language_model."}
"""Of layers before transformers 4.52; newer releases of peft know them themselves."""
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
    options: dict[str, Any] = {"local_files_only": True, "key_mapping": _OLD_NAMES}
    try:
        adapted = PeftModel.from_pretrained(model, folder, **options)
        # Once more, for what came of it: peft only warns of names that fit nothing.
        report = adapted.load_adapter(folder, adapted.active_adapter, **options)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ModelLoadError(f"the adapter in {folder} does not fit: {error}", _HINT) from error
    _check_names(folder, report.unexpected_keys, report.missing_keys)
    bare = adapted.get_base_model() if is_quantized else adapted.merge_and_unload()
    return bare.eval()


def _check_names(folder: Path, unexpected: Sequence[str], missing: Sequence[str]) -> None:
    """Fail where tensors found no layer, or layers no tensor: the model would answer unchanged.

    Raises:
        ModelLoadError: it is so.
    """
    told = [
        f"{len(names)} {what}, such as {min(names)}"
        for names, what in (
            (unexpected, "of its tensors fit no layer of the model"),
            (missing, "layers of the model that it names find no tensor"),
        )
        if names
    ]
    if told:
        raise ModelLoadError(
            f"the adapter in {folder} does not fit: {'; '.join(told)}",
            "It was trained on another model, or its tensors were renamed; train or save it anew.",
        )


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


_SHAPES = ("llava", "llava_next", "llava_onevision")
_FAILURES = (OSError, ValueError, KeyError, RuntimeError, ImportError, TypeError, AttributeError)


@dataclass(frozen=True)
class LoadedModel:
    """A model and its processor, ready to answer.

    Attributes:
        model: a transformers image-text-to-text model in eval mode.
        processor: its processor (image tiling, tokenizer, chat template).
        quantization: ``nf4``, ``int8`` or ``none``.
        revision: its commit, or a hash of the weights where no hub is known.
        model_id: its name on the hub, or its folder's; with an adapter's name behind ``+``.
        base_id: the same without the adapter's.
    """

    model: Any
    processor: Any
    quantization: str
    revision: str
    model_id: str = ""
    base_id: str = ""


def load_model(
    folder: Path, *, quantization: str | None = None, adapter: Path | None = None
) -> LoadedModel:
    """Return the model in ``folder``.

    Args:
        folder: config, processor and safetensors, as transformers saves them.
        quantization: ``nf4``, ``int8`` or ``none``; if None, nf4 on a GPU and none on a CPU.
        adapter: folder of a LoRA for it.

    Raises:
        ModelLoadError: the folder holds no usable weights, or unsafe ones.
        MissingDependencyError: a package that is needed cannot be imported.
        DeviceError: the weights do not fit on the GPU.
    """
    config = _check_folder(folder)
    if adapter is not None:
        check_adapter(adapter)
    _check_packages()
    chosen = chosen_quantization(config, quantization, is_gpu_available())
    check_packages(chosen)
    is_stored = stored_quantization(config) is not None
    model, processor = _load(folder, chosen, is_stored=is_stored)
    check_quantization(model, chosen)
    align_processor(processor, model.config)
    base = identify(folder)
    identity = with_adapter(base, adapter)
    if adapter is not None:
        model = load_adapter(model, adapter, is_quantized=chosen != "none")
    return LoadedModel(
        model, processor, chosen, identity.revision, identity.model_id, base.model_id
    )


def named(
    folder: Path, *, quantization: str | None, adapter: Path | None, has_gpu: bool
) -> tuple[Identity, str]:
    """Return which weights ``load_model`` loads, and quantised how; no tensor is read whole.

    Args:
        folder: see ``load_model``.
        quantization: likewise.
        adapter: likewise.
        has_gpu: whether they are loaded on one.

    Raises:
        ModelLoadError: the folder holds no usable weights, or unsafe ones.
    """
    config = _check_folder(folder)
    if adapter is not None:
        check_adapter(adapter)
    identity = with_adapter(identify(folder), adapter)
    return identity, chosen_quantization(config, quantization, has_gpu)


def _load(folder: Path, quantization: str, *, is_stored: bool) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForImageTextToText

    dtype = compute_dtype(quantization)
    options: dict[str, Any] = {"dtype": dtype}
    if torch.cuda.is_available():
        options["device_map"] = {"": torch.cuda.current_device()}
    if not is_stored:
        options["quantization_config"] = quantization_config(quantization, dtype)
    with _load_boundary(folder, quantization):
        processor = load_processor(folder, _read_json(folder / "config.json")["model_type"])
        model, report = AutoModelForImageTextToText.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            **options,
        )
    missing = sorted(report["missing_keys"])
    if missing:
        # transformers would fill them with random numbers and go on.
        told = f"{folder} lacks {len(missing)} of its tensors, such as {missing[0]}"
        raise ModelLoadError(told, "Fetch the model again, or name another folder with --model.")
    return model.eval(), processor


@contextmanager
def _load_boundary(folder: Path, quantization: str) -> Iterator[None]:
    """Turn what torch, transformers and safetensors raise into errors with a remedy."""
    import torch
    from safetensors import SafetensorError

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise DeviceError(
            f"the weights in {folder} do not fit on the GPU at {quantization}",
            "See docextract models list for models that fit, or free the GPU.",
        ) from error
    except (*_FAILURES, SafetensorError) as error:
        raise ModelLoadError(
            f"the weights in {folder} do not load: {error}",
            "Fetch the model again, or name another folder with --model.",
        ) from error


def _check_packages() -> None:
    try:
        import torch  # noqa: F401
        from transformers.utils import logging
    except ImportError as error:
        raise MissingDependencyError(
            f"the llava engine needs torch and transformers: {error}",
            "Install docextract with its dependencies.",
        ) from error
    logging.disable_progress_bar()


def _check_folder(folder: Path) -> Tree:
    """Return the configuration of what looks like weights that can be loaded.

    Raises:
        ModelLoadError: it does not.
    """
    hint = "Fetch a model with docextract models fetch NAME, or name another folder."
    if not (folder / "config.json").is_file():
        raise ModelLoadError(f"there is no model in {folder} (no config.json)", hint)
    if not any(folder.glob("*.safetensors")):
        is_pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        told = "only pickled weights, which could run code" if is_pickled else "no *.safetensors"
        raise ModelLoadError(
            f"{folder} holds {told}", "Fetch a revision of the model that has safetensors."
        )
    config = _read_json(folder / "config.json")
    kind = config.get("model_type")
    if "mm_vision_tower" in config:
        raise ModelLoadError(
            f"{folder} is in the format of the original LLaVA code, not in that of transformers",
            f"Fetch the conversion, whose name ends in -hf{_conversion(folder)}.",
        )
    if kind not in _SHAPES:
        raise ModelLoadError(f"{folder} holds {kind!r}, not one of {', '.join(_SHAPES)}", hint)
    _check_shards(folder)
    _check_tokenizer(folder)
    return config


def _conversion(folder: Path) -> str:
    """Return what to fetch instead of a folder that is named as its authors named it."""
    hub_ids = {str(model.hub_id).rpartition("/")[2]: model.name for model in catalogue()}
    near = difflib.get_close_matches(f"{folder.resolve().name}-hf", hub_ids, 1)
    return f": docextract models fetch {hub_ids[near[0]]}" if near else ""


def _check_tokenizer(folder: Path) -> None:
    """Fail where the tokenizer is only there in a format that needs packages we do not have."""
    if (folder / "tokenizer.model").is_file() and not (folder / "tokenizer.json").is_file():
        raise ModelLoadError(
            f"{folder} holds a tokenizer of sentencepiece alone: no tokenizer.json",
            "Where sentencepiece and protobuf are installed, make one with transformers: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER); "
            "docs/models.md says what to compare.",
        )


def _check_shards(folder: Path) -> None:
    """Fail where a file of the index is missing: a fetch that was cut leaves such a folder."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return
    named = set(_read_json(index).get("weight_map", {}).values())
    missing = sorted(name for name in named if not (folder / str(name)).is_file())
    if missing:
        raise ModelLoadError(
            f"{folder} lacks {len(missing)} of {len(named)} weight files, such as {missing[0]}",
            "Fetch the model again; what is there is kept.",
        )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{path} is damaged: {error}", "Fetch the model again.") from error
    return tree if isinstance(tree, dict) else {}
