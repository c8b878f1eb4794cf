"""Draws the loss of a training as a picture (SVG), one line a stage.

Knows nothing of models; rows of a log in, text of a file out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from docextract.core import Tree

_WIDTH, _HEIGHT, _MARGIN = 720, 320, 40
_COLOURS = ("#1f77b4", "#d62728")


def loss_curves(rows: Sequence[Tree]) -> str:
    """Return the picture of the loss over the steps, on a logarithmic scale."""
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    losses = [max(row["loss"], 1e-6) for row in rows] or [1.0]
    top, bottom = math.log10(max(losses)), math.log10(min(losses))
    span = max(top - bottom, 1e-6)
    step_px = (_WIDTH - 2 * _MARGIN) / max(1, len(rows) - 1)

    def at(index: int, loss: float) -> str:
        down = (top - math.log10(max(loss, 1e-6))) / span
        return f"{_MARGIN + index * step_px:.1f},{_MARGIN + down * (_HEIGHT - 2 * _MARGIN):.1f}"

    lines = []
    for stage, colour in zip(stages, _COLOURS, strict=False):
        points = " ".join(
            at(index, row["loss"]) for index, row in enumerate(rows) if row["stage"] == stage
        )
        lines.append(f'<polyline fill="none" stroke="{colour}" points="{points}"/>')
    return "\n".join([*_frame(10**top, 10**bottom), *lines, *_legend(stages), "</svg>", ""])


def _frame(top: float, bottom: float) -> list[str]:
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    inner = f'width="{_WIDTH - 2 * _MARGIN}" height="{_HEIGHT - 2 * _MARGIN}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<rect x="{_MARGIN}" y="{_MARGIN}" {inner} fill="none" stroke="#999"/>',
        f'<text x="4" y="{_MARGIN + 4}">{top:.3g}</text>',
        f'<text x="4" y="{_HEIGHT - _MARGIN}">{bottom:.3g}</text>',
        f'<text x="{_MARGIN}" y="{_HEIGHT - 12}">loss for each step, logarithmic</text>',
    ]


def _legend(stages: Sequence[str]) -> list[str]:
    return [
        f'<text x="{_MARGIN + 90 * index}" y="24" fill="{colour}">{stage}</text>'
        for index, (stage, colour) in enumerate(zip(stages, _COLOURS, strict=False))
    ]
