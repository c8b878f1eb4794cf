"""Joins the features of a view's tiles into the one sequence the language model reads.

Knows nothing of pages or prompts. The base tile comes first; the grid's features are laid out as
they stand on the page, freed of padding, and every row ends in the learned newline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docextract.engine.llava.views import View

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
