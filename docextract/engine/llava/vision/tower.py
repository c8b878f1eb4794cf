"""A vision tower that ends with the layer that is read; its weights are the model's own.

Knows nothing of tiles or features. Torch has no public way to replace a module's children in a
copy alone, so this holds the one use of a private attribute. Proved on torch 2.8 to 2.13 with
transformers 5.19 to 5.24; where another differs, tests of the encoder compare features and fail.
"""

from __future__ import annotations

import copy
from typing import Any


def without_unused_layers(tower: Any, layer: int | list[int]) -> Any | None:
    """Return a CLIP tower that ends with the layer that is read; weights are shared.

    LLaVA reads the last layer but one, so that one layer in 24 would run for nothing. None where
    several layers are read, or the tower ends in a norm that an earlier layer must not pass.
    """
    is_clip = getattr(tower.config, "model_type", "") == "clip_vision_model"
    if not is_clip or not isinstance(layer, int) or not hasattr(tower, "encoder"):
        return None
    layers = tower.encoder.layers
    num_used = layer if layer >= 0 else len(layers) + 1 + layer
    short = _shallow(tower)
    short.encoder = _shallow(tower.encoder)
    short.encoder.layers = layers[:num_used]
    return short


def _shallow(module: Any) -> Any:
    """Return a copy of a module with the same children, whose children can be replaced alone."""
    twin = copy.copy(module)
    twin.__dict__["_modules"] = dict(module._modules)
    return twin
