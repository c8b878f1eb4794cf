"""How many documents go straight through under each threshold, and how many of those are wrong.

Knows nothing of how a record's confidence comes about, nor of terminals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from docextract.core import RecordStatus, Tree
from docextract.evaluation.judging.verdicts import DocumentScore
from docextract.evaluation.reporting.figures import Share


class Step(NamedTuple):
    """What one threshold gives.

    Attributes:
        ok_at: the least confidence, 0 to 1, that lets a record through.
        through: documents that go through, of all that were read.
        wrong: documents that show a wrong header value, of those that go through.
    """

    ok_at: float
    through: Share
    wrong: Share


@dataclass(frozen=True, slots=True)
class StraightThrough:
    """The share that goes straight through against the share of it that is wrong.

    Attributes:
        steps: one for each confidence that a record has, the strictest first.
    """

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, documents: Iterable[DocumentScore]) -> Self:
        """Return the curve of labelled documents; what no run has read is left out.

        A record that is held back for another reason than its confidence goes through under no
        threshold.
        """
        read = [it for it in documents if it.given is not None and it.has_judged_header]
        free = sorted(((_confidence(it), it.is_clean) for it in read if _is_free(it)), reverse=True)
        steps = []
        num_wrong = 0
        for number, (confidence, is_clean) in enumerate(free, 1):
            num_wrong += not is_clean
            if number == len(free) or free[number][0] < confidence:
                step = Step(confidence, Share(number, len(read)), Share(num_wrong, number))
                steps.append(step)
        return cls(tuple(steps))

    def at(self, ok_at: float) -> Step | None:
        """Return what a threshold gives; None where it lets nothing through."""
        passed = [step for step in self.steps if step.ok_at >= ok_at]
        return passed[-1]._replace(ok_at=ok_at) if passed else None

    def within(self, error: float) -> Step | None:
        """Return the lowest threshold with at most such a share of wrong documents, 0 to 1.

        None where no threshold keeps to it.
        """
        kept = [step for step in self.steps if step.wrong.num_right <= error * step.wrong.num]
        return kept[-1] if kept else None

    def to_json(self) -> list[Tree]:
        """Return its steps for programs."""
        return [
            {
                "ok_at": step.ok_at,
                "num_through": step.through.num_right,
                "num_read": step.through.num,
                "num_wrong": step.wrong.num_right,
            }
            for step in self.steps
        ]


def advice(curve: StraightThrough, error: float) -> str:
    """Return which threshold keeps to a wanted share of wrong documents, as a sentence."""
    found = curve.within(error)
    if found is None:
        return f"no --ok-at keeps to {error:.1%} wrong: even the surest records hold more"
    _, high = found.wrong.interval
    return (
        f"for at most {error:.1%} wrong: --ok-at {found.ok_at:.3f}, which lets "
        f"{found.through.num_right} of {found.through.num} documents through, "
        f"{found.wrong.num_right} of them wrong here (up to {high:.0%} elsewhere)"
    )


def chosen(curve: StraightThrough, thresholds: Sequence[float]) -> list[Step]:
    """Return what some thresholds give; those that let nothing through are left out."""
    return [step for step in map(curve.at, thresholds) if step is not None]


def _is_free(document: DocumentScore) -> bool:
    given = document.given
    is_other = given is None or given.status not in (RecordStatus.OK, RecordStatus.REVIEW)
    return given is not None and not is_other and given.is_held_by_confidence_alone


def _confidence(document: DocumentScore) -> float:
    return document.given.confidence if document.given is not None else 0.0
