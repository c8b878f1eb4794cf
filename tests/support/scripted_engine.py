"""An engine that does as it is told, for tests of what a run makes of faults."""

from __future__ import annotations

from docextract.core import EngineInfo
from docextract.engine.base import Answer


class ScriptedEngine:
    """Answers about pixels, in this process, and fails on one document.

    Args:
        mark: a word that only this document has.
        fault: what then happens: is given the question, alone, and returns the answers.
    """

    info = EngineInfo("scripted")
    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(self, mark, fault):
        self.mark = mark
        self.fault = fault

    def answer(self, questions):
        if len(questions) == 1:
            return self.fault(questions) if self.is_marked(questions[0]) else [self.good()]
        return [answer for question in questions for answer in self.answer([question]) or []]

    def is_marked(self, question):
        """Return whether the question is about the document it fails on."""
        return any(word.text == self.mark for page in question.pages for word in page.words)

    @staticmethod
    def good():
        """Return the answer that is true for the documents of the tests."""
        return Answer({"seller": "Northwind Tools Ltd", "total": "GBP 121.50"})

    def close(self):
        """Nothing to free."""
