"""Finds the printed part of a page, so that no tile is spent on its margins.

Knows nothing of grids or models. Pixels say where anything is (stamps, logos, handwriting), words
where print is too faint to be told from paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docextract.core import Box, Page, Word

if TYPE_CHECKING:
    from torch import Tensor

_CELLS_ON_LONG_SIDE = 256
"""A cell of an A4 page is 1.2 mm: a line of small print darkens it, a speck of dust does not."""
_INK_LEVELS = 20
"""Grey levels by which a cell differs from the paper when something is printed there."""
_MARGIN = 0.012
"""Kept around the print, as a fraction of the page: a letter's tail, half a line."""
_MIN_SIDE = 0.4
"""No trimmed side is shorter than this fraction of the page: one line blown up to fill a grid
looks like nothing a model was trained on."""


def printed_area(page: Page, pixels: Tensor | None = None) -> Box:
    """Return the part of a page that holds print, with a small margin.

    Args:
        page: with its words.
        pixels: its image as bytes of shape (3, height, width); without it, words alone count.

    Returns:
        The whole page where neither shows anything.
    """
    ink = None if pixels is None else inked_area(pixels)
    found = [word.box for word in page.words if ink is None or not _is_print_of(word.box, ink)]
    if ink is not None:
        found.append(ink)
    if not found:
        return Box(0.0, 0.0, 1.0, 1.0)
    area = found[0]
    for box in found[1:]:
        area = area.union(box)
    left, right = _widened(area.left, area.right)
    top, bottom = _widened(area.top, area.bottom)
    return Box(left, top, right, bottom)


def _is_print_of(box: Box, ink: Box) -> bool:
    """Whether a word's print is inked: OCR's boxes reach beyond it, by up to half a height."""
    slack = box.height / 2
    is_across = ink.left <= box.left + slack and box.right - slack <= ink.right
    return is_across and ink.top <= box.top + slack and box.bottom - slack <= ink.bottom


def _widened(low: float, high: float) -> tuple[float, float]:
    """Return an interval with its margin, at least the shortest side, inside the page."""
    low, high = max(0.0, low - _MARGIN), min(1.0, high + _MARGIN)
    length = max(high - low, _MIN_SIDE)
    begin = min(max(0.0, (low + high - length) / 2), 1.0 - length)
    # Rounding must not push the print itself outside.
    return min(low, begin), min(1.0, max(high, begin + length))


def inked_area(pixels: Tensor) -> Box | None:
    """Return the box of all that is neither paper nor a speck, or None for a blank page."""
    import torch
    from torch.nn.functional import interpolate

    height, width = pixels.shape[-2:]
    shrink = max(1.0, max(height, width) / _CELLS_ON_LONG_SIDE)
    cells = (max(1, round(height / shrink)), max(1, round(width / shrink)))
    # Bilinear with antialiasing averages all pixels of a cell.
    small = interpolate(pixels[None], size=cells, mode="bilinear", antialias=True)[0]
    grey = small.to(torch.int16).sum(0) // 3
    is_ink = (grey - grey.median()).abs() >= _INK_LEVELS
    rows, cols = is_ink.any(1).nonzero().flatten(), is_ink.any(0).nonzero().flatten()
    if not len(rows):
        return None
    return Box(
        float(cols[0]) / cells[1],
        float(rows[0]) / cells[0],
        float(cols[-1] + 1) / cells[1],
        float(rows[-1] + 1) / cells[0],
    )


def print_height(words: tuple[Word, ...]) -> float | None:
    """Return the median height of a page's words as a fraction of its height, if it has any."""
    heights = sorted(word.box.height for word in words if word.box.height > 0)
    return heights[len(heights) // 2] if heights else None
