"""Plans how a page region becomes tiles and tokens, before any pixel is touched.

Knows nothing of words, tensors or models beyond their layout. The grid is chosen, and padding
taken away again from the features, as LLaVA-NeXT does it (AnyRes;
llava-vl.github.io/blog/2024-01-30-llava-next). Rounding follows the floating point of
transformers, because one feature more or less than a processor counts would shift every row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from docextract.core import Box
from docextract.engine.llava.vision.image_spec import ImageLayout

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
_POOLING_STARTS_AT = 1.1
"""OneVision pools features only where each side would shrink by more than a tenth."""


class Extent(NamedTuple):
    """Rows and columns, or height and width."""

    rows: int
    cols: int


class Region(NamedTuple):
    """A rectangle of a page in its image's pixels, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class View:
    """A page region as the model will see it.

    Attributes:
        region: what is seen, in pixels of the page's image.
        page_px: (width, height) of that image.
        tile_px: side of a tile.
        grid: rows and columns of tiles besides the base tile; (0, 0) where that is all.
        resized: height and width in pixels of the region pasted into the grid (or the square).
        unpadded: rows and columns of grid features left when padding is taken away.
        pooled: rows and columns that reach the model; ``unpadded`` unless pooled.
        num_tokens: image tokens of the view.
        effective_dpi: dots per inch the model sees; None where the page has no known size.
    """

    region: Region
    page_px: tuple[int, int]
    tile_px: int
    grid: Extent
    resized: Extent
    unpadded: Extent
    pooled: Extent
    num_tokens: int
    effective_dpi: float | None = None

    @property
    def num_tiles(self) -> int:
        """Squares the vision tower sees: the base and those of the grid."""
        return 1 + self.grid.rows * self.grid.cols

    @property
    def scale(self) -> float:
        """Pixels the model sees for each pixel of the page's image."""
        return max(
            self.resized.rows / self.region.height,
            self.resized.cols / self.region.width,
        )

    @property
    def box(self) -> Box:
        """The region as fractions of the page."""
        return _as_box(*self.region, page_px=self.page_px)

    @property
    def canvas(self) -> Extent:
        """Height and width of the grid in pixels; the region is pasted into its middle."""
        return Extent(max(1, self.grid.rows) * self.tile_px, max(1, self.grid.cols) * self.tile_px)

    @property
    def tile_boxes(self) -> tuple[Box, ...]:
        """What each tile shows of the page, in the order the tower sees them, padding left out."""
        return (self.box, *(self._tile_box(*at) for at in self._cells()))

    def _cells(self) -> list[tuple[int, int]]:
        return [(row, col) for row in range(self.grid.rows) for col in range(self.grid.cols)]

    def _tile_box(self, row: int, col: int) -> Box:
        margin_y = (self.canvas.rows - self.resized.rows) // 2
        margin_x = (self.canvas.cols - self.resized.cols) // 2
        per_y = self.region.height / self.resized.rows
        per_x = self.region.width / self.resized.cols
        ends = []
        for edge in (0, 1):
            across = ((col + edge) * self.tile_px - margin_x) * per_x
            down = ((row + edge) * self.tile_px - margin_y) * per_y
            ends.append(self.region.left + min(max(across, 0.0), self.region.width))
            ends.append(self.region.top + min(max(down, 0.0), self.region.height))
        return _as_box(*ends, page_px=self.page_px)


def _as_box(
    left: float, top: float, right: float, bottom: float, *, page_px: tuple[int, int]
) -> Box:
    width, height = page_px
    return Box(left / width, top / height, right / width, bottom / height)


def plan_view(
    page_px: tuple[int, int],
    layout: ImageLayout,
    *,
    box: Box = WHOLE,
    dpi: float | None = None,
) -> View:
    """Return how a region of a page reaches the model.

    Args:
        page_px: (width, height) of the page's image in pixels.
        layout: of the model.
        box: the region, as fractions of the page; grown to whole pixels.
        dpi: of the page's image, where known.
    """
    region = _pixels_of(box, page_px)
    view = _square_view if not layout.grids else _tiled_view
    planned = view(region, page_px, layout)
    return planned if dpi is None else replace(planned, effective_dpi=planned.scale * dpi)


def _pixels_of(box: Box, page_px: tuple[int, int]) -> Region:
    width, height = page_px
    left = min(max(math.floor(box.left * width), 0), width - 1)
    top = min(max(math.floor(box.top * height), 0), height - 1)
    right = min(max(math.ceil(box.right * width), left + 1), width)
    bottom = min(max(math.ceil(box.bottom * height), top + 1), height)
    return Region(left, top, right, bottom)


def best_grid(height: int, width: int, layout: ImageLayout) -> Extent:
    """Return the grid that shows most of an image's pixels, the smallest of equals.

    Enlarging shows nothing new, so no grid shows more pixels than the image has.
    """

    def worth(grid: tuple[int, int]) -> tuple[int, int]:
        rows_px, cols_px = grid[0] * layout.tile_px, grid[1] * layout.tile_px
        scale = min(cols_px / width, rows_px / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        return shown, -rows_px * cols_px

    return Extent(*max(layout.grids, key=worth))


def _tiled_view(region: Region, page_px: tuple[int, int], layout: ImageLayout) -> View:
    height, width = region.height, region.width
    grid = best_grid(height, width, layout)
    side = layout.patches_per_side
    unpadded = _unpadded(height, width, Extent(grid.rows * side, grid.cols * side))
    pooled = _pooled(unpadded, layout)
    # Each row of features is closed by a newline feature; the base tile has none.
    num_tokens = side**2 + pooled.rows * (pooled.cols + 1)
    canvas = Extent(grid.rows * layout.tile_px, grid.cols * layout.tile_px)
    resized = _resized(height, width, canvas)
    return View(region, page_px, layout.tile_px, grid, resized, unpadded, pooled, num_tokens)


def _resized(height: int, width: int, canvas: Extent) -> Extent:
    """Return the largest size of the same shape that fits, as pixels are resized to."""
    by_width, by_height = canvas.cols / width, canvas.rows / height
    if by_width < by_height:
        return Extent(min(math.ceil(height * by_width), canvas.rows), canvas.cols)
    return Extent(canvas.rows, min(math.ceil(width * by_height), canvas.cols))


def _unpadded(height: int, width: int, features: Extent) -> Extent:
    """Return the features left when equal margins of padding are cut off on both sides."""
    rows, cols = features
    if width / height > cols / rows:
        kept = int(round(height * (cols / width), 7))
        return Extent(rows - (rows - kept) // 2 * 2, cols)
    kept = int(round(width * (rows / height), 7))
    return Extent(rows, cols - (cols - kept) // 2 * 2)


def _pooled(features: Extent, layout: ImageLayout) -> Extent:
    if layout.max_pooled_tiles is None:
        return features
    most = layout.max_pooled_tiles * layout.patches_per_side**2
    ratio = math.sqrt(features.rows * features.cols / most)
    if ratio <= _POOLING_STARTS_AT:
        return features
    return Extent(int(features.rows // ratio), int(features.cols // ratio))


def _square_view(region: Region, page_px: tuple[int, int], layout: ImageLayout) -> View:
    longer, tile_px = max(region.width, region.height), layout.tile_px
    resized = Extent(
        max(1, round(tile_px * region.height / longer)),
        max(1, round(tile_px * region.width / longer)),
    )
    none, num_tokens = Extent(0, 0), layout.patches_per_side**2
    return View(region, page_px, tile_px, none, resized, none, none, num_tokens)
