"""Asks the small reader about drawn slips, and counts what is printed so."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from PIL import Image

from docextract.core import Box, Page
from docextract.engine.base import Answer, Question
from docextract.schema import Schema
from support.slips import SLIPS, slip_schema


def slip_images() -> list[tuple[str, Image.Image]]:
    """Return name and image of every slip beside the reader."""
    rows = map(json.loads, (SLIPS / "truth.jsonl").read_text("utf-8").splitlines())
    files = [row["file"] for row in rows]
    return [(file, Image.open(SLIPS / file).convert("RGB")) for file in files]


def printed_values() -> list[dict[str, str | None]]:
    """Return what stands on each slip, as printed, by field."""
    rows = map(json.loads, (SLIPS / "printed.jsonl").read_text("utf-8").splitlines())
    return [row["printed"] for row in rows]


def question_about(
    image: Image.Image,
    schema: Schema | None = None,
    instructions: str = "",
    *,
    is_closer: bool = False,
    focus: Box | None = None,
) -> Question:
    """Return a question about one image."""
    page = Page(1, image.width, image.height, size=image.size, image=image.tobytes())
    return Question("slip", (page,), schema or slip_schema(), instructions, is_closer, focus)


def share_right(answers: Sequence[Answer], wanted: Sequence[dict[str, str | None]]) -> float:
    """Return the share of fields that are given as printed."""
    pairs = zip(answers, wanted, strict=True)
    right = [answer.values.get(path) == text for answer, row in pairs for path, text in row.items()]
    return sum(right) / len(right)  # type: ignore[no-any-return]


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Return an image as a JPEG of some quality gives it back."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
