"""Reads printed times of day into ISO 8601.

Knows nothing of fields or pages; dates beside the time are stepped over.
"""

from __future__ import annotations

import re
from dataclasses import replace

from docextract.normalise.dates.dates import MAX_CHARS, find_dates
from docextract.normalise.numbers.number_search import LOOKALIKES, fold_characters
from docextract.normalise.reading import NOTHING, Reading, certain, refused
from docextract.schema.languages import pattern, words

_MORNING, _AFTERNOON = words("dates", "before_noon"), words("dates", "after_noon")
_BEFORE_NOON = ("a", "pg", *_MORNING)
_AFTER_NOON = ("p", *_AFTERNOON)
_TIME = re.compile(
    rf"(?<![\d:.,])(?P<early>(?:{'|'.join((*_MORNING, *_AFTERNOON))})\s?)?"
    r"(?P<hour>[01]?\d|2[0-4])(?:\s?(?P<mark>[:.hHuU])\s?(?P<minute>[0-5]\d)"
    r"(?:(?P=mark)(?P<second>[0-5]\d)(?:[.,]\d{1,6})?)?"
    rf"|(?P<bare>\s?(?:{pattern('dates', 'clock')})\b))?"
    r"\s?(?P<half>[AaPp]\.?\s?[Mm]\b\.?|P(?:TG|G)\b)?(?![\d:]|[.,]\d)"
)
_MILITARY = re.compile(
    rf"(?<!\d)([01]\d|2[0-3])([0-5]\d)(?=\s?(?:{pattern('dates', 'clock_behind_four_digits')})\b)"
)
_MISREAD = re.compile(
    rf"(?<![^\W_])(?=[{LOOKALIKES}:]*\d)[\d{LOOKALIKES}]{{1,2}}(?::[\d{LOOKALIKES}]{{2}}){{1,2}}"
)
_TO_DIGITS = str.maketrans(LOOKALIKES, "0000111582")


def parse_time(text: str) -> Reading:
    """Return the time of day a printed text stands for, as ``HH:MM:SS``.

    Reads 24-hour and a.m./p.m. times with colon, point or h, beside a date or alone; a bare
    hour counts only with a.m., p.m. or a word for the hour. Letters that an OCR engine took
    for digits are put right where the rest is a time, and the reading says so.
    """
    cleaned = fold_characters(text[: 4 * MAX_CHARS])
    for start, end, printed in find_dates(cleaned):
        cleaned = cleaned[:start] + " " * len(printed) + cleaned[end:]
    cleaned = re.sub(r"(?<=\s)T(?=\d)", " ", cleaned)
    cleaned = _MILITARY.sub(r"\1:\2", cleaned)
    repaired = _MISREAD.sub(lambda found: found[0].translate(_TO_DIGITS), cleaned)
    reading = _read(repaired)
    if repaired == cleaned or reading.value is None:
        return reading
    return replace(reading, note=f"read {cleaned} as {repaired}", is_repaired=True)


def _read(text: str) -> Reading:
    found = [_clock(match) for match in _TIME.finditer(text)]
    times = [value for value in found if value is not None]
    if len(set(times)) == 1:
        return certain(times[0])
    return refused("several times") if times else NOTHING


def _clock(match: re.Match[str]) -> str | None:
    half = (match["half"] or match["early"] or "").strip().lower()
    if not match["mark"] and not match["bare"] and not half:
        return None
    hour = int(match["hour"])
    is_late = half.startswith(_AFTER_NOON) and not half.startswith(_BEFORE_NOON)
    if half and hour <= 12:
        hour = hour % 12 + (12 if is_late else 0)
    elif half and not is_late:
        return None
    if hour > 23:
        return None
    return f"{hour:02}:{match['minute'] or '00'}:{match['second'] or '00'}"
