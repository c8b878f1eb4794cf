"""Questions of many documents, one engine: what is answered together, fails alone, is lost."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from support.pdfs import text_pdf, write_invoices
from support.seeing import SMALL, Seeing, Stepping, running, words_of

import docextract.pipeline.driver
import docextract.pipeline.questions
from docextract import extract
from docextract.core import Document, EngineError, ExitCode, Page, Reason
from docextract.documents.pages.parts import OpenedHeader
from docextract.engine.base import Answer, Question
from docextract.pipeline.dispatch import Exchange, Reply, ask
from docextract.pipeline.driver import Driver
from docextract.schema.loading import load_schema
from docextract.workers.events import Message
from docextract.workers.signals import Stop

TOTAL = load_schema("invoice_number, total: money")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a folder with an engine of the test's own; return the summary and records by name."""
    return running(tmp_path, monkeypatch)


def plain(record):
    """Return a record without what differs from run to run."""
    return {name: value for name, value in record.items() if name != "timings_ms"}


def names(questions):
    return [words_of(question).partition("INV-")[2][:5] for question in questions]


def write(folder, name, *pages):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text_pdf(*pages))


ENGINES = [Seeing, Stepping]


@pytest.mark.parametrize("kind", ENGINES)
def test_each_document_gets_its_own_answer(tmp_path, run, kind):
    write_invoices(tmp_path / "in", 7)
    summary, records = run(kind(), num_workers=2)
    assert summary.exit_code is ExitCode.OK
    numbers = {record["values"]["invoice_number"] for record in records.values()}
    assert numbers == {f"INV-{number:05}" for number in range(1, 8)}


def test_records_are_those_of_one_question_at_a_time(tmp_path, run):
    write_invoices(tmp_path / "in", 5)
    engine = Stepping(num_steps=lambda question: 1 + int(words_of(question)[-1]) % 3)
    _, together = run(engine, num_workers=2)
    _, alone = run(Seeing(), out="alone")
    assert {name: plain(record) for name, record in together.items()} == {
        name: plain(record) for name, record in alone.items()
    }


def test_documents_are_read_and_asked_about_while_others_are_answered(tmp_path, run):
    write_invoices(tmp_path / "in", 4)
    engine = Stepping(num_wanted=4)
    summary, records = run(engine)
    assert summary.exit_code is ExitCode.OK
    (session,) = engine.sessions
    assert len(records) == len(session.asked) == 4
    assert 0 < session.num_idle < 100_000
    assert session.is_closed


class Gate:
    """A session that works only once so many questions were asked."""

    def __init__(self, session, num_wanted):
        self._session = session
        self._num_wanted = num_wanted

    def __getattr__(self, name):
        return getattr(self._session, name)

    def step(self):
        return {} if self._session.num_open < self._num_wanted else self._open_gate()

    def _open_gate(self):
        self._num_wanted = 0
        return self._session.step()


def test_a_tiny_llava_answers_side_by_side_as_if_alone(tmp_path, tiny_llava, run, monkeypatch):
    from docextract.engine.llava.llava_engine import LlavaEngine

    def ran(num_slots, out):
        engine = LlavaEngine(tiny_llava(), max_new_tokens=30, num_slots=num_slots)
        engine.can_look_closer = False
        gate = Gate(engine.begin(), 4)
        monkeypatch.setattr(engine, "begin", lambda: gate)
        _, records = run(engine, "vendor, total: money", out, num_workers=1)
        return records, engine._decoder.num_forwards

    write_invoices(tmp_path / "in", 4)
    together, num_together = ran(4, "out")
    alone, num_alone = ran(1, "alone")
    assert together.keys() == alone.keys()
    for name, record in together.items():
        assert plain(record) | {"usage": 0} == plain(alone[name]) | {"usage": 0}
        assert record["usage"]["completion_tokens"] > 0
    assert num_together < num_alone


PAGES = [[(40, 50, f"Total {number}.00")] for number in range(1, 5)]


@pytest.mark.parametrize(
    ("num_pages", "max_pages", "asked"),
    [
        (1, 1, [[1]]),
        (3, 3, [[1, 2, 3]]),
        (4, 3, [[1], [2], [3], [4]]),
        (4, None, [[1, 2, 3, 4]]),
    ],
)
def test_pages_are_asked_together_while_they_fit(tmp_path, run, num_pages, max_pages, asked):
    write(tmp_path / "in", "a.pdf", *PAGES[:num_pages])
    engine = Seeing(
        lambda question: Answer({"total": None}, views=("p1 whole",)), max_pages=max_pages
    )
    _, records = run(engine, "total: money")
    assert [[page.number for page in question.pages] for question in engine.questions] == asked
    questions = records["a"]["questions"]
    assert [row["pages"] for row in questions] == asked
    assert {tuple(row["views"]) for row in questions} == {("p1 whole",)}
    assert {row["stop"] for row in questions} == {"end"}


def test_pages_with_too_many_pixels_are_asked_alone_and_let_go(tmp_path, run, monkeypatch):
    monkeypatch.setattr(docextract.pipeline.questions, "MAX_KEPT_BYTES", 100_000)
    monkeypatch.setattr(docextract.pipeline.driver, "MAX_HELD_BYTES", 100_000)
    write(tmp_path / "in", "a.pdf", *PAGES)
    engine = Seeing(lambda question: Answer({"total": None}), can_look_closer=True)
    _, records = run(engine, "total: money")
    # The second page is only opened for good when the first has been asked and let go.
    assert [len(call) for call in engine.calls] == [1, 1, 1, 1]
    assert len(records["a"]["questions"]) == 4, "no pixels are left for a closer look"


def living_pages():
    # isinstance would ask each object for its class, and some of torch warn when asked.
    return [item for item in gc.get_objects() if type(item) is Page]


class Forgetful(list[list[Question]]):
    """A list that keeps nothing."""

    def append(self, item):
        """Forget it."""


PAGE_BYTES = 3 * 848 * 1200
"""Of an A4 page at the least height that pages are drawn with."""


@pytest.mark.parametrize("kind", ENGINES)
def test_pixels_held_stay_under_their_bounds(tmp_path, run, monkeypatch, kind):
    monkeypatch.setattr(docextract.pipeline.questions, "MAX_KEPT_BYTES", 2 * PAGE_BYTES)
    monkeypatch.setattr(docextract.pipeline.driver, "MAX_HELD_BYTES", 5 * PAGE_BYTES)
    for name in ("a.pdf", "b.pdf"):
        write(tmp_path / "in", name, *[[(40, 50, f"{name} {number}")] for number in range(15)])
    older = {id(page): page for page in living_pages()}
    held: list[int] = []

    def script(question):
        pages = [page for page in living_pages() if id(page) not in older]
        assert {len(page.image or b"") for page in pages} <= {0, PAGE_BYTES}
        held.append(sum(len(page.image or b"") for page in pages))
        return Answer({"total": None})

    engine = kind(script, can_look_closer=True)
    engine.calls = Forgetful()
    _, records = run(engine, "total: money")
    assert [len(record["questions"]) for record in records.values()] == [15, 15]
    assert max(held) <= (5 + 2 * 2 + 2) * PAGE_BYTES, (
        "what waits, two documents, pages on their way"
    )


def test_reading_waits_for_an_engine_that_has_all_it_wants(tmp_path, run):
    write(tmp_path / "in", "a.pdf", *[[(40, 50, f"Sheet {number}")] for number in range(30)])
    older = {id(page): page for page in living_pages()}
    num_held: list[int] = []

    def script(question):
        pages = [page for page in living_pages() if id(page) not in older and page.image]
        num_held.append(len(pages))
        return Answer({"total": None})

    engine = Stepping(script, num_steps=lambda question: 20, max_pages=1)
    _, records = run(engine, "total: money", num_workers=1)
    assert len(records["a"]["questions"]) == 30
    assert max(num_held) <= 6, "four with the engine, one read, one on its way"


def test_usage_is_summed_over_questions(tmp_path, run):
    write(tmp_path / "in", "a.pdf", *PAGES[:2])
    usage = {"prompt_tokens": 100.0, "seconds": 0.25}
    _, records = run(Seeing(lambda question: Answer({}, usage=usage), max_pages=1), "total: money")
    assert records["a"]["usage"] == {"prompt_tokens": 200, "seconds": 0.5}


BAD = EngineError(Reason.ENGINE_FAILED, "the page is too long for the model")


def test_answers_in_any_order_make_the_same_record(tmp_path, run):
    write(tmp_path / "in", "a.pdf", *PAGES)

    def script(question):
        number = question.pages[0].number
        usage = {"prompt_tokens": float(number)}
        return Answer({"total": f"{number}.00"}, usage=usage, views=(f"p{number} whole",))

    engine = Stepping(
        script,
        num_steps=lambda question: 9 - question.pages[0].number,
        num_slots=4,
        num_wanted=4,
        max_pages=1,
    )
    _, together = run(engine, "total: money")
    assert engine.sessions[0].ended == [3, 2, 1, 0]
    _, alone = run(Seeing(script, max_pages=1), "total: money", "alone")
    assert plain(together["a"]) == plain(alone["a"])
    assert together["a"]["values"]["total"] == "1.00"


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("way", ["told", "raised"])
def test_a_question_that_fails_concerns_its_own_document_alone(tmp_path, run, way, kind):
    write_invoices(tmp_path / "in", 6)
    said = Answer({}, error=BAD) if way == "told" else BAD
    engine = kind(lambda question: said if "INV-00003" in words_of(question) else None)
    summary, records = run(engine)
    assert summary.exit_code is ExitCode.SOME_FAILED
    bad = records.pop("invoice-00003")
    assert [(item["stage"], item["reason"], item["page"]) for item in bad["errors"]] == [
        ("answer", "engine_failed", 1)
    ]
    assert (bad["status"], bad["values"]) == ("failed", None)
    assert [row["stop"] for row in bad["questions"]] == ["error"]
    assert all(record["errors"] == [] for record in records.values())
    assert all(record["values"]["totals"]["gross"] for record in records.values())


@pytest.mark.parametrize("kind", ENGINES)
def test_a_bug_on_one_question_is_that_documents_failure(tmp_path, run, kind):
    write_invoices(tmp_path / "in", 5)
    engine = kind(lambda q: ZeroDivisionError() if "INV-00002" in words_of(q) else None)
    summary, records = run(engine)
    assert summary.exit_code is ExitCode.UNEXPECTED
    failed = [record for record in records.values() if record["status"] == "failed"]
    assert [record["errors"][0]["reason"] for record in failed] == ["internal"]
    assert len(records) == 5


def test_a_wrong_number_of_answers_is_an_error(tmp_path, run, monkeypatch):
    write_invoices(tmp_path / "in", 3)
    engine = Seeing()
    answer = engine.answer

    def forgetful(questions):
        return answer([one for one in questions if "INV-00002" not in words_of(one)])

    monkeypatch.setattr(engine, "answer", forgetful)
    _, records = run(engine)
    messages = [item["message"] for record in records.values() for item in record["errors"]]
    assert messages == ["the engine gave 0 answers to 1 questions"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["good", "told", "raised", "bug"]), max_size=20))
def test_every_question_gets_its_own_reply(kinds):
    said: dict[str, Answer | Exception] = {
        "good": Answer({}),
        "told": Answer({}, error=BAD),
        "raised": BAD,
        "bug": KeyError("x"),
    }
    engine = Seeing(lambda question: said[question.document_id])
    page = Page(1, 10, 10, image=b"123", size=(1, 1))
    replies = ask(engine, [Question(kind, (page,), TOTAL) for kind in kinds])
    found = []
    for reply in replies:
        has_error = reply.answer.error is not None
        found.append("bug" if reply.bug else "failed" if has_error else "good")
    assert found == ["failed" if kind in ("told", "raised") else kind for kind in kinds]


def test_a_document_that_breaks_while_its_pages_wait_is_forgotten(tmp_path, run):
    write_invoices(tmp_path / "in", 2)
    data = text_pdf(*PAGES)
    (tmp_path / "in" / "cut.pdf").write_bytes(data[: len(data) // 2])
    engine = Seeing(max_pages=1)
    _, records = run(engine)
    assert len(records) == 3


def test_a_watched_folder_does_not_wait_for_more(tmp_path, run):
    write_invoices(tmp_path / "in", 1)

    def script(question):
        if "INV-00001" in words_of(question):
            write_invoices(tmp_path / "in", 1, start=2)
        else:
            os.kill(os.getpid(), signal.SIGINT)

    engine = Seeing(script)
    summary, records = run(engine, settle_s=0.1)
    assert summary.exit_code is ExitCode.INTERRUPTED, "the second invoice was being asked about"
    assert list(records) == ["invoice-00001"]
    assert [len(call) for call in engine.calls] == [1, 1]


class Bill(BaseModel):
    """What the Python API is asked for."""

    invoice_number: str | None = None


def test_extract_asks_the_same_way(tmp_path):
    (path,) = write_invoices(tmp_path, 1)
    engine = Seeing(max_pages=2)
    extraction = extract(path, Bill, engine=engine, read=SMALL)
    assert extraction.values.invoice_number == "INV-00001"
    assert [question.pages for question in extraction.record.questions] == [(1,)]
    engine = Seeing(lambda question: ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        extract(path, Bill, engine=engine, read=SMALL)


def question(name="a", number=1, **options):
    page = Page(number, 10, 10, image=b"123", size=(1, 1))
    return Question(name, (page,), TOTAL, **options)


def drained(exchange):
    replies = []
    while exchange.is_busy:
        replies += exchange.step()
    return replies


class TestExchange:
    def test_a_closer_look_is_asked_first(self):
        engine = Stepping(lambda question: Answer({}), num_slots=1)
        exchange: Exchange[str] = Exchange(engine)
        exchange.add("a", [question("a", number) for number in (1, 2, 3)])
        exchange.add("b", [question("b", number, is_closer=True) for number in (1, 2)])
        drained(exchange)
        asked = [(item.document_id, item.pages[0].number) for item in engine.sessions[0].asked]
        assert asked == [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("a", 3)], "two were asked at once"

    def test_what_does_not_fit_waits_until_it_is_dropped(self):
        engine = Stepping(lambda question: Answer({}), num_slots=1)
        exchange: Exchange[str] = Exchange(engine)
        exchange.add("a", [question()])
        exchange.add("b", [question("b") for _ in range(3)])
        assert [asked.owner for asked, _ in exchange.step()] == ["a"]
        assert not exchange.has_room, "two questions of b are asked, one waits"
        exchange.drop("b")
        assert [asked.owner for asked, _ in drained(exchange)] == ["b", "b"]

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["good", "told", "raised", "bug"]),
                st.integers(1, 4),
                st.booleans(),
            ),
            max_size=20,
        ),
        st.integers(1, 4),
    )
    def test_every_question_gets_its_own_reply(self, kinds, num_slots):
        def script(question):
            return {
                "told": Answer({}, error=BAD), "raised": BAD, "bug": KeyError("x")
            }.get(question.document_id, Answer({"total": question.instructions}))  # fmt: skip

        num_steps = {str(i): number for i, (_, number, _) in enumerate(kinds)}
        engine = Stepping(
            script, num_steps=lambda asked: num_steps[asked.instructions], num_slots=num_slots
        )
        exchange: Exchange[int] = Exchange(engine)
        replies = []
        for i, (kind, _, is_step) in enumerate(kinds):
            exchange.add(i, [question(kind, instructions=str(i))])
            replies += exchange.step() if is_step else []
        replies += drained(exchange)
        assert sorted(asked.owner for asked, _ in replies) == list(range(len(kinds)))
        for (owner, asked), reply in replies:
            kind = kinds[owner][0]
            assert asked.instructions == str(owner)
            assert (reply.bug is not None) == (kind == "bug")
            assert (reply.answer.error is not None) == (kind in ("told", "raised"))
            assert kind != "good" or reply.answer.values == {"total": str(owner)}


class Noting:
    """A document that notes what comes in."""

    is_whole = True
    kept_pages = ()

    def __init__(self):
        self.ready = [question()]
        self.replies: list[Reply] = []

    def add(self, part):
        """Take a part."""

    def end(self):
        """Whole."""

    def questions(self):
        ready, self.ready = self.ready, []
        return ready

    def answered(self, question, reply):
        self.replies.append(reply)

    def outcome(self):
        return self.replies or None


class ToldPool:
    """A pool whose events are given."""

    def __init__(self, events):
        self._events = events

    def run(self, jobs, is_hurried):
        yield from self._events


class Saved:
    """Notes what comes of documents."""

    def __init__(self):
        self.outcomes: list[object] = []

    def page_read(self, owner, page):
        """Not noted."""

    def save(self, owner, outcome):
        self.outcomes.append(outcome)

    def failed(self, event):
        """Not noted."""

    def broken(self, owner, error):
        """Not noted."""

    def tick(self):
        """Not noted."""


def test_a_document_opened_anew_gets_no_answer_to_what_was_asked_before():
    header = OpenedHeader(Document("a", b"a"), 1)
    engine = Stepping(lambda question: Answer({}), num_slots=2)
    begun: list[Noting] = []
    saved = Saved()

    def begin(key):
        begun.append(Noting())
        return begun[-1]

    driver: Driver[str, object] = Driver(engine, begin, saved, Stop())
    driver.run(ToldPool([Message("a", header), Message("a", header)]), [])
    assert len(engine.sessions[0].asked) == 2
    assert [len(document.replies) for document in begun] == [0, 1]
    assert saved.outcomes == [begun[1].replies]


SCRIPT = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    import docextract.batch.runner
    from docextract.core import ReadOptions, RunOptions
    from docextract.batch.runner import run_batch
    from support.seeing import Seeing, Stepping, words_of

    class Silent:
        def __getattr__(self, name):
            return lambda *args, **kwargs: None

    def script(question):
        if "INV-00003" in words_of(question):
            Path("asked").touch()
            while True:
                time.sleep(0.01)

    docextract.batch.runner.load_engine = lambda choice: Seeing(script)
    options = RunOptions(("in",), "invoice", Path("out"), "text", num_workers=1,
                         read=ReadOptions(dpi=72))
    sys.exit(run_batch(options, Silent()).exit_code)
    """
)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_a_run_cut_in_the_middle_of_a_call_goes_on(tmp_path, run, number, code):
    write_invoices(tmp_path / "in", 4)
    here = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
    command = [sys.executable, "-c", SCRIPT]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (tmp_path / "asked").exists():
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(60) == code
    engine = Seeing()
    summary, records = run(engine)
    assert summary.exit_code is ExitCode.OK
    assert len(records) == 4
    assert all(record["status"] == "ok" for record in records.values())
    assert sorted(names(engine.questions)) == ["00003", "00004"], "two were stored before"
