"""Finds the grid and the split at which regions of one page are seen best within a budget.

Knows nothing of questions, nor of when which region is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from docextract.core import Box, EngineError, Page, Reason
from docextract.engine.llava.prompt.token_budget import TokenBudget, no_room
from docextract.engine.llava.vision.crop import print_height
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.views import View, plan_view

LEGIBLE_PX = 14.0
"""Height of a word's box at which small print is legible: 10 pt at 90 dpi, an x-height of 6 px."""
LEGIBLE_DPI = 90.0
"""The same for a page without words."""
_SPLITS = ((2, 1), (3, 1), (2, 2), (1, 2), (1, 3))
"""Rows and columns of zoom views: strips and quadrants. Columns alone, which cut every line, only
for what is wider than tall."""
MAX_PARTS = 4
"""Most views of one split."""
_OVERLAP = 0.03
"""By how much neighbours reach into each other, as a fraction of the page: two lines of print, so
that every line is whole in one of them."""
_NEARLY = 0.97
"""A view this close to the sharpest is as good, where a pixel of rounding costs a row of tiles."""
_POINTS_PER_INCH = 72


class Planner:
    """One page and one model: what they decide together.

    Attributes:
        page_px: (width, height) of the page's image.
        layout: of the model.
        legible_scale: pixels shown per pixel of the page at which its print is legible, at most 1.
    """

    def __init__(self, page: Page, layout: ImageLayout, budget: TokenBudget) -> None:
        """Look at a page's size and words.

        Raises:
            EngineError: the page came without its image.
        """
        if page.size is None:
            raise EngineError(
                Reason.ENGINE_FAILED, "the page came without its image", page=page.number
            )
        self.page_px = page.size
        self.layout = layout
        self._budget = budget
        self._number = page.number
        # Pages of images have their pixels as size: nothing says how large they were printed.
        self._dpi = (
            None if page.width == page.size[0] else page.size[0] / page.width * _POINTS_PER_INCH
        )
        self.legible_scale = self._legible_scale(print_height(page.words))

    def _legible_scale(self, height: float | None) -> float:
        if height is not None:
            return min(1.0, LEGIBLE_PX / (height * self.page_px[1]))
        return 1.0 if self._dpi is None else min(1.0, LEGIBLE_DPI / self._dpi)

    def view(self, box: Box) -> View:
        """Return a region at the best grid that fits the budget.

        Raises:
            EngineError: not even the smallest does.
        """
        at_every_grid = self._at_every_grid(box)
        fitting = _fitting(at_every_grid, self._budget.num_free)
        if fitting is None:
            least = min(view.num_tokens for view in at_every_grid)
            raise no_room(least, self._budget, self._number)
        return fitting

    def cheapest(self, box: Box) -> View | None:
        """Return a region at the smallest grid that is nearly as sharp as the best that fits."""
        at_every_grid = self._at_every_grid(box)
        best = _fitting(at_every_grid, self._budget.num_free)
        if best is None:
            return None
        enough = [
            view
            for view in at_every_grid
            if view.scale >= _NEARLY * best.scale and view.num_tokens <= best.num_tokens
        ]
        return min(enough, key=lambda view: (view.num_tokens, view.num_tiles))

    def _at_every_grid(self, box: Box) -> list[View]:
        """Return a region at the grid the model would choose, then at each one alone."""
        layouts = [replace(self.layout, grids=(grid,)) for grid in self.layout.grids]
        return [
            plan_view(self.page_px, layout, box=box, dpi=self._dpi)
            for layout in (self.layout, *layouts)
        ]

    def splits(self, area: Box) -> Iterator[tuple[View, ...]]:
        """Yield each way of splitting an area into views that fit the budget one by one."""
        for boxes in self._split_boxes(area):
            yield from self._split(boxes, self._budget.num_free)

    def splits_together(self, area: Box, num_free: int) -> Iterator[tuple[View, ...]]:
        """Yield each way of splitting an area into views that fit so many tokens together."""
        for boxes in self._split_boxes(area):
            yield from self._split(boxes, num_free // len(boxes))

    def _split_boxes(self, area: Box) -> Iterator[list[Box]]:
        is_wide = area.width * self.page_px[0] > area.height * self.page_px[1]
        for rows, cols in _SPLITS:
            if cols <= rows or is_wide:
                yield [
                    Box(left, top, right, bottom)
                    for top, bottom in _parts(area.top, area.bottom, rows)
                    for left, right in _parts(area.left, area.right, cols)
                ]

    def _split(self, boxes: Sequence[Box], num_free: int) -> Iterator[tuple[View, ...]]:
        views = [_fitting(self._at_every_grid(box), num_free) for box in boxes]
        if None not in views:
            yield tuple(view for view in views if view is not None)

    def is_legible(self, view: View) -> bool:
        """Return whether the page's print is large enough to be read in a view."""
        return view.scale >= self.legible_scale

    def legible(self, splits: Sequence[tuple[View, ...]], than: View) -> tuple[View, ...]:
        """Return the cheapest split in which all parts are legible, else the sharpest."""
        good = [parts for parts in splits if all(map(self.is_legible, parts))]
        return min(good, key=num_tokens) if good else self.sharpest(splits, than)

    def sharpest(self, splits: Sequence[tuple[View, ...]], than: View) -> tuple[View, ...]:
        """Return the split that shows most, the cheapest of equals; none if no gain."""
        best = max(splits, key=lambda parts: (_sharpness(parts), -num_tokens(parts)), default=())
        return best if best and _sharpness(best) > _sharpness((than,)) else ()


def num_tokens(views: Sequence[View]) -> int:
    """Return the image tokens of several views."""
    return sum(view.num_tokens for view in views)


def _fitting(views: Sequence[View], num_free: int) -> View | None:
    """Return the first view if it fits, else the sharpest of those that do."""
    if views[0].num_tokens <= num_free:
        return views[0]
    fitting = [view for view in views if view.num_tokens <= num_free]
    return max(fitting, key=lambda view: (_sharpness((view,)), -view.num_tokens), default=None)


def _sharpness(views: Sequence[View]) -> float:
    """Return the scale of the least sharp view; enlarging shows nothing new."""
    return min(1.0, *(view.scale for view in views))


def _parts(low: float, high: float, count: int) -> list[tuple[float, float]]:
    """Cut an interval into equal parts that reach a little into each other."""
    step = (high - low) / count
    reach = _OVERLAP / 2 if count > 1 else 0.0
    return [
        (max(low, low + i * step - reach), min(high, low + (i + 1) * step + reach))
        for i in range(count)
    ]
