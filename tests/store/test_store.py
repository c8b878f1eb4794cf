"""The store keeps what it acknowledged, whatever happens to its process or its file."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.sample_records import FIELDS, FINGERPRINT, OPTIONS, document, failed, record

from docextract.core import (
    Document,
    ErrorItem,
    OptionError,
    OutputBusyError,
    Reason,
    RecordStatus,
    StoreError,
    to_json,
)
from docextract.store import OutputLock, Store, record_key
from docextract.store.migrations import M001

TESTS = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "out") as opened:
        yield opened


@pytest.fixture
def run_id(store):
    return store.begin_run(OPTIONS)


def test_a_saved_record_is_yielded_as_the_pipeline_wrote_it(store, run_id):
    item = record(document("a.pdf"))
    store.save(run_id, item)
    assert list(store.records()) == [item.to_json()]
    assert store.status_of(item.document.sha256, FINGERPRINT) is RecordStatus.OK
    assert store.status_of(item.document.sha256, "other") is None
    assert store.counts() == {RecordStatus.OK: 1}


def test_a_reader_sees_saved_records_while_the_run_goes_on(store, run_id, tmp_path):
    store.save(run_id, record(document("a.pdf")))
    with Store.read_only(tmp_path / "out") as reader:
        store.save(run_id, record(document("b.pdf")))
        assert len(list(reader.records())) == 1
        assert (reader.holder() or {})["pid"] == os.getpid()
    with Store.read_only(tmp_path / "out") as reader:
        assert len(list(reader.records())) == 2


def test_documents_come_ordered_by_path(store, run_id):
    names = ["b.pdf", "B.pdf", "a/z.pdf", "ä.pdf", "a.pdf"]
    for name in names:
        store.save(run_id, record(document(name)))
    paths = [tree["document"]["path"] for tree in store.records()]
    assert paths == sorted(paths, key=str.encode)


def test_saving_again_replaces_the_record_and_counts_the_attempt(store, run_id):
    doc = document("a.pdf")
    store.save(run_id, failed(doc))
    assert store.num_attempts(doc.sha256, FINGERPRINT) == 1
    store.save(run_id, record(doc))
    assert store.num_attempts(doc.sha256, FINGERPRINT) == 2
    assert [tree["status"] for tree in store.records()] == ["ok"]


def test_a_duplicate_is_skipped_and_leaves_the_first_record_alone(store, run_id):
    first, second = document("a.pdf", data=b"same"), document("b.pdf", data=b"same")
    judged = replace(record(first), confidence=0.97, review_reasons=("Not found: currency.",))
    store.save(run_id, judged)
    store.link(run_id, second, FINGERPRINT, duplicate_of=first.path)
    one, two = store.records()
    assert one["status"] == "ok"
    assert (two["status"], two["values"], two["document"]["path"]) == ("skipped", None, "in/b.pdf")
    assert (two["confidence"], two["review_reasons"]) == (0.0, [])
    assert two["errors"][0]["reason"] == "duplicate"
    assert "in/a.pdf" in two["errors"][0]["message"]
    assert set(two) == set(one)
    assert store.counts() == {RecordStatus.OK: 1, RecordStatus.SKIPPED: 1}


def test_a_skipped_record_belongs_to_its_path_alone(store, run_id):
    first, second = document("a.pdf", data=b"same"), document("b.pdf", data=b"same")
    store.save(run_id, record(first))
    error = ErrorItem("discover", "duplicate", "same bytes as in/a.pdf", "")
    skipped = replace(record(second), status=RecordStatus.SKIPPED, values=None, errors=(error,))
    store.save(run_id, skipped)
    assert [tree["status"] for tree in store.records()] == ["ok", "skipped"]
    assert store.status_of(first.sha256, FINGERPRINT) is RecordStatus.OK
    assert store.num_attempts(first.sha256, FINGERPRINT) == 1


def test_a_duplicate_of_a_document_not_yet_done_is_there_all_the_same(store, run_id):
    store.link(run_id, document("b.pdf", data=b"x"), FINGERPRINT, duplicate_of="in/a.pdf")
    assert [tree["status"] for tree in store.records()] == ["skipped"]


def test_unreadable_documents_are_kept_apart_by_path(store, run_id):
    docs = [Document(f"in/{name}", f"in/{name}".encode()) for name in ("a.pdf", "b.pdf")]
    for doc in docs:
        store.save(run_id, failed(doc, Reason.PERMISSION))
    assert len({record_key(doc) for doc in docs}) == 2
    assert store.status_of(record_key(docs[0]), FINGERPRINT) is RecordStatus.FAILED
    rows = list(store.failures())
    assert [row["document"]["path"] for row in rows] == ["in/a.pdf", "in/b.pdf"]
    assert {(row["reason"], row["stage"], row["attempts"]) for row in rows} == {
        ("permission", "open", 1)
    }


def test_paths_and_text_that_are_no_unicode_are_kept(store, run_id):
    raw = b"in/\xff\xfe\n\x1b.pdf"
    odd = replace(
        document("x"), raw_path=raw, path=raw.decode(errors="surrogateescape"), relative="\udcff"
    )
    store.save(run_id, record(odd, number="lone \ud800 one"))
    (stored,) = store.documents()
    assert stored.raw_path == raw
    stored.tree["document"]["path"].encode()
    assert "lone" in stored.tree["values"]["invoice_number"]


def test_a_number_that_is_none_does_not_stop_a_run(store, run_id):
    store.save(run_id, replace(record(document("a.pdf")), timings_ms={"open": float("nan")}))
    assert [tree["timings_ms"] for tree in store.records()] == [{"open": None}]


def test_a_folder_holds_several_schemas_and_shows_the_newest(store, run_id, tmp_path):
    doc = document("a.pdf")
    store.save(run_id, record(doc))
    second = store.begin_run({"schema_name": "receipt", "fields": [("total", "money")]})
    assert (store.schema_name(), list(store.records()), store.counts()) == ("receipt", [], {})
    with Store.read_only(tmp_path / "out") as reader:
        assert reader.schema_name() == "invoice"
    store.save(second, replace(record(doc, "R-1"), schema_name="receipt", fingerprint="f2"))
    assert [tree["values"]["invoice_number"] for tree in store.records()] == ["R-1"]
    assert store.fields() == [("total", "money")]
    assert store.schema_names() == ["invoice", "receipt"]
    with Store.read_only(tmp_path / "out", schema="invoice") as reader:
        assert [tree["values"]["invoice_number"] for tree in reader.records()] == ["INV-1"]
        assert reader.counts() == {RecordStatus.OK: 1}
        assert reader.fields() == FIELDS


def test_a_run_that_finds_nothing_hides_nothing(store, run_id):
    store.save(run_id, record(document("a.pdf")))
    second = store.begin_run({"schema_name": "receipt", "fields": []})
    store.end_run(second, {"exit_code": 7})
    assert store.schema_name() == "invoice"
    assert store.fields() == FIELDS
    assert len(list(store.records())) == 1


def make_old(path):
    """Bring a store back to the first format: one schema, no pages."""
    old = sqlite3.connect(path)
    rows = old.execute(
        "SELECT path, display, relative, media_type, sha256, key, fingerprint, run_id,"
        " duplicate_of, skipped FROM documents"
    ).fetchall()
    old.executescript("DROP TABLE documents; DROP TABLE pages; DROP TABLE exported;")
    old.execute("DROP TABLE containers")
    first = M001.partition("CREATE TABLE documents")[2].partition(";")[0]
    old.executescript(f"CREATE TABLE documents{first};")
    old.executemany(f"INSERT INTO documents VALUES ({', '.join('?' * 10)})", rows)
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()


def test_a_store_of_the_first_format_is_read_as_it_is_and_brought_up_by_the_next_run(tmp_path):
    path = filled(tmp_path, 3)
    with Store.read_only(tmp_path) as reader:
        expected = list(reader.records())
    make_old(path)
    before = path.read_bytes()
    with Store.read_only(tmp_path) as reader:
        assert list(reader.records()) == expected
        assert reader.schema_name() == "invoice"
    assert path.read_bytes() == before
    with Store.open(tmp_path) as store:
        assert list(store.records()) == expected
        assert store.kept_pages("0" * 64, "reading") == {}
        run_id = store.begin_run(OPTIONS)
        store.save(run_id, record(document("0.pdf"), "AGAIN"))
        assert len(list(store.records())) == 3


def test_a_page_is_kept_under_the_newest_reading(store, run_id):
    store.keep_page("aa", 1, "old", b"1")
    store.keep_page("aa", 2, "old", b"2")
    assert store.kept_pages("aa", "old") == {1: b"1", 2: b"2"}
    store.keep_page("aa", 1, "new", b"3")
    assert store.kept_pages("aa", "old") == {2: b"2"}
    assert store.kept_pages("aa", "new") == {1: b"3"}
    before = store._database._connection.total_changes
    store.keep_page("aa", 1, "new", b"3")
    assert store._database._connection.total_changes == before


def test_exports_are_known_to_be_current_until_something_is_stored(store, run_id):
    first = record(document("a.pdf", data=b"x"))
    store.save(run_id, first)
    assert store.exported() is None
    store.mark_exported("mark")
    assert not store.link(run_id, first.document, FINGERPRINT)
    assert store.exported() == "mark"
    assert store.link(run_id, document("b.pdf", data=b"x"), FINGERPRINT)
    assert store.exported() is None
    store.mark_exported("again")
    store.save(run_id, first)
    assert store.exported() is None


def test_records_saved_together_are_stored_all_or_none(store, run_id):
    connection = store._database._connection
    connection.execute("PRAGMA max_page_count = 30")
    small, huge = record(document("a.pdf")), record(document("b.pdf"), "x" * 200_000)
    with pytest.raises(StoreError, match="full"):
        store.save(run_id, small, huge)
    assert list(store.records()) == []
    store.save(run_id, small, record(document("c.pdf")))
    assert len(list(store.records())) == 2


def test_runs_keep_options_fields_and_summary(store, run_id):
    assert (store.last_run() or {})["ended"] is None
    store.end_run(run_id, {"exit_code": 5})
    run = store.last_run()
    assert run["summary"] == {"exit_code": 5}
    assert run["options"]["schema_name"] == run["schema_name"] == "invoice"
    assert store.fields() == FIELDS


def test_linking_what_is_known_writes_nothing(store, run_id):
    doc = document("a.pdf")
    store.save(run_id, record(doc))
    before = store._database._connection.total_changes
    store.link(run_id, doc, FINGERPRINT)
    assert store._database._connection.total_changes == before


def test_a_second_run_is_refused_and_told_who_holds_the_folder(store, tmp_path):
    with pytest.raises(OutputBusyError, match=f"process {os.getpid()} on .* since 20"):
        Store.open(tmp_path / "out")
    with pytest.raises(OutputBusyError):
        Store.read_only(tmp_path / "out", is_locked=True)


def test_the_lock_dies_with_its_holder(tmp_path):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom docextract.store import Store\n"
        "store = Store.open(Path(sys.argv[1]))\nprint('held', flush=True)\ntime.sleep(60)\n"
    )
    holder = start(script, tmp_path / "out")
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(OutputBusyError, match=str(holder.pid)):
        Store.open(tmp_path / "out")
    kill(holder)
    with Store.read_only(tmp_path / "out") as reader:
        assert reader.holder() is None
    Store.open(tmp_path / "out").close()


def test_of_many_starts_at_once_one_gets_the_lock(tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom docextract.store import Store\n"
        "from docextract.core import OutputBusyError\n"
        "sys.stdin.readline()\n"
        "try:\n    store = Store.open(Path(sys.argv[1]))\n"
        "except OutputBusyError:\n    print('busy', flush=True)\n"
        "else:\n    print('held', flush=True)\nsys.stdin.readline()\n"
    )
    racers = [start(script, tmp_path / "out") for _ in range(6)]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.stdout.readline().strip() for racer in racers]
    for racer in racers:
        kill(racer)
    assert sorted(answers) == ["busy"] * 5 + ["held"]


SAVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support.sample_records import OPTIONS, document, record
from docextract.store import Store
with Store.open(Path(sys.argv[1])) as store:
    run_id = store.begin_run(OPTIONS)
    for number in range(100_000):
        item = record(document(f"{number:06}.pdf"))
        if store.status_of(item.document.sha256, item.fingerprint) is None:
            store.save(run_id, item)
            print(number, flush=True)
"""


def test_killed_at_random_points_nothing_acknowledged_is_lost_or_done_twice(tmp_path):
    chance = random.Random(7)
    acknowledged: list[int] = []
    for _ in range(5):
        saver = start(SAVER, tmp_path / "out", TESTS)
        for _ in range(chance.randrange(1, 40)):
            acknowledged.append(int(saver.stdout.readline()))
        saver.send_signal(signal.SIGKILL)
        acknowledged += map(int, saver.stdout.read().split())
        kill(saver)
    assert len(acknowledged) == len(set(acknowledged))
    with Store.open(tmp_path / "out") as store:
        stored = [int(Path(tree["document"]["path"]).stem) for tree in store.records()]
        attempts = [
            store.num_attempts(tree["document"]["sha256"], FINGERPRINT) for tree in store.records()
        ]
    assert set(acknowledged) <= set(stored)
    assert set(attempts) == {1}


def test_a_torn_log_gives_a_prefix_of_the_records(tmp_path):
    source = tmp_path / "source"
    store = Store.open(source)
    run_id = store.begin_run(OPTIONS)
    for number in range(20):
        store.save(run_id, record(document(f"{number:06}.pdf")))
    folder = source / ".docextract"
    main, log = ((folder / f"store.sqlite{end}").read_bytes() for end in ("", "-wal"))
    store.close()
    chance = random.Random(3)
    for number in range(30):
        torn = tmp_path / str(number) / ".docextract"
        torn.mkdir(parents=True)
        (torn / "store.sqlite").write_bytes(main)
        cut = chance.randrange(len(log))
        (torn / "store.sqlite-wal").write_bytes(log[:cut] + chance.randbytes(number))
        with Store.open(torn.parent) as opened:
            found = [tree["document"]["path"] for tree in opened.records()]
        assert found == [f"in/{index:06}.pdf" for index in range(len(found))]


def filled(out, num=50):
    with Store.open(out) as store:
        run_id = store.begin_run(OPTIONS)
        for number in range(num):
            store.save(run_id, record(document(f"{number}.pdf")))
    return out / ".docextract" / "store.sqlite"


@pytest.mark.parametrize("damage", ["header", "middle", "cut"])
def test_a_damaged_store_is_moved_aside_and_said_so(tmp_path, damage):
    path = filled(tmp_path)
    data = path.read_bytes()
    if damage == "header":
        path.write_bytes(b"x" * 100 + data[100:])
    elif damage == "middle":
        path.write_bytes(data[:4096] + b"\x55" * 8192 + data[12288:])
    else:
        path.write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError, match=r"moved to store\.sqlite\.corrupt-") as caught:
        Store.open(tmp_path)
    assert "Run again" in caught.value.hint
    assert list(path.parent.glob("store.sqlite.corrupt-*"))
    with Store.open(tmp_path) as store:
        assert store.counts() == {}


def test_a_newer_format_is_refused_and_left_alone(tmp_path):
    path = filled(tmp_path, 1)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 999")
    database.close()
    for opening in (Store.open, Store.read_only):
        with pytest.raises(StoreError, match="newer"):
            opening(tmp_path)
    assert path.exists()


def test_a_folder_without_records_is_a_usage_error(tmp_path):
    with pytest.raises(OptionError, match="holds no records"):
        Store.read_only(tmp_path)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OptionError, match="is no folder"):
        Store.open(file)


@pytest.mark.parametrize(
    ("cell", "now"),
    [("records.json", "1.5"), ("records.json", '{"document": 7'), ("runs.fields", "[2]"),
     ("runs.options", "{"), ("runs.fields", None)],
)  # fmt: skip
def test_a_cell_that_no_longer_holds_what_was_written_is_told(tmp_path, cell, now):
    filled(tmp_path, 1)
    table, column = cell.split(".")
    path = tmp_path / ".docextract" / "store.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(f"UPDATE OR IGNORE {table} SET {column} = coalesce(?, 'null')", (now,))
    with Store.read_only(tmp_path) as store:
        with pytest.raises(StoreError, match="a part of it is damaged") as caught:
            store.fields(), list(store.records()), store.last_run()
        assert "another --out" in caught.value.hint


def test_a_full_disk_is_told_and_keeps_what_was_stored(tmp_path):
    with Store.open(tmp_path) as store:
        run_id = store.begin_run(OPTIONS)
        store._database._connection.execute("PRAGMA max_page_count = 40")
        num_saved = 0
        with pytest.raises(StoreError, match="the disk is full") as caught:
            for num_saved in range(1000):
                store.save(run_id, record(document(f"{num_saved}.pdf")))
        assert "Free disk space" in caught.value.hint
        assert sum(store.counts().values()) == num_saved > 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_access(tmp_path):
    filled(tmp_path, 1)
    (tmp_path / ".docextract").chmod(0o500)
    try:
        with pytest.raises(StoreError, match=r"read-only|cannot be opened"):
            Store.open(tmp_path)
        with Store.read_only(tmp_path) as store:
            assert len(list(store.records())) == 1
    finally:
        (tmp_path / ".docextract").chmod(0o700)


def test_a_lock_can_be_taken_again_after_release(tmp_path):
    lock = OutputLock.acquire(tmp_path)
    lock.release()
    lock.release()
    with OutputLock.acquire(tmp_path):
        pass


def test_json_is_strict_and_readable():
    text = to_json({"a": "ä\ud800", "b": [float("inf")], "c": "\u2028"})
    assert json.loads(text, parse_constant=pytest.fail) == {
        "a": "ä\ud800",
        "b": [None],
        "c": "\u2028",
    }
    assert "ä" in text
    text.encode()


def start(script, *args):
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def kill(process):
    process.kill()
    process.communicate()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_folder_that_is_moved_while_it_is_written_to_is_noticed(tmp_path, is_replaced):
    out, moved = tmp_path / "out", tmp_path / "moved"
    with Store.open(out) as store:
        run_id = store.begin_run(OPTIONS)
        store.save(run_id, record(document("a.pdf")))
        out.rename(moved)
        if is_replaced:
            Store.open(out).close()
        with pytest.raises(StoreError, match="moved or replaced"):
            store.save(run_id, record(document("b.pdf")))
    with Store.read_only(moved) as reader:
        assert len(list(reader.records())) == 2
    assert out.exists() is is_replaced


READ_ALONE = """
import sys
from pathlib import Path
from docextract.store import Store
with Store.read_only(Path(sys.argv[1])) as reader:
    print(len(list(reader.records())), flush=True)
"""


def test_a_copy_of_a_killed_run_is_read_whole_on_a_read_only_mount(tmp_path):
    """Its last records stand in the log; without write access SQLite cannot share that."""
    copy = tmp_path / "copy"
    with Store.open(tmp_path / "out") as store:
        run_id = store.begin_run(OPTIONS)
        for number in range(2):
            store.save(run_id, record(document(f"{number}.pdf")))
        shutil.copytree(tmp_path / "out", copy)
    (shared,) = copy.rglob("*-shm")
    shared.unlink()
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-Urm", "sh", "-c", script, "sh", str(copy), sys.executable, READ_ALONE]
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-Urm", "true"]).returncode:
        pytest.skip("this machine lets nobody mount a folder read-only")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2\n", "")
