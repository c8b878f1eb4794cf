"""Loads a processor and makes it agree with its model: what old copies lack is set.

Knows nothing of weights or pages. What cannot be set is refused: a processor that counts
other image tokens than the model makes features for fails at best, and at worst makes the
model read tiles in a wrong order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docextract.core import ModelLoadError

# Said aloud, as transformers would ask on the terminal whether to run the folder's code.
_LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_REFETCH = "Fetch the model again, or another revision: docextract models fetch NAME --revision R."


def load_processor(folder: Path, family: str) -> Any:
    """Return the processor saved in ``folder``.

    Args:
        folder: of the model.
        family: its transformers model type.
    """
    if family == "llava_onevision":
        return _onevision_processor(folder)
    from transformers import AutoProcessor

    return AutoProcessor.from_pretrained(folder, **_LOCAL)


def _onevision_processor(folder: Path) -> Any:
    """Return LLaVA-OneVision's processor without its part for videos, which needs torchvision."""
    from transformers import AutoImageProcessor, AutoTokenizer, LlavaOnevisionProcessor

    class ImageProcessor(LlavaOnevisionProcessor):  # type: ignore[misc]
        """The processor of still images."""

        def check_argument_for_proper_class(self, name: str, argument: Any) -> Any:
            """Accept that there is no video processor."""
            is_absent = name == "video_processor" and argument is None
            return None if is_absent else super().check_argument_for_proper_class(name, argument)

    told, _ = ImageProcessor.get_processor_dict(folder, local_files_only=True)
    return ImageProcessor(
        AutoImageProcessor.from_pretrained(folder, **_LOCAL),
        AutoTokenizer.from_pretrained(folder, **_LOCAL),
        chat_template=told.get("chat_template"),
        vision_aspect_ratio=told.get("vision_aspect_ratio", "anyres_max_9"),
    )


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
