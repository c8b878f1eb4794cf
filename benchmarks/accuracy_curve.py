"""Draws how many documents go straight through against how many of those are wrong, as SVG.

Knows nothing of how documents are read or judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from docextract.evaluation.reporting.straight_through import Step

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 360, 70, 20, 610, 300
_MIN_DOCUMENTS = 20
"""The share of wrong ones of fewer documents jumps about and is not drawn."""
_WANTED = 0.02


def curve_svg(steps: Sequence[Step], ok_at: float) -> str:
    """Return the curve with the shipped threshold marked, and a line at 2 % wrong.

    Args:
        steps: the strictest first.
        ok_at: the shipped threshold.
    """
    drawn = [step for step in steps if step.through.num_right >= _MIN_DOCUMENTS]
    top = max((step.wrong.value or 0.0 for step in drawn), default=0.1)
    scale = ceil(max(top, _WANTED) * 20) / 20
    body = [*_axes(scale), *_line(drawn, scale), *_mark(drawn, ok_at, scale)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>\n"])


def _x(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)


def _y(share: float, scale: float) -> float:
    return _BOTTOM - share / scale * (_BOTTOM - _TOP)


def _axes(scale: float) -> Iterator[str]:
    yield f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none" stroke="black"/>'
    for part in range(6):
        share, wrong = part / 5, part * scale / 5
        yield f'<text x="{_x(share):.0f}" y="318" text-anchor="middle">{share:.0%}</text>'
        y = _y(wrong, scale)
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{wrong:.0%}</text>'
    middle = (_LEFT + _RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="345" text-anchor="middle">documents straight through</text>'
    turned = f'transform="rotate(-90 16 {(_TOP + _BOTTOM) / 2:.0f})"'
    yield f'<text x="16" y="160" text-anchor="middle" {turned}>of them with a wrong value</text>'
    y = _y(_WANTED, scale)
    yield f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="grey" stroke-dasharray="4 4"/>'
    yield f'<text x="{_RIGHT}" y="{y - 4:.1f}" text-anchor="end" fill="grey">2 % wrong</text>'


def _line(steps: Sequence[Step], scale: float) -> Iterator[str]:
    spots = [
        f"{_x(step.through.value or 0):.1f},{_y(step.wrong.value or 0, scale):.1f}"
        for step in steps
    ]
    yield f'<polyline points="{" ".join(spots)}" fill="none" stroke="#0969da" stroke-width="2"/>'


def _mark(steps: Sequence[Step], ok_at: float, scale: float) -> Iterator[str]:
    passed = [step for step in steps if step.ok_at >= ok_at]
    if passed:
        step = passed[-1]
        x, y = _x(step.through.value or 0), _y(step.wrong.value or 0, scale)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#cf222e"/>'
        text = f"--ok-at {ok_at:.2f}, the default"
        yield f'<text x="{x + 9:.1f}" y="{y + 4:.1f}" fill="#cf222e">{text}</text>'
