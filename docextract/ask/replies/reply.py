"""What is said in the end: one reply per question and subject, and its JSON.

Knows nothing of how answers came about, nor of files or terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from docextract.ask.questions.subjects import Source, locate
from docextract.core import (
    AskedQuestion,
    EngineInfo,
    ErrorItem,
    Evidence,
    FieldStatus,
    Record,
    RecordStatus,
    Tree,
)


class ReplyStatus(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to a question in a person's own words.

    Attributes:
        text: the answer.
        pages: it was given about, by their numbers in the subject.
        probability: joint probability of its tokens, 0 to 1, or None. It says how sure the
            model was of these very words, so it falls as answers grow longer.
        evidence: where the words of the pages say the same; None where they do not.
        is_checkable: whether the pages have words at all.
    """

    text: str
    pages: tuple[int, ...] = ()
    probability: float | None = None
    evidence: Evidence | None = None
    is_checkable: bool = True


@dataclass(frozen=True, slots=True)
class FreeReply:
    """The reply to a question in a person's own words.

    Attributes:
        question: as it was asked.
        sources: what it was asked about.
        said: the answers that differ, best first: those printed on a page, then the more
            probable. More than one only where the pages were asked one by one.
        is_answered: whether the engine gave any answer, and be it that nothing is shown.
        engine: which engine answered.
        errors: what went wrong.
        asked: what was shown to the engine, and how each of its answers ended.
    """

    question: str
    sources: tuple[Source, ...]
    said: tuple[Said, ...]
    is_answered: bool
    engine: EngineInfo
    errors: tuple[ErrorItem, ...] = ()
    asked: tuple[AskedQuestion, ...] = ()

    @property
    def status(self) -> ReplyStatus:
        """``absent`` only where the engine looked at a page and found nothing."""
        if self.said:
            return ReplyStatus.ANSWERED
        return ReplyStatus.ABSENT if self.is_answered else ReplyStatus.FAILED

    @property
    def is_failed(self) -> bool:
        """Whether there is no answer because something went wrong."""
        return self.status is ReplyStatus.FAILED

    @property
    def best(self) -> Said | None:
        """The answer to show."""
        return self.said[0] if self.said else None

    def to_json(self) -> Tree:
        """Return the reply as JSON."""
        best = self.best
        return {
            "question": self.question,
            "status": self.status.value,
            "answer": best and best.text,
            "probability": best and _rounded(best.probability),
            "evidence": best and _evidence_json(best.evidence, self.sources),
            "others": [_said_json(said, self.sources) for said in self.said[1:]],
            "documents": documents_json(self.sources),
            "shown": [_shown_json(item, self.sources) for item in self.asked],
            "engine": asdict(self.engine),
            "errors": [asdict(error) for error in self.errors],
        }


@dataclass(frozen=True, slots=True)
class FieldsReply:
    """The reply to a question for fields: a record, as a run makes it."""

    record: Record
    sources: tuple[Source, ...]

    @property
    def is_failed(self) -> bool:
        """Whether nothing was read, or nothing was found and the engine failed."""
        fields = self.record.fields.values()
        is_empty = all(item.status is FieldStatus.ABSENT for item in fields)
        has_engine_failed = any(error.stage == "answer" for error in self.record.errors)
        is_failed = self.record.status is RecordStatus.FAILED
        return is_failed or (is_empty and has_engine_failed)

    def to_json(self) -> Tree:
        """Return the record; pages of several documents have their ``path`` beside them."""
        tree = self.record.to_json()
        if len(self.sources) > 1:
            evidence = [item for found in tree["fields"].values() for item in found["evidence"]]
            for item in (*evidence, *tree["pages"]):
                document, item["page"] = locate(self.sources, item["page"])
                item["path"] = document.path
            tree["documents"] = documents_json(self.sources)
        return tree


Reply = FreeReply | FieldsReply


def documents_json(sources: Sequence[Source]) -> list[Tree]:
    """Return which files were asked about, and which of their pages were read."""
    return [
        {
            "path": source.document.path,
            "sha256": source.document.sha256,
            "media_type": source.document.media_type,
            "pages": list(source.pages),
        }
        for source in sources
    ]


def _said_json(said: Said, sources: Sequence[Source]) -> Tree:
    return {
        "answer": said.text,
        "probability": _rounded(said.probability),
        "evidence": _evidence_json(said.evidence, sources),
        "pages": [locate(sources, number)[1] for number in said.pages],
    }


def _shown_json(asked: AskedQuestion, sources: Sequence[Source]) -> Tree:
    places = [locate(sources, number) for number in asked.pages]
    return {
        "pages": [{"path": document.path, "page": page} for document, page in places],
        "views": list(asked.views),
        "stop": asked.stop,
    }


def _evidence_json(evidence: Evidence | None, sources: Sequence[Source]) -> Any:
    if evidence is None or evidence.page is None or evidence.box is None:
        return None
    document, page = locate(sources, evidence.page)
    return {
        "path": document.path,
        "page": page,
        "box": [round(edge, 5) for edge in evidence.box],
        "quote": evidence.quote,
        "match": evidence.match.value,
        "source": evidence.source.value,
    }


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)
