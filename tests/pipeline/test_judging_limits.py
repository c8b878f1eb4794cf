"""Judging in the run's own process: strangers can make it long, but cannot hold up the run."""

from __future__ import annotations

import datetime as dt
import gc
import os
import re
import signal
import threading
from functools import cache

import pytest
from support.played_runners import Played
from support.seeing import Seeing

from docextract.core import Box, Document, Page, Reason, Word, WordSource
from docextract.documents.pages.parts import OpenedHeader, OpenTimings
from docextract.engine.base import Answer
from docextract.pipeline import assess
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.driver import Driver
from docextract.schema.loading import load_schema
from docextract.workers import Finished, Message, Stop, noted_signals

INVOICE = load_schema("invoice")
NUM_WORDS, NUM_ROWS = 20_000, 400


class Kept:
    """Keeps what it is told of documents."""

    def __init__(self):
        self.saved, self.reasons = {}, {}

    def page_read(self, owner, page):
        del owner, page

    def save(self, owner, outcome):
        self.saved[owner] = outcome

    def failed(self, event):
        self.reasons[event.key] = event.reason

    def broken(self, owner, error):
        raise AssertionError(owner) from error

    def tick(self):
        pass


@cache
def events(name, num_words):
    """Return the events of a document of one page."""
    words = tuple(
        Word(f"{number % 977}.{number % 89:02}", Box(x, y, x + 0.04, y + 0.0008))
        for number in range(num_words)
        for x, y in [(number % 20 / 20, number // 20 / (num_words / 20 + 1))]
    )
    page = Page(1, 600.0, 800.0, words, WordSource.TEXT_LAYER, image=b"123", size=(1, 1))
    parts = [OpenedHeader(Document(name, b"", name), 1), page, OpenTimings({"open": 1.0})]
    return [*(Message(name, part) for part in parts), Finished(name)]


def says(question):
    """Answer with very many rows about the long document, and with one value about the others."""
    if question.document_id != "long":
        return Answer({"invoice_number": "7.07"})
    amounts = [f"{number % 977}.{number % 89:02}" for number in range(NUM_ROWS)]
    rows = [{"description": f"Widget {it}", "unit_price": it, "net": it} for it in amounts]
    return Answer({"totals": {"net": "1.01", "tax": "2.02", "gross": "9.09"}, "lines": rows})


def driven(stop, **limits):
    """Drive a long document between two others; return what was told of them."""
    job = DocumentJob(INVOICE, Seeing(says), "print", dt.date(2026, 1, 1))
    sink = Kept()
    driver: Driver[str, object] = Driver(job.engine, lambda _: Assembly(job), sink, stop, **limits)
    played = [*events("a", 20), *events("long", NUM_WORDS), *events("b", 20)]
    driver.run(Played(*played), ())
    return sink


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_takes_too_long_to_judge_fails_alone():
    """The first alarm may come in a callback of the garbage collector, where Python swallows it."""
    sink = driven(Stop(), judging_cpu_s=0.5)
    assert sink.reasons == {"long": Reason.TIMEOUT}
    assert list(sink.saved) == ["a", "b"]


@pytest.fixture
def no_collector_callbacks():
    """Keep others' callbacks out of the garbage collector: Python swallows what is raised there."""
    kept = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks.extend(kept)


@pytest.mark.usefixtures("no_collector_callbacks")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_judging_at_once(monkeypatch, number):
    """It is sent when judging has begun, by another thread, as another process would."""
    has_begun = threading.Event()
    judge = assess.Judge.judge

    def judged(self, *args):
        if self._opened.document.path == "long":
            has_begun.set()
        return judge(self, *args)

    monkeypatch.setattr(assess.Judge, "judge", judged)

    def send():
        has_begun.wait(60)
        os.kill(os.getpid(), number)

    sender = threading.Thread(target=send)
    sender.start()
    with noted_signals() as stop:
        sink = driven(stop)
    sender.join()
    assert stop.reason == number.name
    assert list(sink.saved) == ["a"]
    assert not sink.reasons


def test_a_pattern_that_never_ends_is_left_too(monkeypatch):
    def hang(self, *args):
        return re.fullmatch(r"(a|a?)+b", "a" * 60)

    monkeypatch.setattr(assess.Judge, "judge", hang)
    sink = driven(Stop(), judging_cpu_s=0.1)
    assert set(sink.reasons) == {"a", "b", "long"}
