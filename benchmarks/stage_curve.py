"""Draws the share of fields right over the number of labels, one line for each arm, as SVG.

Knows nothing of how anything is trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 360, 60, 20, 500, 300
_COLOURS = ("#57606a", "#8250df", "#0969da", "#1a7f37", "#cf222e", "#bf8700")


def curve_svg(shares: Mapping[str, Mapping[int, float]]) -> str:
    """Return the picture.

    Args:
        shares: by name of an arm, the share right (0 to 1) by number of labels; an arm with one
            number of labels is a dashed line across.
    """
    numbers = sorted({number for points in shares.values() for number in points})
    body = [*_axes(numbers)]
    for (name, points), colour in zip(shares.items(), _COLOURS, strict=False):
        body += _line(name, points, numbers, colour)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>\n"])


def _x(number: int, numbers: Sequence[int]) -> float:
    return _LEFT + numbers.index(number) / max(1, len(numbers) - 1) * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _axes(numbers: Sequence[int]) -> Iterator[str]:
    yield f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none" stroke="black"/>'
    for number in numbers:
        yield f'<text x="{_x(number, numbers):.0f}" y="318" text-anchor="middle">{number}</text>'
    for part in range(5):
        y = _y(part / 4) + 4
        yield f'<text x="{_LEFT - 8}" y="{y:.0f}" text-anchor="end">{part / 4:.0%}</text>'
    middle = (_LEFT + _RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="345" text-anchor="middle">labelled slips</text>'


def _line(
    name: str, points: Mapping[int, float], numbers: Sequence[int], colour: str
) -> Iterator[str]:
    at = [(_x(number, numbers), _y(share)) for number, share in points.items()]
    is_flat = len(at) == 1
    if is_flat:
        at = [(float(_LEFT), at[0][1]), (float(_RIGHT), at[0][1])]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    dashes = ' stroke-dasharray="6 3"' if is_flat else ""
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
    x, y = at[-1]
    yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{name}</text>'
