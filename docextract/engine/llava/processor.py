"""Makes a processor agree with its model: what old copies lack is set, what differs is refused.

Knows nothing of weights or pages. A processor that counts other image tokens than the model
makes features for fails at best, and at worst makes the model read tiles in a wrong order.
"""

from __future__ import annotations

from typing import Any

from docextract.errors import ModelLoadError

_REFETCH = "Fetch the model again, or another revision: docextract models fetch NAME --revision R."


def align_processor(processor: Any, config: Any) -> None:
    """Set what the model's config decides, and check what both must say alike.

    Copies made for transformers before 4.47 lack ``patch_size``, the feature strategy or
    ``num_additional_image_tokens``; the default of the last is 0, one token too few per tile
    for a tower with a class token.

    Args:
        processor: a transformers processor; it is changed.
        config: the model's config.

    Raises:
        ModelLoadError: grid, image token or chat template do not fit the model.
    """
    for name, value in _decided(config).items():
        if hasattr(processor, name):
            setattr(processor, name, value)
    _check_grid(processor, config)
    if processor.image_token_id != config.image_token_id:
        told = f"{processor.image_token_id} in the processor, {config.image_token_id} in the model"
        raise ModelLoadError(f"the image token differs: {told}", _REFETCH)
    if processor.chat_template is None:
        raise ModelLoadError("the processor has no chat template", _REFETCH)


def _decided(config: Any) -> dict[str, Any]:
    vision = config.vision_config
    has_class_token = vision.model_type == "clip_vision_model"
    return {
        "patch_size": vision.patch_size,
        "num_image_tokens": (vision.image_size // vision.patch_size) ** 2,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        "num_additional_image_tokens": int(has_class_token),
    }


def _check_grid(processor: Any, config: Any) -> None:
    """Compare the tile grids of both; given as a call keyword a grid corrupts silently."""
    wanted = getattr(config, "image_grid_pinpoints", None)
    if wanted is None:
        return
    images = processor.image_processor
    if [list(pair) for pair in images.image_grid_pinpoints] != [list(pair) for pair in wanted]:
        raise ModelLoadError("image_grid_pinpoints of processor and model differ", _REFETCH)
