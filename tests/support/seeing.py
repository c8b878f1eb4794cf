"""Engines for tests of how questions are carried: they look at pixels, and do as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import docextract.batch.runner
from docextract.core import EngineInfo, ReadOptions, RunOptions, SetupError
from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.pipeline.questions import without_pixels

Script = Callable[[Question], Answer | Exception | None]


SMALL = ReadOptions(dpi=72)


class Silent:
    """A reporter that tells nobody."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return what runs ``folder/in`` with an engine.

    It gives the summary, or what took the engine from the run, and the records by name.
    """

    def run(engine: Any, schema: str = "invoice", out: str = "out", **more: Any) -> Any:
        monkeypatch.setattr(docextract.batch.runner, "load_engine", lambda choice: engine)
        settings = {"read": SMALL, "num_workers": 1, **more}
        options = RunOptions((str(folder / "in"),), schema, folder / out, "text", **settings)
        try:
            summary: Any = docextract.batch.runner.run_batch(options, Silent())
        except SetupError as error:
            summary = error
        rows = map(json.loads, (folder / out / "results.jsonl").read_bytes().splitlines())
        return summary, {Path(row["document"]["path"]).stem: row for row in rows}

    return run


class Seeing:
    """Answers as the text engine does, unless the script has something else to say.

    Args:
        script: an answer for a question, an exception to be raised for every call that holds
            it, or None for what the text engine says.
        max_pages: most pages of one question.
        can_look_closer: whether it is asked again.

    Attributes:
        calls: the questions of each call, without their pixels' bytes.
    """

    needs_images = True

    def __init__(
        self,
        script: Script = lambda question: None,
        *,
        max_pages: int | None = None,
        can_look_closer: bool = False,
    ) -> None:
        self.info = EngineInfo("seeing")
        self.max_pages = max_pages
        self.can_look_closer = can_look_closer
        self.calls: list[list[Question]] = []
        self._script = script
        self._text = TextEngine()

    @property
    def questions(self) -> list[Question]:
        return [question for call in self.calls for question in call]

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        for question in questions:
            assert all(page.image for page in question.pages), "a page came without its pixels"
        self.calls.append(list(questions))
        return [self._answered(question) for question in questions]

    def close(self) -> None:
        """Nothing to free."""

    def _answered(self, question: Question) -> Answer:
        said = self._script(question)
        if isinstance(said, Exception):
            raise said
        return said if said is not None else self._text.answer([question])[0]


class Stepping(Seeing):
    """The same in sessions: several questions at once, each for as many steps as it takes.

    Args:
        script: as of ``Seeing``; an exception breaks the session.
        num_steps: how many steps a question takes; an answer is read off at the last one.
        num_slots: questions answered at once; as many again may wait.
        num_wanted: as of ``SteppingSession``.
        options: of ``Seeing``.

    Attributes:
        sessions: that were begun.
    """

    def __init__(
        self,
        script: Script = lambda question: None,
        *,
        num_steps: Callable[[Question], int] = lambda question: 1,
        num_slots: int = 2,
        num_wanted: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(script, **options)
        self._num_wanted = num_wanted
        self.num_steps = num_steps
        self.num_slots = num_slots
        self.sessions: list[SteppingSession] = []

    def begin(self) -> SteppingSession:
        self.sessions.append(SteppingSession(self, self._num_wanted))
        return self.sessions[-1]


class SteppingSession:
    """A session of ``Stepping``.

    Args:
        engine: that answers.
        num_wanted: nothing is answered before so many questions were asked, or for long.

    Attributes:
        asked: all questions so far, without their pixels.
        ended: numbers in the order in which they were answered.
        num_idle: steps in which nothing was answered because too few were asked.
    """

    def __init__(self, engine: Stepping, num_wanted: int = 0) -> None:
        self.asked: list[Question] = []
        self.ended: list[int] = []
        self.num_idle = 0
        self.is_closed = False
        self._engine = engine
        self._num_wanted = num_wanted
        self._open: dict[int, Question] = {}
        self._left: dict[int, int] = {}

    @property
    def num_open(self) -> int:
        return len(self._open)

    @property
    def has_room(self) -> bool:
        return self.num_open < 2 * self._engine.num_slots

    def ask(self, question: Question) -> int:
        assert all(page.image for page in question.pages), "a page came without its pixels"
        number = len(self.asked)
        self.asked.append(replace(question, pages=tuple(map(without_pixels, question.pages))))
        self._open[number] = question
        self._left[number] = self._engine.num_steps(question)
        return number

    def step(self) -> dict[int, Answer]:
        if len(self.asked) < self._num_wanted and self.num_idle < 100_000:
            self.num_idle += 1
            return {}
        for number in list(self._open)[: self._engine.num_slots]:
            self._left[number] -= 1
        done = [number for number in self._open if self._left[number] <= 0]
        answers = {number: self._engine._answered(self._open.pop(number)) for number in done}
        self.ended += done
        return answers

    def close(self) -> None:
        self.is_closed = True
        self._open.clear()


def words_of(question: Question) -> str:
    """Return all words of a question's pages."""
    return " ".join(word.text for page in question.pages for word in page.words)
