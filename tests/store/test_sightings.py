"""Files are renamed, moved, copied and replaced between runs: each document stays one row."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest
from support.pdfs import write_invoices
from support.processes import docextract
from support.sample_records import FINGERPRINT, OPTIONS, document, failed, record

from docextract.core import Document, Reason
from docextract.store import Store
from docextract.store.upkeep.sightings import is_gone


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "out") as opened:
        yield opened


@pytest.fixture
def run_id(store):
    return store.begin_run(OPTIONS)


@pytest.fixture
def lay(tmp_path):
    """Lay a file into the inputs: lay(name, data) is its document."""

    def laid(name, data=b"x"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return replace(document(name, data=data), raw_path=bytes(path))

    return laid


def shown(store):
    return [(tree["document"]["path"], tree["status"]) for tree in store.records()]


def test_a_file_that_was_renamed_is_one_row_under_its_new_name(store, run_id, lay, tmp_path):
    old = lay("old.pdf")
    store.save(run_id, record(old))
    (tmp_path / "in/old.pdf").unlink()
    assert store.link(run_id, lay("paid/new.pdf"), FINGERPRINT)
    assert shown(store) == [("in/paid/new.pdf", "ok")]
    assert store.changes.num_moved == 1


def test_a_file_that_was_moved_and_read_anew_is_one_row(store, run_id, lay, tmp_path):
    store.save(run_id, record(lay("old.pdf")))
    (tmp_path / "in/old.pdf").unlink()
    store.save(run_id, replace(record(lay("new.pdf"), "AGAIN"), fingerprint="other"))
    assert shown(store) == [("in/new.pdf", "ok")]


def test_a_copy_that_another_run_finds_is_named_with_its_twin(store, run_id, lay):
    store.save(run_id, record(lay("a.pdf")))
    store.link(run_id, lay("b.pdf"), FINGERPRINT)
    assert shown(store) == [("in/a.pdf", "skipped"), ("in/b.pdf", "ok")]
    assert "in/b.pdf" in next(store.records())["errors"][0]["message"]


def test_copies_name_the_path_that_their_twin_has_now(store, run_id, lay, tmp_path):
    store.save(run_id, record(lay("a.pdf")))
    store.link(run_id, lay("copy.pdf"), FINGERPRINT, duplicate_of="in/a.pdf")
    (tmp_path / "in/a.pdf").unlink()
    store.link(run_id, lay("moved.pdf"), FINGERPRINT)
    assert shown(store) == [("in/copy.pdf", "skipped"), ("in/moved.pdf", "ok")]
    assert "in/moved.pdf" in next(store.records())["errors"][0]["message"]
    (tmp_path / "in/copy.pdf").unlink()
    store.link(run_id, lay("other copy.pdf"), FINGERPRINT, duplicate_of="in/moved.pdf")
    assert shown(store) == [("in/moved.pdf", "ok"), ("in/other copy.pdf", "skipped")]


def test_another_file_with_an_old_name_is_another_document_and_both_are_shown(store, run_id, lay):
    store.save(run_id, record(lay("scan.pdf", b"one"), "ONE"))
    first = document("x", data=b"one").sha256[:12]
    for name, data in (("TWO", b"two"), ("THREE", b"three")):
        store.save(run_id, record(lay("scan.pdf", data), name))
    numbers = {
        tree["document"]["path"]: tree["values"]["invoice_number"] for tree in store.records()
    }
    assert len(numbers) == 3
    assert numbers["in/scan.pdf"] == "THREE"
    assert numbers[f"in/scan.pdf#{first}"] == "ONE"
    assert store.changes.num_replaced == 2
    assert store.changes.example == f"in/scan.pdf#{first}"
    store.save(run_id, record(lay("scan.pdf", b"one"), "ONE"))
    assert len(shown(store)) == 3


def test_a_file_that_could_not_be_read_and_was_mended_leaves_no_failure_behind(store, run_id, lay):
    store.save(run_id, failed(lay("a.pdf", b"broken")))
    mended = lay("a.pdf", b"mended")
    store.save(run_id, record(mended))
    assert shown(store) == [("in/a.pdf", "ok")]
    away = Document(mended.path, mended.raw_path)
    store.save(run_id, failed(away, Reason.PERMISSION))
    assert sorted(status for _, status in shown(store)) == ["failed", "ok"]
    store.link(run_id, mended, FINGERPRINT)
    assert shown(store) == [("in/a.pdf", "ok")]


def test_what_lies_in_a_mail_is_there_as_long_as_the_mail_and_of_a_bucket_nobody_can_tell(lay):
    mail = lay("mail.eml").raw_path
    assert not is_gone(mail + b"!invoice.pdf")
    assert not is_gone(mail + b"!inner.zip!b/invoice.pdf")
    assert is_gone(mail + b"x!invoice.pdf")
    assert not is_gone(b"s3://bucket/a.pdf")


def test_a_store_that_showed_the_same_bytes_twice_shows_the_newer_path_and_its_copy(tmp_path, lay):
    with Store.open(tmp_path / "out") as store:
        for name in ("a.pdf", "b.pdf"):
            item = lay(name)
            store.save(store.begin_run(OPTIONS), record(item))
    path = tmp_path / "out/.docextract/store.sqlite"
    old = sqlite3.connect(path)
    old.execute("UPDATE documents SET duplicate_of = NULL")
    old.execute("DROP INDEX documents_by_key")
    old.execute("PRAGMA user_version = 4")
    old.commit()
    old.close()
    with Store.read_only(tmp_path / "out") as reader:
        assert shown(reader) == [("in/a.pdf", "skipped"), ("in/b.pdf", "ok")]


def test_nights_with_renamed_and_replaced_files(tmp_path):
    first, second = write_invoices(tmp_path / "in", 2)

    def night():
        command = ("run", "in", "--schema", "invoice_number, total: money", "--format", "jsonl,csv")
        done = docextract(*command, cwd=tmp_path, check=0)
        rows = (tmp_path / "out/results.jsonl").read_text().splitlines()
        return done.stderr, {tree["document"]["path"]: tree for tree in map(json.loads, rows)}

    night()
    (tmp_path / "in/paid").mkdir()
    first.rename(tmp_path / "in/paid/renamed.pdf")
    told, found = night()
    assert set(found) == {"in/paid/renamed.pdf", f"in/{second.name}"}
    assert "1 document was seen under another path" in told
    (newer,) = write_invoices(tmp_path / "tomorrow", 1, start=7)
    newer.rename(second)
    told, found = night()
    assert len(found) == 3
    assert f"in/{second.name}#" in told
    told, again = night()
    assert again == found
    assert "#" not in told


def test_documents_of_one_file_move_and_are_replaced_together(store, run_id, lay, tmp_path):
    file = lay("scan.pdf", b"two documents")
    store.save(run_id, *(record(file.part(*pages)) for pages in ((1, 2), (3, 3))))
    (tmp_path / "in/scan.pdf").unlink()
    moved = lay("paid/scan.pdf", b"two documents")
    for pages in ((1, 2), (3, 3)):
        store.link(run_id, moved.part(*pages), FINGERPRINT)
    assert shown(store) == [("in/paid/scan.pdf#p1-2", "ok"), ("in/paid/scan.pdf#p3", "ok")]
    store.save(run_id, record(lay("paid/scan.pdf", b"another"), "ONE"))
    mark = moved.sha256[:12]
    names = {path for path, _ in shown(store)}
    assert names == {
        "in/paid/scan.pdf", f"in/paid/scan.pdf#p1-2#{mark}", f"in/paid/scan.pdf#p3#{mark}"
    }  # fmt: skip
