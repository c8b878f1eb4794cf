"""Gives a record its status, the probability that it holds no wrong value, and why to look at it.

Knows nothing of pages, engines or files.
"""

from __future__ import annotations

from typing import NamedTuple

from docextract.core import FieldStatus, RecordStatus
from docextract.verify.confidence.record_signals import header_values, record_signals
from docextract.verify.confidence.weights import Calibration
from docextract.verify.status.review_reasons import Findings, ReviewReason, review_reasons


class RecordVerdict(NamedTuple):
    """What a record has earned.

    Attributes:
        status: ``failed``, ``ok`` or ``review``.
        confidence: the probability, 0 to 1, that no header value it shows is wrong.
        reasons: why a person should look, the most important first; empty where it is ``ok``.
    """

    status: RecordStatus
    confidence: float
    reasons: tuple[ReviewReason, ...]


def assess_record(
    found: Findings, calibration: Calibration, *, is_read: bool = True
) -> RecordVerdict:
    """Return ``failed`` if nothing was read, ``ok`` if there is no reason to look, else ``review``.

    Args:
        found: what the record is judged by.
        calibration: what its signals weigh, and how sure is sure enough.
        is_read: whether there was a page and an answer about it; where there was not, data
            embedded in the file may still have given values.
    """
    has_value = any(item.status is not FieldStatus.ABSENT for item in found.fields.values())
    if found.errors and not is_read and not has_value:
        return RecordVerdict(RecordStatus.FAILED, 0.0, ())
    confidence = _confidence(found, calibration) if has_value else 0.0
    reasons = review_reasons(found, confidence, calibration.ok_at)
    return RecordVerdict(RecordStatus.REVIEW if reasons else RecordStatus.OK, confidence, reasons)


def _confidence(found: Findings, calibration: Calibration) -> float:
    """Return the probability that no value shown is wrong; a person's word is not doubted."""
    shown = header_values(found.fields)
    if shown and all(item.status is FieldStatus.CONFIRMED for item in shown.values()):
        return 1.0
    return round(calibration.of_record(record_signals(found.fields)), 3)
