"""Takes over what a closer look makes better, and nothing else.

Knows nothing of engines or pages. Each value is tried in place of the first one and judged
with all others; it stays only if its own field is better supported then and no other is worse
off. What was verified can only lose by that, so it is never replaced.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from docextract.core import FieldStatus, Outcome
from docextract.engine.base import Answer, StopReason
from docextract.schema import Schema, get, put_unit, unit_of
from docextract.verify.merging import merge_answers
from docextract.verify.status.field_status import Judgement
from docextract.verify.value import Disagreement, FieldValue

T = TypeVar("T")

JudgeAnswer = Callable[[Answer, Sequence[Disagreement]], Judgement]

_MIN_GAIN = 4
"""Values with support that a list must gain for each new one that nothing supports."""

_TRUST = 2
"""What a value is worth that page or arithmetic vouch for; one merely seen is worth 1."""


def revise(
    first: Judgement, closer: Sequence[Answer], schema: Schema, judge: JudgeAnswer, num_asked: int
) -> Judgement:
    """Return the first judgement, or a better one with some values of the closer look.

    Fields that came from there say so in their note.

    Args:
        first: the judgement of the first answer.
        closer: answers about parts of the schema, page by page.
        schema: of the whole record.
        judge: judges an answer with what pages disagree on.
        num_asked: closer looks asked for; where one failed, no list is complete.
    """
    if not closer:
        return first
    taken, units = _Revision.of(closer, schema, judge, num_asked).best(first)
    return _noted(taken, first, units)


def completed(
    first: Judgement, second: Sequence[Answer], schema: Schema, judge: JudgeAnswer, num_asked: int
) -> Judgement:
    """Return the judgement of one reader with what another one has better, or has alone.

    A value that no page shows is taken for a key field alone: its record is not ``ok`` then, so
    a person sees it, and it is better than nothing to them.

    Args:
        first: the judgement of the one reader's answer.
        second: the other reader's answers, about all or some of the schema.
        schema: of the whole record.
        judge: judges an answer with what pages disagree on.
        num_asked: questions the other reader was asked; where one failed, no list is complete.
    """
    if not second:
        return first
    revision = _Revision.of(second, schema, judge, num_asked)
    taken, _ = revision.best(first)
    return revision.with_gaps_filled(taken)


@dataclass(frozen=True, slots=True)
class _Revision:
    """What a closer look said, and how to try some of it."""

    answer: Answer
    disagreements: tuple[Disagreement, ...]
    judge: JudgeAnswer
    keys: frozenset[str]
    offered: Sequence[str]

    @classmethod
    def of(
        cls, answers: Sequence[Answer], schema: Schema, judge: JudgeAnswer, num_asked: int
    ) -> _Revision:
        """Return what some answers offer; of lists only those that are complete."""
        answer, disagreements = merge_answers(answers)
        is_complete = len(answers) == num_asked and answer.stop_reason is StopReason.END
        offered = [
            unit
            for unit in dict.fromkeys(unit_of(item.path) for item in schema.fields)
            if (value := get(answer.values, unit)) and (is_complete or not isinstance(value, list))
        ]
        keys = frozenset(item.path for item in schema.fields if item.is_key)
        return cls(answer, disagreements, judge, keys, offered)

    def best(self, first: Judgement) -> tuple[Judgement, list[str]]:
        """Return the best judgement, and the units taken over for it.

        Values that only fit together (the sums of a bill) are tried together before each is
        tried alone.
        """
        offered = self.offered
        together = self._tried(first, offered) if offered else first
        better = [unit for unit in offered if self._is_better(unit, together, first)]
        taken, units = first, list[str]()
        for group in (better, *([unit] for unit in offered)):
            left = [unit for unit in group if unit not in units]
            if not left:
                continue
            tried = self._tried(taken, left)
            if all(self._is_better(unit, tried, taken) for unit in left) and not _is_loss(
                left, tried, taken
            ):
                taken, units = tried, [*units, *left]
        return taken, units

    def with_gaps_filled(self, taken: Judgement) -> Judgement:
        """Return a judgement with a value for each key field that has none and is offered one."""
        gaps = [unit for unit in self.offered if unit in self.keys and _is_gap(unit, taken)]
        if not gaps:
            return taken
        tried = self._tried(taken, gaps)
        # What a page shows was offered before, and not taken for a reason.
        unseen = [unit for unit in gaps if not tried.fields[unit].evidence]
        tried = tried if unseen == gaps else self._tried(taken, unseen)
        return taken if _is_loss(unseen, tried, taken) else tried

    def _is_better(self, unit: str, new: Judgement, old: Judgement) -> bool:
        if unit not in old.fields:
            return _is_better_list(_standing(unit, new), _standing(unit, old))
        was, now = _worth(old.fields[unit]), _worth(new.fields.get(unit))
        if old.fields[unit].status is not FieldStatus.ABSENT:
            return now > was
        # A gap that is no gap in the record needs more than a value seen somewhere.
        least = 1 if unit in self.keys else _TRUST
        return now >= least and not _is_borrowed(unit, new, old)

    def _tried(self, base: Judgement, units: Sequence[str]) -> Judgement:
        kept = [item for item in base.disagreements if unit_of(item.path) not in units]
        new = [item for item in self.disagreements if unit_of(item.path) in units]
        return self.judge(_substituted(base.answer, self.answer, units), [*kept, *new])


def _substituted(base: Answer, closer: Answer, units: Sequence[str]) -> Answer:
    """Return an answer with some leaves and lists taken from another."""
    values = copy.deepcopy(base.values)
    for unit in units:
        put_unit(values, unit, copy.deepcopy(get(closer.values, unit)))
    return replace(
        base,
        values=values,
        probabilities=_mixed(base.probabilities, closer.probabilities, units),
        places=_mixed(base.places, closer.places, units),
        second_odds=_mixed(base.second_odds, closer.second_odds, units),
    )


def _mixed(base: Mapping[str, T], closer: Mapping[str, T], units: Sequence[str]) -> dict[str, T]:
    kept = {path: item for path, item in base.items() if unit_of(path) not in units}
    return kept | {path: item for path, item in closer.items() if unit_of(path) in units}


def _worth(found: FieldValue | None) -> int:
    """Rank what was earned; a value nothing supports is worth no more than none."""
    if found is None:
        return 0
    ranks = {FieldStatus.VERIFIED: _TRUST + 1, FieldStatus.CONSISTENT: _TRUST}
    is_seen = found.status is FieldStatus.UNVERIFIED and bool(found.evidence)
    return ranks.get(found.status, int(is_seen))


def _is_gap(unit: str, judged: Judgement) -> bool:
    found = judged.fields.get(unit)
    return found is not None and found.value is None


def _is_better_list(after: _Standing, before: _Standing) -> bool:
    num_gained = after.seen.total() - before.seen.total()
    num_unseen = after.num_unseen - before.num_unseen
    is_gain = num_gained > 0 or num_unseen < 0
    return is_gain and after.seen >= before.seen and num_gained >= _MIN_GAIN * num_unseen


def _is_borrowed(unit: str, new: Judgement, old: Judgement) -> bool:
    """Whether a value stands where another field's value does.

    A seller's number is easily given for the buyer's, once that alone is asked for.
    """
    spots = {(e.page, e.box) for e in new.fields[unit].evidence}
    others = (found for path, found in old.fields.items() if path != unit)
    return any((e.page, e.box) in spots for found in others for e in found.evidence)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How well a list is supported.

    Attributes:
        seen: its values that page or arithmetic vouch for, by member and as printed; cells of
            a table are seldom sure enough to be verified.
        num_unseen: values that nothing supports.
    """

    seen: Counter[tuple[str, str | None]]
    num_unseen: int


def _standing(unit: str, judged: Judgement) -> _Standing:
    rows = {path: f for path, f in judged.fields.items() if path.startswith(f"{unit}[")}
    present = {path: f for path, f in rows.items() if f.status is not FieldStatus.ABSENT}
    seen = Counter((path.rpartition("]")[2], f.raw) for path, f in present.items() if _worth(f))
    return _Standing(seen, sum(_worth(f) == 0 for f in present.values()))


def _is_loss(units: Sequence[str], new: Judgement, old: Judgement) -> bool:
    """Whether anything but the replaced units is worse off."""
    if _num_failed(new) > _num_failed(old):
        return True
    others = [path for path in old.fields if unit_of(path) not in units]
    return any(_worth(new.fields.get(path)) < _worth(old.fields[path]) for path in others)


def _num_failed(judged: Judgement) -> int:
    return sum(check.outcome is Outcome.FAILED for check in judged.checks)


def _noted(judged: Judgement, first: Judgement, units: Sequence[str]) -> Judgement:
    def noted(found: FieldValue) -> FieldValue:
        if unit_of(found.path) not in units or found.status is FieldStatus.ABSENT:
            return found
        old = first.fields.get(found.path) if found.path in units else None
        return replace(found, revision=_revision(found, old))

    return replace(judged, fields=judged.fields.map(noted))


def _revision(found: FieldValue, old: FieldValue | None) -> str:
    is_other = old is not None and old.raw is not None and old.raw != found.raw
    return f"looked closer: was {old.raw}" if old is not None and is_other else "looked closer"
