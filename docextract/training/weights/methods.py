"""Which weights are trained in which stage, and which never are.

Knows nothing of data or steps. The vision tower is frozen in every stage: ``all-linear`` or a bare
``q_proj`` would put LoRA on it too, so the pattern names the language model's own layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import MissingDependencyError, ModelLoadError
from docextract.training.train_settings import Method, Stage, TrainSettings

TARGETS = r"model\.language_model\..*\.(q|k|v|o|gate|up|down)_proj"
"""The decoder's linear layers, by full path."""
PROJECTOR = "multi_modal_projector"
_ONE_LAYER = r"model\.language_model\.layers\.0\.self_attn\.q_proj"


@dataclass(frozen=True)
class Trained:
    """A model of which a part is trained.

    Attributes:
        model: a transformers image-text-to-text model, LoRA layers among its own.
        adapter: peft's wrapper, which saves the adapter; None where there is none.
        groups: parameters and their learning rate.
    """

    model: Any
    adapter: Any
    groups: tuple[tuple[tuple[Any, ...], float], ...]

    @property
    def num_trained(self) -> int:
        """Numbers that change."""
        return sum(parameter.numel() for part, _ in self.groups for parameter in part)


def prepared(model: Any, stage: Stage, settings: TrainSettings) -> Trained:
    """Return a loaded model with what a stage trains set to be trained, in 32 bits.

    Raises:
        MissingDependencyError: peft is not installed.
    """
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    if stage is Stage.ALIGN or settings.method is Method.PROJECTOR:
        return _with_projector(model, stage, settings)
    if settings.method is Method.FULL:
        return _whole(model, settings)
    return _with_lora(model, settings)


def _with_projector(model: Any, stage: Stage, settings: TrainSettings) -> Trained:
    parts = list(model.model.multi_modal_projector.parameters())
    if settings.method is Method.FULL:
        parts.append(model.model.image_newline)
    rate = settings.lr_align if stage is Stage.ALIGN else settings.tune_rates[1]
    return Trained(model, None, ((_opened(parts), rate),))


def _whole(model: Any, settings: TrainSettings) -> Trained:
    rate, projector_rate = settings.tune_rates
    decoder = [*model.model.language_model.parameters(), *model.lm_head.parameters()]
    projector = [*model.model.multi_modal_projector.parameters(), model.model.image_newline]
    groups = ((_opened(_distinct(decoder)), rate), (_opened(projector), projector_rate))
    return Trained(model, None, groups)


def _with_lora(model: Any, settings: TrainSettings) -> Trained:
    peft = _peft()
    config = peft.LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules=TARGETS,
        modules_to_save=[PROJECTOR],
    )
    adapter = peft.get_peft_model(model, config)
    rate, projector_rate = settings.tune_rates
    named = [(name, it) for name, it in adapter.named_parameters() if it.requires_grad]
    projector = [it for name, it in named if PROJECTOR in name]
    lora = [it for name, it in named if PROJECTOR not in name]
    groups = ((_opened(lora), rate), (_opened(projector), projector_rate))
    return Trained(adapter.get_base_model(), adapter, groups)


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise MissingDependencyError(
            f"training a LoRA needs peft: {error}", "pip install 'docextract[train]'"
        ) from error
    return peft


def _opened(parts: Iterable[Any]) -> tuple[Any, ...]:
    """Set parameters to be trained; in 16 bits small steps would be rounded away."""
    opened = tuple(parts)
    for parameter in opened:
        parameter.data = parameter.data.float()
        parameter.requires_grad_(True)
    return opened


def _distinct(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield each parameter once: a head may share its weights with the embedding."""
    return iter({id(parameter): parameter for parameter in parts}.values())


def checkpoint_layers(model: Any) -> None:
    """Let the decoder's layers forget what can be computed again: less memory for more time.

    Of the decoder alone, and not the reentrant kind, which needs inputs with gradients and so
    would reach into the tower. transformers 5.24 has a new name for it.
    """
    decoder = model.model.language_model
    enable = getattr(decoder, "activation_checkpointing_enable", None)
    (enable or decoder.gradient_checkpointing_enable)({"use_reentrant": False})


def save_projector(model: Any, path: Path) -> None:
    """Write the projector and the newline feature."""
    from safetensors.torch import save_file

    save_file(_projector_tensors(model), path, metadata={"format": "pt"})


def load_projector(model: Any, path: Path) -> None:
    """Put a projector that was saved into a model.

    Raises:
        ModelLoadError: it is of another model.
    """
    import torch
    from safetensors.torch import load_file

    own, saved = _projector_tensors(model), load_file(path)
    if {k: v.shape for k, v in own.items()} != {k: v.shape for k, v in saved.items()}:
        raise ModelLoadError(f"{path} is the projector of another model")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(saved[name])


def _projector_tensors(model: Any) -> dict[str, Any]:
    inner = model.model
    tensors = {f"{PROJECTOR}.{k}": v for k, v in inner.multi_modal_projector.state_dict().items()}
    newline = getattr(inner, "image_newline", None)
    return tensors if newline is None else tensors | {"image_newline": newline.data}


def save_projector_adapter(model: Any, folder: Path) -> None:
    """Write a projector as an adapter that ``--adapter`` takes: no LoRA, saved modules alone.

    Raises:
        MissingDependencyError: peft is not installed.
    """
    peft = _peft()
    config = peft.LoraConfig(
        r=1, lora_alpha=1, target_modules=_ONE_LAYER, modules_to_save=[PROJECTOR]
    )
    # A fresh LoRA adds exactly nothing, as its second matrix is zero.
    adapter = peft.get_peft_model(model, config)
    adapter.save_pretrained(folder, safe_serialization=True)
    adapter.unload()
