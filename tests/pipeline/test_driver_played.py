"""The driver over played events, without a process; and a cluster in the worker pool's place."""

from __future__ import annotations

import json
import os
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import sample_records
from support.pdfs import text_pdf, write_invoices
from support.played_runners import Played, PlayedCluster
from support.seeing import SMALL, Seeing, Silent, Stepping, running

from docextract import ask as ask_room
from docextract.ask import AskOptions, FieldsReply, FreeReply
from docextract.batch import runner as run_room
from docextract.core import Document, EngineError, ExitCode, Page, Reason, RunOptions, SetupError
from docextract.documents.pages.parts import OpenedHeader, OpenTimings, PageRead
from docextract.engine.base import Answer, Question
from docextract.pipeline.driver import Driver
from docextract.schema.loading import load_schema
from docextract.workers import Failed, Finished, Job, Message, Stop, Tick

TOTAL = load_schema("total: money")


class Paper:
    """A document that asks a question a page; its outcome is what was replied, page by page."""

    kept_pages = ()

    def __init__(self, name):
        self.is_whole = False
        self._name = name
        self._ready: list[Question] = []
        self._replies: dict[int, str] = {}
        self._num_pages = 0

    def add(self, part):
        if isinstance(part, Page):
            self._num_pages += 1
            self._ready.append(Question(self._name, (part,), TOTAL))

    def end(self):
        self.is_whole = True

    def questions(self):
        ready, self._ready = self._ready, []
        return ready

    def answered(self, question, reply):
        if reply.bug is not None:
            raise reply.bug
        self._replies[question.pages[0].number] = reply.answer.values["total"]

    def outcome(self):
        is_all = self.is_whole and len(self._replies) == self._num_pages
        return [self._replies[number] for number in sorted(self._replies)] if is_all else None


class Noting:
    """Notes what it is told of documents, but for ticks, which it counts."""

    def __init__(self):
        self.told = []
        self.num_ticks = 0

    def page_read(self, owner, page):
        self.told.append(("page", owner, page.number))

    def save(self, owner, outcome):
        self.told.append(("saved", owner, outcome))

    def failed(self, event):
        self.told.append(("failed", event.key, event.reason))

    def broken(self, owner, error):
        self.told.append(("broken", owner, type(error)))

    def tick(self):
        self.num_ticks += 1

    def of(self, kind):
        return {owner: what for told, owner, what in self.told if told == kind}


def page(number):
    return Page(number, 10, 10, image=b"123", size=(1, 1))


def opened(key, num_pages=1):
    """Return the messages of a document that is opened, but for the last event."""
    header = OpenedHeader(Document(key, b""), num_pages)
    parts = [header, *map(page, range(1, num_pages + 1)), OpenTimings({"open": 1.0})]
    return [Message(key, part) for part in parts]


def read(key, num_pages=1):
    return [*opened(key, num_pages), Finished(key)]


def says(question):
    return Answer({"total": f"{question.document_id}{question.pages[0].number}"})


def driven(*events, engine=None, stop=None, jobs=(), begin=Paper):
    """Drive documents through played events; return what was told, and the driver."""
    sink, runner = Noting(), Played(*events)
    driver: Driver[str, object] = Driver(engine or Seeing(says), begin, sink, stop or Stop())
    driver.run(runner, jobs)
    assert runner.is_left
    return sink, driver


def test_a_documents_parts_become_questions_and_its_answers_an_outcome():
    sink, driver = driven(*read("a", 2))
    assert sink.told == [("page", "a", 1), ("page", "a", 2), ("saved", "a", ["a1", "a2"])]
    assert driver._exchange.is_busy is False


@pytest.mark.parametrize("kind", [Seeing, Stepping])
def test_documents_may_come_mixed_up(kind):
    a, b = read("a", 3), read("b", 3)
    mixed = [event for pair in zip(a, b, strict=True) for event in pair]
    sink, _ = driven(*mixed, engine=kind(says))
    assert sink.of("saved") == {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}


def test_a_record_made_where_the_document_was_read_is_passed_on():
    made = sample_records.record(sample_records.document("a"))
    sink, _ = driven(Message("a", PageRead(1)), Message("a", made), Finished("a"))
    assert sink.told == [("page", "a", 1), ("saved", "a", made)]


def test_a_document_that_fails_half_read_comes_to_nothing_else():
    failed = Failed("a", Reason.TIMEOUT, "Too slow.")
    engine = Seeing(says)
    sink, _ = driven(*opened("a"), failed, *read("b"), engine=engine)
    assert sink.of("failed") == {"a": Reason.TIMEOUT}
    assert sink.of("saved") == {"b": ["b1"]}


def test_a_document_opened_anew_is_asked_about_anew():
    sink, _ = driven(*opened("a", 3), *read("a", 2))
    assert sink.of("saved") == {"a": ["a1", "a2"]}


def test_parts_without_a_beginning_are_nobodys():
    sink, _ = driven(Message("a", page(1)), Finished("a"), *read("b"))
    assert sink.of("saved") == {"b": ["b1"]}


@pytest.mark.parametrize("step", ["add", "end", "answered", "outcome"])
def test_a_bug_in_a_document_breaks_it_alone(step):
    class Broken(Paper):
        """A document with a bug."""

    def bug(*_):
        raise ZeroDivisionError

    setattr(Broken, step, bug)
    kinds = {"a": Broken, "b": Paper}
    sink, _ = driven(*read("a"), *read("b"), begin=lambda key: kinds[key](key))
    assert sink.of("broken") == {"a": ZeroDivisionError}
    assert sink.of("saved") == {"b": ["b1"]}


def test_an_engine_that_went_away_ends_it():
    engine = Seeing(lambda question: SetupError("the device went away"))
    with pytest.raises(SetupError):
        driven(*read("a"), *read("b"), engine=engine)


def test_an_engine_that_fails_on_a_question_does_not():
    failed = Answer({"total": None}, error=EngineError(Reason.ENGINE_FAILED, "Too long."))
    sink, _ = driven(*read("a"), engine=Seeing(lambda question: failed))
    assert sink.of("saved") == {"a": [None]}


def test_it_ticks_while_nothing_comes_and_while_the_engine_answers():
    sink, _ = driven(Tick(), Tick())
    assert sink.num_ticks == 2
    engine = Stepping(says, num_steps=lambda question: 30)
    sink, _ = driven(*read("a"), engine=engine)
    assert sink.num_ticks >= 20


def test_whoever_runs_jobs_is_hurried_while_the_engine_has_questions():
    runner = Played(*read("a"), Tick(), Tick(), Tick())
    engine = Stepping(says, num_steps=lambda question: 2, num_slots=4)
    driver: Driver[str, object] = Driver(engine, Paper, Noting(), Stop())
    driver.run(runner, [])
    # Before the page is there, while it is being answered, and when all is answered.
    assert runner.hurries == [False, False, True, True, True, True, False]


def test_a_signal_leaves_what_is_under_way():
    stop = Stop()
    engine = Stepping(says, num_steps=lambda question: 9)
    jobs = [Job("no:where", (), "a"), None]
    told = lambda: stop.note("SIGTERM")  # noqa: E731
    sink, driver = driven(
        *opened("a"), told, Tick(), *read("b"), engine=engine, stop=stop, jobs=jobs
    )
    assert sink.told == [("page", "a", 1)]
    assert not driver.is_idle
    assert engine.sessions[0].is_closed


def test_a_signal_in_the_engines_call_leaves_it_at_once():
    stop = Stop()

    def script(question):
        stop.note("SIGINT")

    engine = Seeing(script)
    sink, _ = driven(*read("a"), *read("b"), engine=engine, stop=stop)
    assert sink.of("saved") == {}
    assert len(engine.calls) == 1


def test_it_is_idle_when_all_that_began_has_ended():
    idle = []
    jobs = [Job("no:where", (), "a"), None, Job("no:where", (), "b")]
    sink = Noting()
    driver: Driver[str, object] = Driver(Seeing(says), Paper, sink, Stop())

    def look():
        idle.append(driver.is_idle)

    failed = Failed("b", Reason.TIMEOUT, "Too slow.")
    driver.run(Played(look, *read("a"), look, failed, look, Tick(), look), jobs)
    assert idle == [False, False, True, True]
    assert driver.is_idle


NAMES = "abcdef"


@settings(deadline=None, max_examples=60)
@given(
    pages=st.lists(st.integers(0, 4), min_size=1, max_size=len(NAMES)),
    order=st.randoms(use_true_random=False),
    num_slots=st.integers(1, 3),
)
def test_whatever_the_order_of_events_each_document_comes_to_the_same(pages, order, num_slots):
    waiting = {name: read(name, number) for name, number in zip(NAMES, pages, strict=False)}
    expected = {name: [f"{name}{n}" for n in range(1, number + 1)] for name, number in
                zip(NAMES, pages, strict=False)}  # fmt: skip
    events = []
    while waiting:
        name = order.choice(sorted(waiting))
        events.append(waiting[name].pop(0))
        events += [Tick()] * (order.random() < 0.2)
        if not waiting[name]:
            del waiting[name]
    steps: defaultdict[str, int] = defaultdict(lambda: order.randint(1, 4))
    engine = Stepping(says, num_steps=lambda question: steps[question.document_id])
    engine.num_slots = num_slots
    jobs = [Job("no:where", (), name) for name in expected]
    sink, driver = driven(*events, engine=engine, jobs=jobs)
    assert sink.of("saved") == expected
    assert len(sink.of("saved")) == len([told for told in sink.told if told[0] == "saved"])
    assert driver.is_idle


def plain(record):
    return {name: value for name, value in record.items() if name != "timings_ms"}


@pytest.fixture
def clusters(monkeypatch):
    """Put a cluster in the worker pool's place; return those that were built."""
    built: list[PlayedCluster] = []

    def build(num_workers, limits):
        built.append(PlayedCluster(num_workers, limits))
        return built[-1]

    def put(room):
        monkeypatch.setattr(room, "WorkerPool", build)
        return built

    return put


def records(out):
    rows = map(json.loads, (out / "results.jsonl").read_bytes().splitlines())
    return {row["document"]["path"].rpartition("/")[2]: plain(row) for row in rows}


def write_documents(folder):
    """Write five invoices and a file that is none."""
    write_invoices(folder, 5)
    data = text_pdf([(40, 50, "Total 1.00")])
    (folder / "cut.pdf").write_bytes(data[: len(data) // 2])


def test_a_run_over_a_cluster_leaves_the_records_of_a_run_here(tmp_path, clusters):
    write_documents(tmp_path / "in")

    def run(out):
        options = RunOptions((str(tmp_path / "in"),), "invoice", tmp_path / out, "text",
                             num_workers=2, read=SMALL)  # fmt: skip
        return run_room.run_batch(options, Silent())

    here = run("here")
    built = clusters(run_room)
    there = run("there")
    (cluster,) = built
    assert len(cluster.ended) == 6
    assert cluster.ended[-1].path.endswith("cut.pdf"), "what began first ended last"
    assert there.exit_code is here.exit_code is ExitCode.SOME_FAILED
    assert there.counts == here.counts
    assert records(tmp_path / "there") == records(tmp_path / "here")
    assert run("there").num_unchanged == 6


@pytest.mark.parametrize("kind", [Seeing, Stepping])
def test_a_model_here_answers_about_pages_a_cluster_reads(tmp_path, monkeypatch, clusters, kind):
    write_documents(tmp_path / "in")
    run = running(tmp_path, monkeypatch)
    _, here = run(kind(), out="here", num_workers=2)
    clusters(run_room)
    summary, there = run(kind(), out="there", num_workers=3)
    assert summary.exit_code is ExitCode.SOME_FAILED
    assert {name: plain(row) for name, row in there.items()} == {
        name: plain(row) for name, row in here.items()
    }


def test_replies_keep_the_order_of_the_inputs_whatever_a_cluster_ends_first(tmp_path, clusters):
    paths = [os.fspath(path) for path in write_invoices(tmp_path / "in", 4)]
    built = clusters(ask_room)
    replies: list[FieldsReply | FreeReply] = []
    options = AskOptions(tuple(paths), fields="total: money", engine="text", num_workers=2)
    ending = ask_room.ask(options, replies.append, lambda text: None)
    assert ending.exit_code is ExitCode.OK
    assert [key.document.path for key in built[0].ended][-1] == paths[0]
    assert [reply.sources[0].document.path for reply in replies] == paths
