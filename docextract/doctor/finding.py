"""One line of what ``doctor`` found.

Knows nothing of what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what it is like.

    Attributes:
        name: what was looked at.
        level: ``broken``: a run would not work; ``warning``: it may not; ``note``:
            something optional is missing.
        told: what it is like.
        remedy: what helps; empty where all is well.
    """

    name: str
    level: Level
    told: str
    remedy: str = ""
