"""What may be replaced, and by what.

Knows nothing of where candidates come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from docextract.engine.base import Place
from docextract.normalise.reading import Reading


class Candidate(NamedTuple):
    """A printed value that could stand in a field.

    Attributes:
        value: typed text.
        reading: how it was read, with the text as printed.
        place: where it stands on the page.
        fit: 0 to 1, how well that place suits the field.
    """

    value: str
    reading: Reading
    place: Place
    fit: float


@dataclass(frozen=True, slots=True)
class Target:
    """A value that may be replaced, or a gap that may be filled.

    Attributes:
        value: what stands there now; None for a gap.
        strength: 0 to 1, how well the page supports it; called only where a check asks.
        candidates: what else it could be, best first; called only where a check asks.
    """

    value: str | None
    strength: Callable[[], float]
    candidates: Callable[[], Sequence[Candidate]]
