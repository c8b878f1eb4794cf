"""An engine that does as it is told, for tests of what a run makes of faults."""

from __future__ import annotations

from docextract.engine.base import Answer
from docextract.records import EngineInfo


class ScriptedEngine:
    """Answers about pixels, in this process; a fault comes with the question of its number.

    Args:
        faults: by number of the question, from 1: a function that is given the questions and
            returns the answers. Other questions get a good answer.
    """

    info = EngineInfo("scripted")
    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(self, faults):
        self.faults = faults
        self.num_asked = 0

    def answer(self, questions):
        self.num_asked += 1
        fault = self.faults.get(self.num_asked)
        return fault(questions) if fault else [self.good() for _ in questions]

    @staticmethod
    def good():
        """Return the answer that is true for every document of ``write_invoices``."""
        return Answer({"seller": "Northwind Tools Ltd", "total": "GBP 121.50"})

    def close(self):
        """Nothing to free."""
