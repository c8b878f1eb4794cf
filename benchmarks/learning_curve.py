"""Draws how many header errors are left after each confirmed document, as SVG.

Knows nothing of how documents are read or judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 360, 70, 20, 480, 300
_PITCH = 16
_COLOURS = ("#0969da", "#cf222e", "#1a7f37", "#8250df")
_DASHES = ("", "6 3", "2 3", "8 2 2 2")


def curve_svg(left: Mapping[str, Sequence[float]]) -> str:
    """Return one line for each set of documents.

    Args:
        left: by name, the share of errors left after 0, 1, 2, ... confirmed documents, 0 to 1.
    """
    most = max(len(shares) for shares in left.values()) - 1
    body = [*_axes(most)]
    names = _apart({name: _y(shares[-1]) + 4 for name, shares in left.items()})
    for number, (name, shares) in enumerate(left.items()):
        body += _line(shares, most, number)
        colour = _COLOURS[number]
        body.append(f'<text x="{_RIGHT + 40}" y="{names[name]:.1f}" fill="{colour}">{name}</text>')
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


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Return heights of names, moved up where they would stand on each other."""
    found: dict[str, float] = {}
    for name, y in sorted(wanted.items(), key=lambda it: -it[1]):
        found[name] = min([y, *(it - _PITCH for it in found.values())])
    return found


def _line(shares: Sequence[float], most: int, number: int) -> Iterator[str]:
    spots = [(_x(at, most), _y(share)) for at, share in enumerate(shares)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    look = f'stroke="{_COLOURS[number]}" stroke-width="2" stroke-dasharray="{_DASHES[number]}"'
    yield f'<polyline points="{points}" fill="none" {look}/>'
    for (x, y), share in list(zip(spots, shares, strict=True))[1:]:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_COLOURS[number]}"/>'
        yield f'<text x="{x + 6:.1f}" y="{y - 6:.1f}">{share:.0%}</text>'
