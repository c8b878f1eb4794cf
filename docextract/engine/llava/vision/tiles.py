"""Turns a planned view of a page's pixels into the squares the vision tower sees.

Knows nothing of models, words or why a view was chosen. Everything stays in bytes until the
tiles are on the device: a quarter of the transfer of floats, and torch resizes bytes faster than
PIL resizes images. Differs from the processors of transformers by at most two grey levels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docextract.core import EngineError, Page, Reason
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.views import Extent, Region, View

if TYPE_CHECKING:
    from torch import Tensor

_MAX_SQUARE_PX = 50_000_000
"""What is so long that its square would be larger is shrunk before it is padded, not after: only
the edge of the padding differs. A strip of 20000 x 10 pixels would take 1.2 GB."""


def page_pixels(page: Page) -> Tensor:
    """Return a page's image as bytes of shape (3, height, width).

    Raises:
        EngineError: the page came without its image, or with too few bytes.
    """
    import torch

    if page.image is None or page.size is None:
        raise EngineError(Reason.ENGINE_FAILED, "the page came without its image", page=page.number)
    width, height = page.size
    if len(page.image) != width * height * 3:
        raise EngineError(
            Reason.ENGINE_FAILED,
            f"the page's image has {len(page.image)} bytes, not those of {width}x{height} pixels",
            page=page.number,
        )
    # A copy, because torch takes no read-only memory without a warning.
    flat = torch.frombuffer(bytearray(page.image), dtype=torch.uint8)
    return flat.view(height, width, 3).permute(2, 0, 1)


def cut_tiles(pixels: Tensor, view: View, layout: ImageLayout) -> Tensor:
    """Return a view's tiles as bytes of shape (num_tiles, 3, tile_px, tile_px).

    The base tile comes first: the region squashed into a square, or padded to one where the
    model has no grids. Tiles of the grid follow row by row, padded with black.

    Args:
        pixels: a page's image as :func:`page_pixels` gives it.
        view: as planned for that page.
        layout: of the model.
    """
    import torch

    region = _cut(pixels, view.region)
    square = Extent(view.tile_px, view.tile_px)
    if not layout.grids:
        if max(view.region.width, view.region.height) ** 2 > _MAX_SQUARE_PX:
            region = _resize(region, view.resized)
        return _resize(_padded_square(region, layout), square)
    tiles = _grid_tiles(_resize(region, view.resized), view)
    return torch.cat([_resize(region, square), tiles])


def normalised(tiles: Tensor, layout: ImageLayout, dtype: object) -> Tensor:
    """Return tiles as the tower was trained on them: 0 to 1, less the mean, over the deviation.

    Runs where ``tiles`` is, in 32 bits before it is rounded to ``dtype``.
    """
    import torch

    mean = torch.tensor(layout.mean, device=tiles.device)[:, None, None]
    std = torch.tensor(layout.std, device=tiles.device)[:, None, None]
    return tiles.to(torch.float32).mul_(1 / 255).sub_(mean).div_(std).to(dtype)


def _cut(pixels: Tensor, region: Region) -> Tensor:
    return pixels[None, :, region.top : region.bottom, region.left : region.right]


def _resize(image: Tensor, size: Extent) -> Tensor:
    from torch.nn.functional import interpolate

    height, width = image.shape[-2:]
    # Each pass clips what overshoots, so their order shows at sharp edges. torch takes the width
    # first; Pillow 13 the height where it shrinks much more (github.com/python-pillow pull 9549).
    if size.rows < height and height - size.rows > 2 * (width - size.cols):
        image = interpolate(image, size=(size.rows, width), mode="bicubic", antialias=True)
    if image.shape[-2:] == tuple(size):
        return image
    return interpolate(image, size=tuple(size), mode="bicubic", antialias=True)


def _grid_tiles(resized: Tensor, view: View) -> Tensor:
    import torch

    (rows, cols), side, canvas_px = view.grid, view.tile_px, view.canvas
    canvas = torch.zeros(3, *canvas_px, dtype=torch.uint8)
    top = (canvas_px.rows - view.resized.rows) // 2
    left = (canvas_px.cols - view.resized.cols) // 2
    canvas[:, top : top + view.resized.rows, left : left + view.resized.cols] = resized[0]
    tiles = canvas.view(3, rows, side, cols, side).permute(1, 3, 0, 2, 4)
    return tiles.reshape(-1, 3, side, side)


def _padded_square(region: Tensor, layout: ImageLayout) -> Tensor:
    """Paste into the middle of a square of the mean colour, which normalises to nearly zero."""
    import torch

    height, width = region.shape[-2:]
    side = max(height, width)
    colour = torch.tensor([int(part * 255) for part in layout.mean], dtype=torch.uint8)
    square = colour[None, :, None, None].repeat(1, 1, side, side)
    top, left = (side - height) // 2, (side - width) // 2
    square[:, :, top : top + height, left : left + width] = region
    return square
