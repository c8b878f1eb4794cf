"""How many tokens transformers' own processors count for an image.

Knows nothing of ours. They count in private methods alone, so no other test may call those.
Proved on transformers 5.19 to 5.24.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def num_image_tokens(processor: Any, sizes: Sequence[tuple[int, int]]) -> list[int]:
    """Return the tokens of images of these heights and widths."""
    told = processor._get_num_multimodal_tokens(image_sizes=list(sizes))
    return list(told.num_image_tokens)


def num_features(processor: Any, size: tuple[int, int], tile_px: int) -> int:
    """Return the features of an image of this width and height, for a LLaVA-NeXT."""
    width, height = size
    return int(processor._get_number_of_features(height, width, tile_px, tile_px))


def num_onevision_features(processor: Any, size: tuple[int, int], tile_px: int) -> int:
    """Return what LLaVA-OneVision counts with the parts of another family's processor."""
    from transformers import LlavaOnevisionProcessor as Onevision

    width, height = size
    processor._get_unpadded_features = lambda *sizes: Onevision._get_unpadded_features(
        processor, *sizes
    )
    return int(Onevision._get_number_of_features(processor, height, width, tile_px, tile_px))
