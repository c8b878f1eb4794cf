"""The engine that needs no model: it fills any schema from words and their places.

Knows nothing of images, weights or networks. The order is in ``engine``: words become lines
(``layout/``), typed candidates (``values/``) and label hits (``labels/``), then options of single
``fields/``, ``parties/``, ``totals/`` and ``tables/`` are weighed. May import ``normalise``,
``schema`` and the seam.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docextract.core import EngineInfo
from docextract.engine.base import Answer, Question

if TYPE_CHECKING:
    from docextract.engine.text.labels.index import Index

__all__ = ["TextEngine"]


class TextEngine:
    """Answers from words alone; the same words give the same answer."""

    needs_images = False
    max_pages: int | None = None
    can_look_closer = False

    def __init__(self) -> None:
        self.info = EngineInfo(name="text")
        self._indexes: dict[str, Index] = {}

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in the order asked."""
        return [self._answer(question) for question in questions]

    def close(self) -> None:
        """Forget the schemas seen."""
        self._indexes.clear()

    def _answer(self, question: Question) -> Answer:
        # The process that hands out documents reads none, and starts without what reads them.
        from docextract.engine.text.engine import answer_to, index_for

        schema = question.schema
        if schema.id not in self._indexes:
            self._indexes[schema.id] = index_for(schema)
        return answer_to(question, self._indexes[schema.id])
