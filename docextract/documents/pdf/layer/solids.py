"""Tells which rectangle a filled path covers for sure.

Knows nothing of colours, clips or what lies below.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import address_of, by_address

_MAX_SEGMENTS = 40
_NEAR_PT = 0.1
"""Points as near as this are one: the turn between nearer ones is noise of single precision."""

_MAX_DENT = 1e-3
"""By how many radians a line may turn back and still count as straight."""

_Address = ctypes.c_void_p
_segment = by_address(pdfium_c.FPDFPath_GetPathSegment, _Address, _Address, ctypes.c_int)
_point = by_address(pdfium_c.FPDFPathSegment_GetPoint, ctypes.c_int, _Address, _Address, _Address)
_kind = by_address(pdfium_c.FPDFPathSegment_GetType, ctypes.c_int, _Address)


class _Point(NamedTuple):
    across: float
    up: float


def solid_part(path: Any) -> Rect | None:
    """Return a rectangle in PDF space that lies within a path; None where none is known.

    A convex outline holds whatever is between its points: all of a rectangle, and of one with
    rounded corners what is between them.

    Args:
        path: PDFium's handle of a filled path.
    """
    if pdfium_c.FPDFPath_CountSegments(path) > _MAX_SEGMENTS:
        return None
    read = list(_points(path))
    is_one_line = all(kind != pdfium_c.FPDF_SEGMENT_MOVETO for _, kind in read[1:])
    if not is_one_line or not _is_convex(_apart([point for point, _ in read])):
        return None
    return _between(list(_on_line(read)))


def _points(path: Any) -> Iterator[tuple[_Point, int]]:
    """Yield the points of a path in PDF space, each with PDFium's kind of it."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(path, matrix)
    across, up = ctypes.c_float(), ctypes.c_float()
    at = (ctypes.addressof(across), ctypes.addressof(up))
    for index in range(pdfium_c.FPDFPath_CountSegments(path)):
        segment = _segment(address_of(path), index)
        _point(segment, *at)
        point = _Point(
            matrix.a * across.value + matrix.c * up.value + matrix.e,
            matrix.b * across.value + matrix.d * up.value + matrix.f,
        )
        yield point, _kind(segment)


def _on_line(read: Sequence[tuple[_Point, int]]) -> Iterator[_Point]:
    """Yield the points that a path goes through: of a curve's three the last."""
    for kind, run in groupby(read, lambda item: item[1]):
        points = [point for point, _ in run]
        yield from points[2::3] if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO else points


def _apart(points: Sequence[_Point]) -> list[_Point]:
    """Return the points of a closed line without those at the place of the one before."""
    kept: list[_Point] = []
    for point in points:
        if not kept or _distance(point, kept[-1]) > _NEAR_PT:
            kept.append(point)
    is_closed = len(kept) > 1 and _distance(kept[0], kept[-1]) <= _NEAR_PT
    return kept[:-1] if is_closed else kept


def _distance(one: _Point, other: _Point) -> float:
    return max(abs(one.across - other.across), abs(one.up - other.up))


def _is_convex(points: Sequence[_Point]) -> bool:
    """Whether a closed line goes round once and never turns back."""
    ring = [*points, *points[:2]]
    turns = [_turn(*corner) for corner in zip(ring, ring[1:], ring[2:], strict=False)]
    is_round = abs(abs(sum(turns)) - math.tau) < _MAX_DENT
    return is_round and (min(turns) >= -_MAX_DENT or max(turns) <= _MAX_DENT)


def _turn(before: _Point, at: _Point, after: _Point) -> float:
    """Return by how much a line turns at a point, in radians."""
    came = (at.across - before.across, at.up - before.up)
    goes = (after.across - at.across, after.up - at.up)
    return math.atan2(came[0] * goes[1] - came[1] * goes[0], came[0] * goes[0] + came[1] * goes[1])


def _between(points: Sequence[_Point]) -> Rect | None:
    """Return the larger of the rectangles between two level or two upright sides."""
    upright = _above_level_side(points)
    turned = _above_level_side([(up, across) for across, up in points])
    rects = (upright, Rect(turned.bottom, turned.left, turned.top, turned.right))
    best = max(rects, key=_area)
    return best if _area(best) > 0 else None


def _above_level_side(points: Sequence[tuple[float, float]]) -> Rect:
    """Return what lies above the lowest side and below the highest; less than nothing if none."""
    bottom, top = min(up for _, up in points), max(up for _, up in points)
    low = [across for across, up in points if up - bottom <= _NEAR_PT]
    high = [across for across, up in points if top - up <= _NEAR_PT]
    return Rect(max(min(low), min(high)), bottom, min(max(low), max(high)), top)


def _area(rect: Rect) -> float:
    return max(0.0, rect.right - rect.left) * max(0.0, rect.top - rect.bottom)
