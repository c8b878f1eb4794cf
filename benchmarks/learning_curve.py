"""Draws how many header errors are left after each confirmed document, as SVG.

Knows nothing of how documents are read or judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 360, 70, 20, 480, 300
_PITCH = 14
_COLOURS = ("#0969da", "#cf222e", "#1a7f37", "#8250df")
_DASHES = ("", "6 3", "2 3", "8 2 2 2")


def curve_svg(left: Mapping[str, Sequence[float]]) -> str:
    """Return one line for each set of documents.

    Args:
        left: by name, the share of errors left after 0, 1, 2, ... confirmed documents, 0 to 1.
    """
    most = max(len(shares) for shares in left.values()) - 1
    body = [*_axes(most)]
    colours = dict(zip(left, _COLOURS, strict=False))
    for number, shares in enumerate(left.values()):
        body += _line(shares, most, number)
    for at in range(1, most + 1):
        said = {name: shares[at] for name, shares in left.items()}
        body += _texts(
            _x(at, most) + 6,
            {name: (_y(it) - 6, f"{it:.0%}") for name, it in said.items()},
            colours,
        )
    ends = {name: (_y(shares[-1]) + 4, name) for name, shares in left.items()}
    body += _texts(_RIGHT + 45, ends, colours)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>\n"])


def _x(number: int, most: int) -> float:
    return _LEFT + number / most * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _axes(most: int) -> Iterator[str]:
    yield f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none" stroke="black"/>'
    for number in range(most + 1):
        yield f'<text x="{_x(number, most):.0f}" y="318" text-anchor="middle">{number}</text>'
    for part in range(5):
        y = _y(part / 4) + 4
        yield f'<text x="{_LEFT - 8}" y="{y:.0f}" text-anchor="end">{part / 4:.0%}</text>'
    middle = (_LEFT + _RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="345" text-anchor="middle">documents confirmed</text>'
    turned = f'transform="rotate(-90 16 {(_TOP + _BOTTOM) / 2:.0f})"'
    yield f'<text x="16" y="160" text-anchor="middle" {turned}>header errors left</text>'


def _texts(
    x: float, texts: Mapping[str, tuple[float, str]], colours: Mapping[str, str]
) -> Iterator[str]:
    """Yield texts at their heights, moved up where they would stand on each other."""
    above = float("inf")
    for name, (y, text) in sorted(texts.items(), key=lambda it: -it[1][0]):
        above = min(y, above - _PITCH)
        yield f'<text x="{x:.1f}" y="{above:.1f}" fill="{colours[name]}">{text}</text>'


def _line(shares: Sequence[float], most: int, number: int) -> Iterator[str]:
    spots = [(_x(at, most), _y(share)) for at, share in enumerate(shares)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    look = f'stroke="{_COLOURS[number]}" stroke-width="2" stroke-dasharray="{_DASHES[number]}"'
    yield f'<polyline points="{points}" fill="none" {look}/>'
    for x, y in spots[1:]:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_COLOURS[number]}"/>'
