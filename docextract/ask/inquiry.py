"""One document, or several together, on the way from parts to replies.

Knows nothing of workers, files or terminals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from docextract.ask.subjects import Subject, alone
from docextract.ask.wanted import Heard, Wanted
from docextract.ask.window import Waiting
from docextract.config import ReadOptions
from docextract.documents.parts import OpenedHeader, Part, collect
from docextract.engine.base import Answer, Engine, Question
from docextract.records import OpenedDocument, Page


class Inquiry:
    """Takes a document's parts as they come, and has its pages asked about.

    All pages stand in one question where the engine takes as many; else each is asked about
    alone, at once, and then loses its pixels.

    Args:
        wanted: what is asked.
        engine: which is asked.
        read: which pages are read.

    Attributes:
        heard: for each of ``wanted``, the answers so far in the order of the pages.
    """

    def __init__(self, wanted: Sequence[Wanted], engine: Engine, read: ReadOptions) -> None:
        self.heard: list[list[Heard]] = [[] for _ in wanted]
        self._wanted = wanted
        self._max_pages = engine.max_pages
        self._read = read
        self._parts: list[Part] = []
        self._subject: Subject | None = None
        self._document_id = ""
        self._is_page_by_page = False
        self._num_unanswered = 0

    @property
    def subject(self) -> Subject | None:
        """What was asked about, without pixels; None while it is incomplete."""
        return None if self._num_unanswered else self._subject

    def add(self, part: Part) -> Iterator[Waiting]:
        """Take one part, in the order in which the document was opened; yield what it asks."""
        if isinstance(part, OpenedHeader):
            self._document_id = part.document.sha256
            num_pages = len(self._read.pages.numbers(part.num_pages))
            self._is_page_by_page = self._max_pages is not None and num_pages > self._max_pages
        if isinstance(part, Page) and self._is_page_by_page:
            yield from self._ask((part,))
            part = _without_pixels(part)
        self._parts.append(part)

    def end(self) -> Iterator[Waiting]:
        """Take note that all parts are there; yield what is left to ask."""
        yield from self._settle(alone(collect(self._parts)), is_asked=self._is_page_by_page)

    def begin_with(self, subject: Subject) -> Iterator[Waiting]:
        """Ask about what is already opened, all at once."""
        self._document_id = subject.opened.document.sha256
        yield from self._settle(subject, is_asked=False)

    def _settle(self, subject: Subject, *, is_asked: bool) -> Iterator[Waiting]:
        opened = subject.opened
        self._parts.clear()
        self._subject = Subject(_words_only(opened), subject.sources)
        if opened.pages and not is_asked:
            yield from self._ask(opened.pages)

    def _ask(self, pages: tuple[Page, ...]) -> list[Waiting]:
        # Counted before the first is answered, so that no reply is given too early.
        self._num_unanswered += len(self._wanted)
        return [self._waiting(index, wanted, pages) for index, wanted in enumerate(self._wanted)]

    def _waiting(self, index: int, wanted: Wanted, pages: tuple[Page, ...]) -> Waiting:
        numbers = tuple(page.number for page in pages)

        def hear(answer: Answer) -> None:
            self.heard[index].append(Heard(numbers, answer))
            self._num_unanswered -= 1

        question = Question(self._document_id, pages, wanted.schema, wanted.question)
        return Waiting(question, hear)


def _words_only(opened: OpenedDocument) -> OpenedDocument:
    return replace(opened, pages=tuple(map(_without_pixels, opened.pages)))


def _without_pixels(page: Page) -> Page:
    return page if page.image is None else replace(page, image=None, size=None)
