"""Runs tiles of many pages through the vision tower and projector, in batches of any size.

Knows nothing of prompts, schemas or decoding. Preparing tiles touches no device and may run in
other threads while the device works.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docextract.core import Page
from docextract.engine.llava.vision.feature_cache import FeatureCache, ViewKey, view_keys
from docextract.engine.llava.vision.image_spec import ImageLayout, read_layout
from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels
from docextract.engine.llava.vision.tower import without_unused_layers
from docextract.engine.llava.vision.views import View
from docextract.engine.llava.weights.load import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor


def pack_features(tiles: Tensor, view: View, newline: Tensor | None) -> Tensor:
    """Return a view's features, of shape (view.num_tokens, hidden).

    Args:
        tiles: projected features of its tiles, of shape (num_tiles, patches, hidden).
        view: as planned.
        newline: what ends each row, of shape (hidden,); None for models without grids.
    """
    import torch

    if newline is None or not view.grid.rows:
        # A copy, or whoever keeps it would keep the tiles of all views of its batch.
        return tiles[0].clone()
    laid_out = _pooled(_unpadded(_laid_out(tiles[1:], view), view), view)
    ends = newline.to(tiles).expand(view.pooled.rows, 1, -1)
    rows = torch.cat([laid_out, ends], dim=1)
    return torch.cat([tiles[0], rows.flatten(0, 1)])


def _laid_out(tiles: Tensor, view: View) -> Tensor:
    """Return (rows, columns, hidden) as the features stand on the page."""
    (rows, cols), side = view.grid, round(tiles.shape[1] ** 0.5)
    grid = tiles.view(rows, cols, side, side, -1).permute(0, 2, 1, 3, 4)
    return grid.reshape(rows * side, cols * side, -1)


def _unpadded(features: Tensor, view: View) -> Tensor:
    top = (features.shape[0] - view.unpadded.rows) // 2
    left = (features.shape[1] - view.unpadded.cols) // 2
    return features[top : top + view.unpadded.rows, left : left + view.unpadded.cols]


def _pooled(features: Tensor, view: View) -> Tensor:
    if view.pooled == view.unpadded:
        return features
    from torch.nn.functional import interpolate

    channels_first = features.permute(2, 0, 1)[None]
    return interpolate(channels_first, tuple(view.pooled), mode="bilinear")[0].permute(1, 2, 0)


_LOG = logging.getLogger(__name__)
CACHE_BYTES = 256 << 20
"""About fourteen A4 pages of a 7B model: 2256 features of 4096 numbers of 16 bits each."""


@dataclass(frozen=True, slots=True)
class PreparedView:
    """A view ready for the tower, or the features remembered of it.

    Attributes:
        key: what the view shows.
        tiles: bytes of shape (num_tiles, 3, tile_px, tile_px); None where features are known.
        features: of shape (num_tokens, hidden), on the model's device; None before encoding.
    """

    key: ViewKey
    tiles: Tensor | None
    features: Tensor | None = None

    @property
    def view(self) -> View:
        """The plan."""
        return self.key.view


class Encoder:
    """Turns views into features a language model reads, remembering those seen lately.

    Attributes:
        layout: how the model sees images; views must be planned with it.
        max_tiles: most tiles in one pass through the tower; halved when memory runs out.
        num_tiles_encoded: tiles that went through the tower so far.
    """

    def __init__(
        self, loaded: LoadedModel, *, max_tiles: int = 16, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """Take the vision side of a loaded model.

        Args:
            loaded: the model; its weights are shared, not changed.
            max_tiles: most tiles in one pass through the tower.
            cache_bytes: most memory for remembered features; 0 remembers nothing.
        """
        config, inner = loaded.model.config, loaded.model.model
        self.layout: ImageLayout = read_layout(config, loaded.processor.image_processor)
        self.num_tiles_encoded = 0
        self.max_tiles = max_tiles
        self._cache = FeatureCache(cache_bytes)
        self._layer = config.vision_feature_layer
        self._skips_class_token = config.vision_feature_select_strategy == "default"
        self._tower = inner.vision_tower
        self._short_tower = without_unused_layers(inner.vision_tower, self._layer)
        self._projector = inner.multi_modal_projector
        self._newline = getattr(inner, "image_newline", None)

    def prepare(self, page: Page, views: Sequence[View]) -> list[PreparedView]:
        """Cut the tiles of a page's views, but for those whose features are remembered.

        Raises:
            EngineError: the page came without its image.
        """
        found = [(key, self._cache.get(key)) for key in view_keys(page, views)]
        if all(features is not None for _, features in found):
            return [PreparedView(key, None, features) for key, features in found]
        pixels = page_pixels(page)
        return [
            PreparedView(key, cut_tiles(pixels, key.view, self.layout))
            if features is None
            else PreparedView(key, None, features)
            for key, features in found
        ]

    def encode(self, prepared: Sequence[PreparedView]) -> list[Tensor]:
        """Return each view's features, of shape (num_tokens, hidden), in the order given.

        Equal views are encoded once.
        """
        import torch

        known: dict[ViewKey, Tensor] = {}
        fresh: dict[ViewKey, Tensor] = {}
        for item in prepared:
            features = item.features if item.tiles is None else self._cache.get(item.key)
            if features is not None:
                known[item.key] = features
            elif item.tiles is not None:
                fresh[item.key] = item.tiles
        if fresh:
            with torch.inference_mode():
                known |= self._encoded(fresh)
        return [known[item.key] for item in prepared]

    def close(self) -> None:
        """Forget remembered features."""
        self._cache.clear()

    def _encoded(self, fresh: dict[ViewKey, Tensor]) -> dict[ViewKey, Tensor]:
        import torch

        features = self._in_passes(torch.cat(list(fresh.values())))
        counts = [len(of_view) for of_view in fresh.values()]
        packed = {}
        for key, own in zip(fresh, features.split(counts), strict=True):
            packed[key] = pack_features(own, key.view, self._newline)
            self._cache.put(key, packed[key])
        return packed

    def _in_passes(self, tiles: Tensor) -> Tensor:
        """Return projected features, in smaller passes where the device has too little memory.

        Raises:
            torch.OutOfMemoryError: not even one tile fits.
        """
        import torch

        done: list[Tensor] = []
        num_done = 0
        while num_done < len(tiles):
            batch = tiles[num_done : num_done + self.max_tiles]
            features = self._pass_if_it_fits(batch)
            if features is None:
                # Only after the failed pass is left do its tensors count as free.
                torch.cuda.empty_cache()
                self.max_tiles = max(1, min(self.max_tiles, len(batch)) // 2)
                _LOG.warning("out of memory with %d tiles at once", len(batch))
                continue
            done.append(features)
            num_done += len(batch)
        return torch.cat(done)

    def _pass_if_it_fits(self, tiles: Tensor) -> Tensor | None:
        import torch

        try:
            return self._pass(tiles)
        except torch.OutOfMemoryError:
            if len(tiles) == 1:
                raise
            return None

    def tower_features(self, tiles: Tensor) -> Tensor:
        """Return what the tower sees, before the projector, of shape (tiles, patches, width).

        Args:
            tiles: bytes of shape (tiles, 3, tile_px, tile_px).
        """
        parameter = next(self._tower.parameters())
        pixels = normalised(tiles.to(parameter.device), self.layout, parameter.dtype)
        features: Tensor = self._selected(pixels)
        return features

    def _pass(self, tiles: Tensor) -> Tensor:
        """Return projected features of shape (tiles, patches, hidden)."""
        features: Tensor = self._projector(self.tower_features(tiles))
        self.num_tiles_encoded += len(tiles)
        return features

    def _selected(self, pixels: Tensor) -> Any:
        import torch

        skipped = int(self._skips_class_token)
        if self._short_tower is not None:
            return self._short_tower(pixels).last_hidden_state[:, skipped:]
        states = self._tower(pixels, output_hidden_states=True).hidden_states
        layers = [self._layer] if isinstance(self._layer, int) else self._layer
        return torch.cat([states[layer][:, skipped:] for layer in layers], dim=-1)
