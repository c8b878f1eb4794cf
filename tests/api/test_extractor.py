"""One Extractor for many documents: any source, any thread, values that fit or say why not."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from pydantic import BaseModel, Field, field_validator
from support.pdfs import text_pdf
from support.scripted_engine import ScriptedEngine
from support.web import Served, serving

from docextract import (
    DocumentError,
    Extraction,
    Extractor,
    Failure,
    ReadOptions,
    Reason,
    RecordStatus,
    extract,
)
from docextract.core import OptionError, SchemaInvalidError, SetupError
from docextract.schema.loading import load_schema
from docextract.schema.packing import pack_schema

LUMINOSA = Path("fixtures/invoices/luminosa.pdf")
TOTAL = Decimal("4553.95")


class Bill(BaseModel):
    invoice_number: str | None = None
    total: Decimal | None = None


@pytest.fixture(autouse=True)
def at_root(monkeypatch, fixtures):
    monkeypatch.chdir(fixtures.parent)


@pytest.fixture(scope="module")
def extractor():
    with Extractor(Bill, workers=2) as warm:
        yield warm


def numbered(number):
    """Return a small PDF that says its number."""
    return text_pdf([(60, 740, f"Invoice number INV-{number:04d}"), (60, 700, "Total 12.50 EUR")])


@pytest.mark.parametrize(
    "source",
    [
        LUMINOSA,
        str(LUMINOSA),
        LUMINOSA.name,
        b"",
    ],
)
def test_what_a_document_is_called_in_its_record(extractor, source, fixtures, monkeypatch):
    if source == LUMINOSA.name:
        monkeypatch.chdir(fixtures / "invoices")
    data = source or (fixtures / "invoices/luminosa.pdf").read_bytes()
    result = extractor.extract(data)
    assert result.values.total == TOTAL
    assert result.record.document.path == (os.fspath(source) if source else "(bytes)")
    assert result.source is data


def test_open_files_are_read_to_their_end_before_the_next_source_is_asked_for(extractor):
    def opened():
        for _ in range(9):
            with LUMINOSA.open("rb") as file:
                yield file

    results = list(extractor.extract_many(opened()))
    assert [result.values.total for result in results] == [TOTAL] * 9
    assert results[0].record.document.path == str(LUMINOSA)
    assert extractor.extract(io.BytesIO(LUMINOSA.read_bytes())).values.total == TOTAL


def test_a_file_open_as_text_and_what_is_no_source_are_told_apart(extractor):
    with LUMINOSA.open(encoding="latin-1") as file, pytest.raises(OptionError, match="as text"):
        extractor.extract(file)
    with pytest.raises(OptionError, match="a int cannot be read"):
        extractor.extract(7)
    with pytest.raises(OptionError, match="s3:// addresses cannot be read"):
        extractor.extract("s3://bucket/a.pdf")
    with pytest.raises(OptionError, match="is a folder"):
        extractor.extract("fixtures")


def test_an_address_is_fetched_without_its_secrets_in_the_record(extractor, fixtures):
    pages: dict[str, Served] = {"/a.pdf": LUMINOSA.read_bytes(), "/moved": "/a.pdf"}
    with serving(pages) as (url, asked):
        result = extractor.extract(f"{url}/a.pdf?signature=secret")
        assert result.values.total == TOTAL
        assert result.record.document.path == f"{url}/a.pdf?…"
        assert extractor.extract(f"{url}/moved").values.total == TOTAL
        gone, *_ = extractor.extract_many([f"{url}/none.pdf"])
    assert isinstance(gone, Failure)
    assert gone.error.reason is Reason.VANISHED
    assert "answered 404" in str(gone.error)
    assert [path for path, _ in asked] == [
        "/a.pdf?signature=secret", "/moved", "/a.pdf", "/none.pdf",
    ]  # fmt: skip
    assert not any("Authorization" in headers for _, headers in asked)


def test_the_key_of_an_address_goes_to_its_host_alone(extractor):
    with serving({"/a.pdf": LUMINOSA.read_bytes()}) as (there, asked_there):
        elsewhere = f"{there.replace('127.0.0.1', 'localhost')}/a.pdf"
        with serving({"/moved": elsewhere}) as (here, asked_here):
            extractor.extract(f"{here.replace('://', '://me:key@')}/moved")
    assert "Authorization" in asked_here[0][1]
    assert "Authorization" not in asked_there[0][1]


def test_an_address_is_limited_in_bytes_and_in_time():
    big, slow = b"%PDF-1.4" + b" " * 5000, [b"%PDF"] + [b" "] * 200
    with (
        serving({"/big": big, "/slow": slow}) as (url, _),
        Extractor(Bill, workers=1, read=ReadOptions(max_bytes=999), fetch_timeout_s=0.3) as few,
    ):
        results = list(few.extract_many([f"{url}/big", f"{url}/slow"]))
    errors = {it.error.reason: it.error for it in results if isinstance(it, Failure)}
    assert set(errors) == {Reason.TOO_LARGE, Reason.TIMEOUT}
    assert "was not fetched within 0.3 s" in str(errors[Reason.TIMEOUT])


def test_nobody_at_an_address_is_a_failure_with_a_remedy(extractor):
    with serving({}) as (url, _):
        pass
    with pytest.raises(DocumentError, match="cannot be fetched") as told:
        extractor.extract(f"{url}/a.pdf")
    assert told.value.reason is Reason.READ_ERROR
    assert "Check the address" in told.value.hint


def test_many_come_in_order_and_one_bad_document_ends_nothing(extractor):
    sources = [numbered(1), "nowhere.pdf", numbered(2), b"", *map(numbered, range(3, 20))]
    results = list(extractor.extract_many(sources))
    assert [result.source for result in results] == sources
    bad = [result for result in results if isinstance(result, Failure)]
    assert [result.error.reason for result in bad] == [Reason.VANISHED, Reason.EMPTY_FILE]
    assert bad[0].status is RecordStatus.FAILED
    assert bad[0].to_dict()["errors"][0]["reason"] == "vanished"
    assert json.loads(bad[1].to_json())["document"]["path"] == "(bytes)"
    good = [result.values.invoice_number for result in results if isinstance(result, Extraction)]
    assert good == [f"INV-{number:04d}" for number in range(1, 20)]


def test_many_as_they_come_are_the_same(extractor):
    sources = [numbered(number) for number in range(12)]
    found = {r.values.invoice_number for r in extractor.extract_many(sources, in_order=False)}
    assert found == {f"INV-{number:04d}" for number in range(12)}


def test_sources_are_pulled_as_results_are_taken(extractor):
    pulled: list[int] = []

    def endless():
        while True:
            pulled.append(len(pulled))
            yield numbered(len(pulled))

    results = extractor.extract_many(endless())
    for number in range(1, 15):
        assert next(results).values.invoice_number == f"INV-{number:04d}"
        assert len(pulled) <= number + 3 * 2
    results.close()
    assert extractor.extract(numbered(99)).values.invoice_number == "INV-0099"


def test_nothing_of_what_was_put_on_the_disk_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Extractor(Bill, workers=1) as few:
        (spool,) = tmp_path.iterdir()
        for _ in few.extract_many([numbered(1), b"", b"no document", numbered(2)]):
            pass
        assert list(spool.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_threads_share_an_extractor(extractor):
    found = {}

    def read(number):
        found[number] = extractor.extract(numbered(number)).values.invoice_number

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"INV-{number:04d}" for number in range(8)}


def test_an_event_loop_goes_on_while_documents_are_read(extractor):
    async def read():
        beats = asyncio.create_task(heart())
        results = await asyncio.gather(*(extractor.aextract(numbered(n)) for n in range(6)))
        beats.cancel()
        with pytest.raises(DocumentError, match="no file nowhere"):
            await extractor.aextract("nowhere.pdf")
        return [result.values.invoice_number for result in results]

    async def heart():
        while True:
            beats_at.append(time.monotonic())
            await asyncio.sleep(0.001)

    beats_at: list[float] = []
    assert asyncio.run(read()) == [f"INV-{number:04d}" for number in range(6)]
    assert len(beats_at) > 3


def test_values_fit_the_class_or_say_why_not(extractor):
    class Strict(BaseModel):
        invoice_number: str
        missing_thing: str
        total: Decimal = Field(gt=100)

        @field_validator("invoice_number")
        @classmethod
        def is_ours(cls, number: str) -> str:
            if not number.startswith("OUR-"):
                raise ValueError("is not one of ours")
            return number

    result = extract(numbered(1), Strict)
    assert not result.is_valid
    told = {check.paths[0]: check.message for check in result.errors}
    assert "not one of ours" in told["invoice_number"]
    assert "greater than 100" in told["total"]
    assert "missing_thing" in told
    assert result.status is RecordStatus.REVIEW
    assert result.to_dict()["values"]["missing_thing"] is None
    good = extractor.extract(numbered(1))
    assert good.is_valid
    assert good.errors == ()
    assert Bill.model_validate(good.values.model_dump()) == good.values


def test_a_schema_may_be_a_name_or_a_line():
    by_name = extract(LUMINOSA, "invoice")
    assert by_name.values.totals.gross == TOTAL
    assert by_name.to_dict()["values"]["totals"]["gross"] == "4553.95"
    assert json.loads(by_name.to_json(indent=2)) == by_name.to_dict()
    assert extract(LUMINOSA, "vendor, total: money").values.total == TOTAL
    with pytest.raises(SchemaInvalidError):
        extract(LUMINOSA, int)  # type: ignore[type-var]


def test_the_record_is_that_of_a_run(tmp_path):
    command = [sys.executable, "-m", "docextract", "run", str(LUMINOSA), "-s", "invoice"]
    done = subprocess.run(
        [*command, "--engine", "text", "--out", "-", "-q"], capture_output=True, check=True
    )
    run = json.loads(done.stdout)
    own = json.loads(extract(LUMINOSA, "invoice").to_json())
    assert {name: own[name] for name in run} == run


def test_a_class_of_a_script_is_read_in_the_workers(tmp_path, fixtures):
    """Its text is read where a pathological one meets limits, and side by side."""
    script = tmp_path / "bill.py"
    script.write_text(
        textwrap.dedent(f"""
        import enum
        from pydantic import BaseModel
        from docextract import Extractor

        class Size(enum.Enum):
            LARGE = "large"

        class Bill(BaseModel):
            invoice_number: str | None = None
            size: Size | None = None

        with Extractor(Bill, workers=1) as extractor:
            print(extractor.extract({str(fixtures / "invoices/luminosa.pdf")!r}).values)
            assert extractor._plan.task is not None
        """)
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout == "invoice_number='F25/0238' size=None\n", done.stderr


def test_a_class_that_cannot_leave_its_process_is_read_all_the_same():
    lock = threading.Lock()

    class Odd(BaseModel):
        total: Decimal | None = None

        @field_validator("total")
        @classmethod
        def looked_at(cls, total: Decimal) -> Decimal:
            with lock:
                return total

    assert extract(LUMINOSA, Odd).values.total == TOTAL


class Bugs(ScriptedEngine):
    """An engine of the caller's own."""

    num_closed = 0

    def close(self):
        self.num_closed += 1


def test_an_engine_of_the_caller_stays_open():
    own = Bugs("nothing", lambda questions: [])
    seller = "seller: name, total: money"
    with Extractor(seller, engine=own, workers=1) as extractor:
        assert extractor.extract(numbered(1)).values.seller == "Northwind Tools Ltd"
    assert own.num_closed == 0


def test_a_bug_of_an_engine_reaches_who_asked_and_the_next_document_is_read():
    def bug(questions):
        raise ZeroDivisionError("in the engine")

    own = Bugs("INV-0001", bug)
    with Extractor("seller: name, total: money", engine=own, workers=1) as extractor:
        with pytest.raises(ZeroDivisionError):
            extractor.extract(numbered(1))
        bad, good = extractor.extract_many([numbered(1), numbered(2)])
    assert isinstance(bad, Failure)
    assert isinstance(good, Extraction)
    assert bad.error.reason is Reason.INTERNAL
    assert isinstance(bad.error.__cause__, ZeroDivisionError)
    assert good.values.seller == "Northwind Tools Ltd"


def workers_of_this_process():
    """Those it forked by way of its nursery, or started."""
    children = psutil.Process().children()
    return [worker for child in children for worker in child.children() or [child]]


def test_a_worker_that_dies_costs_no_document(extractor):
    first = extractor.extract(numbered(1))
    workers_of_this_process()[0].kill()
    assert extractor.extract(numbered(1)).values == first.values


def test_leaving_ends_workers_and_tells_who_still_waits():
    before = workers_of_this_process()
    with Extractor(Bill, workers=2) as extractor:
        results = extractor.extract_many(numbered(number) for number in range(50))
        next(results)
    assert set(workers_of_this_process()) <= set(before)
    with pytest.raises(SetupError, match="extractor is closed"):
        extractor.extract(numbered(1))
    with pytest.raises(SetupError, match="extractor is closed"):
        list(results)


def test_who_forgets_to_close_can_still_leave(fixtures):
    code = (
        "from docextract import Extractor\n"
        "extractor = Extractor('total: money,', workers=1)\n"
        "print(extractor.extract('fixtures/invoices/luminosa.pdf').values.total)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "4553.95\n"
    assert done.stderr == ""


def test_threads_call_at_once():
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda it: extract(numbered(it), Bill).values.invoice_number, range(8))
        assert list(found) == [f"INV-{number:04d}" for number in range(8)]


def test_threads_load_built_in_schemas_at_once():
    names = ["auto", "invoice", "receipt", "invoice"] * 6
    with ThreadPoolExecutor(4) as threads:
        assert [schema.name for schema in threads.map(load_schema, names)] == names
        packed = list(threads.map(pack_schema, map(load_schema, names)))
    assert None not in packed


def test_a_fork_is_told_that_the_extractor_is_not_its_own(extractor):
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(60)  # it would wait for ever for threads that are not in a fork
        try:
            extractor.extract(numbered(1))
        except SetupError as error:
            os.write(theirs, str(error).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as told:
        assert "made in another process" in told.read()
    os.waitpid(child, 0)


def test_a_forked_process_has_workers_of_its_own():
    code = """
        import os, warnings
        from docextract import extract
        warnings.simplefilter("ignore")  # that a thread is there when it forks
        def total():
            return str(extract("fixtures/invoices/luminosa.pdf", "total: money,").values.total)
        print(total(), flush=True)
        child = os.fork()
        print(total(), flush=True)
        if child:
            assert os.waitpid(child, 0)[1] == 0
            print(total())
        """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("4553.95\n" * 4, "")
