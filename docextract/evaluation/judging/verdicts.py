"""What became of values, rows and documents.

Knows nothing of how that was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from docextract.evaluation.judging.given import Claim, Given


class Verdict(StrEnum):
    """What became of one value; ``absent``: rightly not given."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    FABRICATED = "fabricated"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One value and what became of it.

    Attributes:
        path: where the record has the value; of a missed row, where the truth has it.
        verdict: what became of it.
        truth: what it should be; None where nothing is there.
        value: what the record says, or None.
        claim: how sure the record is; None where it says nothing of that path.
    """

    path: str
    verdict: Verdict
    truth: str | None
    value: str | None
    claim: Claim | None

    @property
    def field_path(self) -> str:
        """The path in the schema, such as ``lines[].net``."""
        return re.sub(r"\[\d+\]", "[]", self.path)


@dataclass(frozen=True, slots=True)
class RowJudgement:
    """One row of a list: of the truth, of the record, or of both where they were paired.

    Attributes:
        list_path: such as ``lines``.
        has_truth: whether the truth has it.
        has_given: whether the record has it.
        known: members the truth has a value for that the record could know.
        right: those of them that the record has right.
    """

    list_path: str
    has_truth: bool
    has_given: bool
    known: frozenset[str] = frozenset()
    right: frozenset[str] = frozenset()

    @property
    def is_found(self) -> bool:
        """Whether more than half of what is known of the row is right."""
        return 2 * len(self.right) > len(self.known)

    @property
    def is_whole(self) -> bool:
        """Whether all that is known of the row is right."""
        return bool(self.known) and self.right == self.known


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """What became of one labelled document.

    Attributes:
        path: as the run shows it, or as the labels name it where no run has read it.
        given: its record, or None.
        values: a judgement for every value that can be judged.
        rows: a judgement for every row.
    """

    path: str
    given: Given | None
    values: tuple[Judgement, ...] = ()
    rows: tuple[RowJudgement, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether no value outside lists that the record shows is wrong."""
        shown = (item for item in self.values if "[" not in item.path)
        return not any(item.verdict in (Verdict.WRONG, Verdict.FABRICATED) for item in shown)

    @property
    def has_judged_header(self) -> bool:
        """Whether any value outside lists can be judged."""
        return any("[" not in item.path for item in self.values)

    def with_verdict(self, verdict: Verdict) -> list[Judgement]:
        """Return the values of one verdict."""
        return [item for item in self.values if item.verdict is verdict]
