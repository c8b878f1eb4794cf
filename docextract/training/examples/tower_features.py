"""What the frozen vision tower sees of each view, remembered: it never changes in training.

Knows nothing of projectors or prompts. Each view goes through the tower alone, so that its features
are the same bits whichever step asks for them, and in a run that was resumed too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from docextract.core import Page
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.vision.feature_cache import FeatureCache, ViewKey
from docextract.engine.llava.vision.tiles import cut_tiles, page_pixels

if TYPE_CHECKING:
    from torch import Tensor

CACHE_BYTES = 2 << 30
_FULL = 0.9


class TowerFeatures:
    """The tower's features of views.

    Args:
        encoder: of the model.
        max_bytes: most memory for remembered features.
    """

    def __init__(self, encoder: Encoder, max_bytes: int = CACHE_BYTES) -> None:
        self._encoder = encoder
        self._max_bytes = max_bytes
        self._cache = FeatureCache(max_bytes)

    def of(self, key: ViewKey, page: Callable[[], Page]) -> Tensor:
        """Return a view's features before the projector, [tiles, patches, width].

        Args:
            key: the view.
            page: returns its page with pixels; called only where the features are not known.
        """
        import torch

        features = self._cache.get(key)
        if features is None:
            tiles = cut_tiles(page_pixels(page()), key.view, self._encoder.layout)
            # Not inference_mode: its tensors may not go into a graph.
            with torch.no_grad():
                features = self._encoder.tower_features(tiles)
            self._cache.put(key, features)
        return features

    def see(self, key: ViewKey, page: Page) -> None:
        """Look at a view ahead, while its page is at hand and there is room to remember it."""
        if self._cache.num_bytes < _FULL * self._max_bytes:
            self.of(key, lambda: page)
