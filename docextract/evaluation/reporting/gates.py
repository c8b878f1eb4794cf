"""Least figures a field must reach, so that a build can fail.

Knows nothing of commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from docextract.core import OptionError
from docextract.evaluation.reporting.figures import Share
from docextract.evaluation.reporting.report import Report

Measure = Literal["recall", "precision"]


@dataclass(frozen=True, slots=True)
class Gate:
    """A least recall or precision of one field, or of the rows of one list."""

    measure: Measure
    path: str
    minimum: float

    @classmethod
    def parse(cls, measure: Measure, text: str) -> Self:
        """Return the gate written as ``totals.gross=0.95``.

        Raises:
            OptionError: the text is no path and share.
        """
        path, _, number = text.rpartition("=")
        try:
            minimum = float(number)
        except ValueError:
            minimum = -1.0
        if not path or not 0 <= minimum <= 1:
            raise OptionError(
                f"--min-{measure}: {text!r} is no field and share", "Try totals.gross=0.95."
            )
        return cls(measure, path.strip(), minimum)

    def complaint(self, report: Report) -> str | None:
        """Return by how much the figure falls short, or None where it does not.

        Raises:
            OptionError: nothing was labelled (or, for precision, given) at that path.
        """
        share = self._share(report)
        if share is None or share.value is None:
            known = ", ".join([*report.fields, *report.rows])
            raise OptionError(
                f"--min-{self.measure}: there is nothing to measure at {self.path}",
                f"Scored are {known}.",
            )
        if share.value >= self.minimum:
            return None
        return (
            f"{self.measure} of {self.path} is {share.value:.3f} ({share.num_right} of"
            f" {share.num}), {self.minimum - share.value:.3f} below {self.minimum:g}"
        )

    def _share(self, report: Report) -> Share | None:
        counts = report.fields.get(self.path) or report.rows.get(self.path)
        if counts is None:
            return None
        return counts.recall if self.measure == "recall" else counts.precision
