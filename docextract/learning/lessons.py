"""Takes a confirmed document into memory: new clues, and how well the old ones would have done.

Knows nothing of labels' files or of runs. The same documents in the same order always give the
same memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from docextract.core import Page, Place
from docextract.learning.clues.clue import Clue
from docextract.learning.clues.follower import Follower
from docextract.learning.layout import marks_of
from docextract.learning.memory import LayoutMemory, Memory
from docextract.normalise import gather_evidence, same_value
from docextract.schema import Field, Schema
from docextract.verify.grounding.grounder import Grounder

_MAX_CLUES = 9
_SLIP = 2
"""Documents in which a spelling that was confirmed once stood, with the one that differs."""
_NAMES = ("seller.name", "merchant.name", "bank.name")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A confirmed document.

    Attributes:
        sha256: hash of its bytes.
        pages: its words.
        schema: of the values.
        values: typed, by path, outside lists; None where a person said that there is none.
        places: where they stand, as far as a person or a run pointed there.
        read: what the run had read, by path.
    """

    sha256: str
    pages: Sequence[Page]
    schema: Schema
    values: Mapping[str, str | None]
    places: Mapping[str, Place]
    read: Mapping[str, str | None]


def learn(memory: Memory, lesson: Lesson) -> Memory:
    """Return a memory that knows one more document; one that it knows already changes nothing."""
    known = {sha256 for layout in memory.layouts for sha256 in layout.documents}
    if lesson.sha256 in known.union(memory.forgotten):
        return memory
    marks = marks_of(lesson.pages)
    old = memory.layout_of(lesson.schema.name, marks)
    if old is None:
        name = next(filter(None, map(lesson.values.get, _NAMES)), "")
        new = LayoutMemory(lesson.schema.name, name, marks)
        return replace(memory, layouts=(*memory.layouts, _taught(new, lesson)))
    # What all its documents share is the layout; the rest was theirs alone.
    new = replace(old, marks=frozenset(old.marks & marks))
    layouts = tuple(_taught(new, lesson) if it is old else it for it in memory.layouts)
    return replace(memory, layouts=layouts)


def _taught(layout: LayoutMemory, lesson: Lesson) -> LayoutMemory:
    locale = gather_evidence(" ".join(w.text for w in page.words) for page in lesson.pages)
    follower = Follower(lesson.pages, Grounder(lesson.pages, locale).ground, locale)
    clues, misread, absent = dict(layout.clues), dict(layout.misread), dict(layout.absent)
    for path, value in lesson.values.items():
        field = lesson.schema.field_at(path)
        if field is None:
            continue
        misread[path] = misread.get(path, 0) + _differs(value, lesson.read.get(path), field)
        absent[path] = absent.get(path, 0) + (value is None)
        old = clues.get(path, ())
        known = [_tried(clue, follower, field, value) for clue in old]
        if value is not None:
            offered = list(follower.clues(field, value, lesson.places.get(path)))
            known = [_respelled(clue, offered, field) for clue in known]
            right = {it for it, was in zip(known, old, strict=True) if it.num_right > was.num_right}
            leading = (it for it in offered if _leads(it, follower, field, value))
            new = _new_ones(known, leading, is_placed=any(it.near for it in right))
            known += [it for it in new if not _is_known(it, known, field)]
        if known:
            best = sorted(known, key=lambda clue: (-clue.weight, -clue.num_right))
            clues[path] = tuple(best[:_MAX_CLUES])
    return replace(
        layout,
        documents=(*layout.documents, lesson.sha256),
        clues=clues,
        misread={path: number for path, number in misread.items() if number},
        absent={path: number for path, number in absent.items() if number},
    )


def _differs(value: str | None, read: str | None, field: Field) -> bool:
    if value is None or read is None:
        return value is not read
    return not same_value(value, read, field)


def _tried(clue: Clue, follower: Follower, field: Field, value: str | None) -> Clue:
    """Return a clue with what this document says of it."""
    found = follower.follow(clue, field)
    if found is None:
        return clue
    said = found.reading.value or ""
    is_right = value is not None and same_value(said, value, field)
    return (follower.refined(clue, found) if is_right else clue).judged(is_right=is_right)


def _leads(clue: Clue, follower: Follower, field: Field, value: str) -> bool:
    """Whether a clue leads to the value it was made of; else its words are no label."""
    return _tried(clue, follower, field, value).num_right > clue.num_right


def _respelled(clue: Clue, offered: Sequence[Clue], field: Field) -> Clue:
    """Return a constant as it is spelled now, if it was spelled otherwise but once: a slip."""
    new = next((it for it in offered if it.constant), None)
    if new is None or clue.num_right > _SLIP or not _is_known(new, [clue], field):
        return clue
    return replace(new, num_right=clue.num_right, num_wrong=clue.num_wrong)


def _is_known(new: Clue, known: Sequence[Clue], field: Field) -> bool:
    """Whether a constant is known already, if only in another spelling."""
    constants = (it.constant for it in known if it.constant)
    return bool(new.constant) and any(same_value(new.constant, it, field) for it in constants)


def _new_ones(known: Sequence[Clue], offered: Iterator[Clue], *, is_placed: bool) -> Iterator[Clue]:
    """Yield the clues that are new; no second place where the known one holds."""
    ways = {clue.way for clue in known}
    for clue in offered:
        if clue.way not in ways and not (clue.near and is_placed):
            ways.add(clue.way)
            yield clue
