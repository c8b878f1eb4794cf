"""Decides which views of a page the model is shown, at first and when it is asked again.

Knows nothing of tensors or questions. A grid larger than the model was trained on loses
accuracy, so a page that is too small to read is split into regions, each at the trained grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from docextract.core import Box, Page
from docextract.engine.llava.prompt.token_budget import TokenBudget
from docextract.engine.llava.vision.grid_search import Planner, num_tokens
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.views import WHOLE, View


class Detail(StrEnum):
    """How closely a page is looked at."""

    LOW = "low"
    AUTO = "auto"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PagePlan:
    """The views of one page in one question.

    Attributes:
        whole: the whole page; None where a closer look leaves no room for it.
        parts: strips or quadrants of it, or the neighbourhood of what was located.
    """

    whole: View | None
    parts: tuple[View, ...] = ()

    @property
    def shown(self) -> tuple[View, ...]:
        """All views in the order the model sees them."""
        return self.parts if self.whole is None else (self.whole, *self.parts)

    @property
    def num_tokens(self) -> int:
        """Image tokens of all views."""
        return num_tokens(self.shown)


def plan_page(
    page: Page,
    layout: ImageLayout,
    budget: TokenBudget,
    *,
    detail: Detail = Detail.AUTO,
    area: Box = WHOLE,
) -> PagePlan:
    """Return the views of a page for the first question about it.

    ``low`` and ``auto`` show the whole page and no more. ``high`` shows the sharpest parts that
    fit together with the whole page, else the sharpest that fit without it.

    Args:
        page: with its image's size; its words tell how large the print is.
        layout: of the model.
        budget: room for image tokens.
        detail: how closely to look.
        area: the printed area.

    Raises:
        EngineError: not even the smallest grid fits the budget.
    """
    planner = Planner(page, layout, budget)
    whole = planner.view(area)
    if detail is not Detail.HIGH:
        return PagePlan(whole)
    for room in (budget.num_free - whole.num_tokens, budget.num_free):
        parts = planner.sharpest(list(planner.splits_together(area, room)), than=whole)
        if parts:
            return _with_whole(whole, parts, budget)
    return PagePlan(whole)


def plan_closer(
    page: Page,
    layout: ImageLayout,
    budget: TokenBudget,
    *,
    focus: Box | None = None,
    area: Box = WHOLE,
) -> PagePlan:
    """Return the views of a page for a question about what an earlier answer left in doubt.

    The neighbourhood of the focus; without one, the fewest parts that make the whole page
    legible, else the sharpest ones, or as many of them as fit. The whole page comes first where
    there is room: its features are remembered, and it says where the parts belong.

    Args:
        page: with its image's size and words.
        layout: of the model.
        budget: room for image tokens.
        focus: what was located, as fractions of the page.
        area: the printed area.

    Raises:
        EngineError: not even the smallest grid fits the budget.
    """
    planner = Planner(page, layout, budget)
    whole = planner.view(area)
    parts = (
        _zooms(planner, area, whole, budget.num_free)
        if focus is None
        else _around(focus, planner, area)
    )
    return _with_whole(whole, parts, budget)


def _with_whole(whole: View, parts: tuple[View, ...], budget: TokenBudget) -> PagePlan:
    has_room = whole.num_tokens + num_tokens(parts) <= budget.num_free
    return PagePlan(whole if has_room else None, parts)


def _zooms(planner: Planner, area: Box, whole: View, num_free: int) -> tuple[View, ...]:
    """Return parts of a page that fit together; none where the whole shows every pixel."""
    if whole.scale >= 1:
        return ()
    # Beside the whole page if that can be, else without it.
    for room in (num_free - whole.num_tokens, num_free):
        parts = planner.legible(list(planner.splits_together(area, room)), whole)
        if parts and (all(map(planner.is_legible, parts)) or room == num_free):
            return parts
    alone = planner.legible(list(planner.splits(area)), whole)
    return _as_many_as_fit(alone, num_free)


def _as_many_as_fit(views: Sequence[View], num_free: int) -> tuple[View, ...]:
    sums = accumulate(view.num_tokens for view in views)
    return tuple(view for view, total in zip(views, sums, strict=True) if total <= num_free)


def _around(target: Box, planner: Planner, area: Box) -> tuple[View, ...]:
    """Return a legible view of a label's or value's neighbourhood, none where it does not fit.

    Values stand right of their label or below it, so the target stands in the upper left of the
    middle where the page allows it.
    """
    width, height = planner.page_px
    grids = planner.layout.grids or ((1, 1),)
    rows, cols = min(grids, key=lambda grid: (grid[0] * grid[1], grid[0]))
    across = cols * planner.layout.tile_px / planner.legible_scale / width
    left, right = _window(target.left, max(across, target.width), area.left, area.right)
    down = max((right - left) * width * rows / cols / height, target.height)
    top, bottom = _window(target.top, down, area.top, area.bottom)
    view = planner.cheapest(Box(left, top, right, bottom).union(target))
    return () if view is None else (view,)


def _window(start: float, length: float, low: float, high: float) -> tuple[float, float]:
    """Return an interval with ``start`` a quarter into it, moved inside ``low`` to ``high``."""
    begin = max(low, min(start - length / 4, high - length))
    return begin, min(high, begin + length)
