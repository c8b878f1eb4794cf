"""Decides which views of a page the model is shown, and which it may be shown when asked again.

Knows nothing of tensors or questions. A grid larger than the model was trained on loses
accuracy, so a page that is too small to read is split into regions, each at the trained grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from docextract.engine.llava.layout import ImageLayout
from docextract.engine.llava.printed_area import print_height
from docextract.engine.llava.token_budget import TokenBudget, no_room
from docextract.engine.llava.views import View, plan_view
from docextract.errors import EngineError, Reason
from docextract.records import Box, Page

LEGIBLE_PX = 14.0
"""Height of a word's box at which small print is legible: 10 pt at 90 dpi, an x-height of 6 px."""
LEGIBLE_DPI = 90.0
"""The same for a page without words."""
_SPLITS = ((2, 1), (3, 1), (2, 2), (1, 2), (1, 3))
"""Rows and columns of zoom views: strips and quadrants. Columns alone, which cut every line, only
for what is wider than tall."""
_OVERLAP = 0.03
"""By how much neighbours reach into each other, as a fraction of the page: two lines of print, so
that every line is whole in one of them."""
_NEARLY = 0.97
"""A view this close to the sharpest is as good, where a pixel of rounding costs a row of tiles."""
_POINTS_PER_INCH = 72


class Detail(StrEnum):
    """How closely a page is looked at."""

    LOW = "low"
    AUTO = "auto"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PagePlan:
    """The views of one page.

    Attributes:
        shown: seen together with the first question: the whole page, then its parts if any.
        zooms: seen one by one when a field is asked for again.
    """

    shown: tuple[View, ...]
    zooms: tuple[View, ...] = ()

    @property
    def num_tokens(self) -> int:
        """Image tokens of the first question."""
        return sum(view.num_tokens for view in self.shown)


def plan_page(
    page: Page,
    layout: ImageLayout,
    budget: TokenBudget,
    *,
    detail: Detail = Detail.AUTO,
    area: Box | None = None,
) -> PagePlan:
    """Return the views of a page.

    ``low`` shows the whole page and no more. ``auto`` adds zooms for asking again where the
    whole page is too small to read: the fewest tokens that make it legible, else the sharpest.
    ``high`` shows the sharpest parts that fit together with the whole page.

    Args:
        page: with its image's size; its words tell how large the print is.
        layout: of the model.
        budget: room for image tokens.
        detail: how closely to look.
        area: the printed area, the whole page where None.

    Raises:
        EngineError: not even the smallest grid fits the budget.
    """
    planner = _Planner(page, layout, budget)
    area = area or Box(0.0, 0.0, 1.0, 1.0)
    whole = planner.view(area)
    if detail is Detail.LOW:
        return PagePlan((whole,))
    if detail is Detail.HIGH:
        num_left = budget.num_free - whole.num_tokens
        fitting = [parts for parts in planner.splits(area) if _num_tokens(parts) <= num_left]
        return PagePlan((whole, *planner.sharpest(fitting, than=whole)))
    if planner.is_legible(whole):
        return PagePlan((whole,))
    return PagePlan((whole,), planner.legible(list(planner.splits(area)), than=whole))


def plan_around(
    target: Box, page: Page, layout: ImageLayout, budget: TokenBudget, *, area: Box | None = None
) -> View:
    """Return a legible view of a label's or value's neighbourhood.

    Values stand right of their label or below it, so the target stands in the upper left of the
    middle where the page allows it.

    Args:
        target: what was located, as fractions of the page.
        page: with its image's size and words.
        layout: of the model.
        budget: room for image tokens.
        area: the printed area, the whole page where None.

    Raises:
        EngineError: not even the smallest grid fits the budget.
    """
    planner = _Planner(page, layout, budget)
    area = area or Box(0.0, 0.0, 1.0, 1.0)
    width, height = planner.page_px
    grids = planner.layout.grids or ((1, 1),)
    rows, cols = min(grids, key=lambda grid: (grid[0] * grid[1], grid[0]))
    across = cols * layout.tile_px / planner.legible_scale / width
    left, right = _window(target.left, max(across, target.width), area.left, area.right)
    down = max((right - left) * width * rows / cols / height, target.height)
    top, bottom = _window(target.top, down, area.top, area.bottom)
    return planner.cheapest(Box(left, top, right, bottom).union(target))


class _Planner:
    """One page and one model: what they decide together."""

    def __init__(self, page: Page, layout: ImageLayout, budget: TokenBudget) -> None:
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
        """Return pixels shown per pixel of the page at which its print is legible, at most 1."""
        if height is not None:
            return min(1.0, LEGIBLE_PX / (height * self.page_px[1]))
        return 1.0 if self._dpi is None else min(1.0, LEGIBLE_DPI / self._dpi)

    def view(self, box: Box) -> View:
        """Return a region at the best grid that fits the budget.

        Raises:
            EngineError: not even the smallest does.
        """
        at_every_grid = self._at_every_grid(box)
        fitting = self._fitting(at_every_grid)
        if fitting is None:
            least = min(view.num_tokens for view in at_every_grid)
            raise no_room(least, self._budget, self._number)
        return fitting

    def cheapest(self, box: Box) -> View:
        """Return a region at the smallest grid that is nearly as sharp as the best that fits."""
        best = self.view(box)
        enough = [
            view
            for view in self._at_every_grid(box)
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

    def _fitting(self, views: Sequence[View]) -> View | None:
        free = self._budget.num_free
        if views[0].num_tokens <= free:
            return views[0]
        fitting = [view for view in views if view.num_tokens <= free]
        return max(fitting, key=lambda view: (_sharpness((view,)), -view.num_tokens), default=None)

    def splits(self, area: Box) -> Iterator[tuple[View, ...]]:
        """Yield each way of splitting an area into views that fit the budget one by one."""
        is_wide = area.width * self.page_px[0] > area.height * self.page_px[1]
        for rows, cols in _SPLITS:
            if cols > rows and not is_wide:
                continue
            boxes = [
                Box(left, top, right, bottom)
                for top, bottom in _parts(area.top, area.bottom, rows)
                for left, right in _parts(area.left, area.right, cols)
            ]
            views = [self._fitting(self._at_every_grid(box)) for box in boxes]
            if None not in views:
                yield tuple(view for view in views if view is not None)

    def is_legible(self, view: View) -> bool:
        """Return whether the page's print is large enough to be read in a view."""
        return view.scale >= self.legible_scale

    def legible(self, splits: Sequence[tuple[View, ...]], than: View) -> tuple[View, ...]:
        """Return the cheapest split in which all parts are legible, else the sharpest."""
        good = [parts for parts in splits if all(map(self.is_legible, parts))]
        return min(good, key=_num_tokens) if good else self.sharpest(splits, than)

    def sharpest(self, splits: Sequence[tuple[View, ...]], than: View) -> tuple[View, ...]:
        """Return the split that shows most, the cheapest of equals; none if no gain."""
        best = max(splits, key=lambda parts: (_sharpness(parts), -_num_tokens(parts)), default=())
        return best if best and _sharpness(best) > _sharpness((than,)) else ()


def _num_tokens(views: Sequence[View]) -> int:
    return sum(view.num_tokens for view in views)


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


def _window(start: float, length: float, low: float, high: float) -> tuple[float, float]:
    """Return an interval with ``start`` a quarter into it, moved inside ``low`` to ``high``."""
    begin = max(low, min(start - length / 4, high - length))
    return begin, min(high, begin + length)
