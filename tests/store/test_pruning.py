"""Documents are taken out of a folder: shown first, all or nothing, labels only when asked."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.command_line import invoke
from support.sample_records import FIELDS, FINGERPRINT, OPTIONS, document, record

from docextract.core import RecordStatus
from docextract.export import write_exports
from docextract.review.labels.label import Action, Label
from docextract.review.labels.label_store import LabelStore
from docextract.store import Store
from docextract.store.upkeep.pruning import PrunedStore

TESTS = Path(__file__).parents[1]
NEW = {**OPTIONS, "schema_id": "new", "fingerprint": "new"}


@pytest.fixture
def out(tmp_path):
    """A folder with three documents, of which one is gone and one has a copy and labels."""
    folder = tmp_path / "out"
    (tmp_path / "in").mkdir()
    with Store.open(folder) as store:
        run_id = store.begin_run({**OPTIONS, "schema_id": "old", "fingerprint": FINGERPRINT})
        for name in ("a.pdf", "b.pdf", "gone.pdf"):
            item = replace(document(name), raw_path=bytes(tmp_path / "in" / name))
            store.save(run_id, record(item))
            store.keep_page(item.sha256, 1, "reading", b"words")
        copy = replace(
            document("copy.pdf", data=b"a.pdf"), raw_path=bytes(tmp_path / "in/copy.pdf")
        )
        store.link(run_id, copy, FINGERPRINT, duplicate_of="in/a.pdf")
        for name in ("a.pdf", "b.pdf", "copy.pdf"):
            (tmp_path / "in" / name).write_bytes(b"")
        write_exports(store, folder, ["csv", "json"])
    with LabelStore.open(folder / ".docextract") as labels, labels.alone():
        label = Label(document("a.pdf").sha256, "invoice", "totals.gross", Action.ABSENT)
        labels.add(label)
    return folder


def names(out):
    with Store.read_only(out) as store:
        return [tree["document"]["path"] for tree in store.records()]


def num_labels(out):
    with LabelStore.read_only(out / ".docextract") as labels:
        return labels.count([document("a.pdf").sha256])


def exported(out):
    files = (out / "documents").rglob("*.json")
    return sorted(str(path.relative_to(out / "documents")) for path in files)


def test_documents_to_be_forgotten_are_shown_and_nothing_is_done(out):
    before = (out / ".docextract/store.sqlite").read_bytes()
    done = invoke("forget", out, "a.pdf")
    assert done.exit_code == 0, done.output
    assert "in/a.pdf" in done.stdout
    assert "in/copy.pdf" in done.stdout
    assert "1 label of people stay" in done.stderr
    assert "--apply does it" in done.stderr
    assert (out / ".docextract/store.sqlite").read_bytes() == before


def test_a_forgotten_document_is_gone_with_its_copies_pages_and_exports(out):
    (out / "documents/own.json").write_text('{"mine": 1}')
    assert invoke("forget", out, "a.pdf", "--apply").exit_code == 0
    assert names(out) == ["in/b.pdf", "in/gone.pdf"]
    assert exported(out) == ["b.pdf.json", "gone.pdf.json", "own.json"]
    assert "in/a.pdf" not in (out / "documents.csv").read_text("utf-8-sig")
    sha256 = document("a.pdf").sha256
    with Store.read_only(out) as store:
        assert store.kept_pages(sha256, "reading") == {}
        assert store.status_of(sha256, FINGERPRINT) is None
        assert store.num_attempts(sha256, FINGERPRINT) == 0
        assert store.kept_pages(document("b.pdf").sha256, "reading") == {1: b"words"}
    assert sha256.encode() not in (out / ".docextract/store.sqlite").read_bytes()
    assert num_labels(out) == 1


def test_labels_go_only_when_asked(out):
    assert invoke("forget", out, "a.pdf", "--labels", "--apply").exit_code == 0
    assert num_labels(out) == 0
    with LabelStore.open(out / ".docextract") as labels, labels.alone():
        added = Label(document("b.pdf").sha256, "invoice", "totals.gross", Action.ABSENT)
        labels.add(added)
    with (
        pytest.raises(Exception, match="only ever added"),
        LabelStore.open(out / ".docextract") as labels,
        labels.alone(),
    ):
        labels._writable().write("DELETE FROM labels")


def test_a_name_that_is_nobody_s_or_several_ones_is_refused(out):
    assert invoke("forget", out, "nobody.pdf").exit_code == 2
    assert invoke("forget", out, "in", "--apply").exit_code == 2
    assert invoke("prune", out).exit_code == 2
    assert len(names(out)) == 4


def test_inputs_that_are_gone_are_pruned_and_a_copy_stands_for_its_twin(out, tmp_path):
    (tmp_path / "in/a.pdf").unlink()
    assert invoke("prune", out, "--gone", "--apply").exit_code == 0
    assert names(out) == ["in/b.pdf", "in/copy.pdf"]
    with Store.read_only(out) as store:
        assert store.counts() == {RecordStatus.OK: 2}


def test_a_folder_that_is_not_there_may_be_a_disk_that_is_missing(out, tmp_path):
    (tmp_path / "in").rename(tmp_path / "unmounted")
    done = invoke("prune", out, "--gone")
    assert "4 of them in folders that are not there" in done.stderr


def test_old_documents_are_pruned(out):
    assert invoke("prune", out, "--older-than", "1", "--apply").exit_code == 0
    assert len(names(out)) == 4
    with PrunedStore.open(out) as store:
        store._database.write("UPDATE runs SET started = '2020-01-01T00:00:00+00:00'")
        store.flush()
    done = invoke("prune", out, "--older-than", "1", "--gone", "--apply")
    assert "in/gone.pdf" in done.stdout
    assert len(names(out)) == 3


def test_documents_of_an_earlier_form_of_the_schema_are_told_of_and_pruned(out):
    with Store.open(out) as store:
        store.save(store.begin_run(NEW), replace(record(document("n.pdf")), fingerprint="new"))
    done = invoke("export", out)
    assert "3 documents in these tables were read with an earlier form of schema" in done.stderr
    assert "3 documents of them were read with an earlier form" in invoke("status", out).stdout
    assert invoke("prune", out, "--other-versions", "--apply").exit_code == 0
    assert names(out) == ["in/n.pdf"]
    assert "earlier form" not in invoke("export", out).stderr


def test_a_schema_is_pruned_and_another_s_records_of_the_same_documents_stay(out):
    other = {"schema_name": "receipt", "fields": FIELDS, "fingerprint": "r"}
    with Store.open(out) as store:
        item = replace(record(document("b.pdf")), schema_name="receipt", fingerprint="r")
        store.save(store.begin_run(other), item)
    assert invoke("prune", out, "--schema", "invoice", "--apply").exit_code == 0
    with Store.read_only(out) as store:
        assert store.schema_names() == ["receipt"]
        assert store.kept_pages(document("b.pdf").sha256, "reading") == {1: b"words"}
        assert store.status_of(document("b.pdf").sha256, FINGERPRINT) is None
    assert names(out) == ["in/b.pdf"]


REMOVER = """
import sys
from pathlib import Path
from docextract.store.upkeep.pruning import PrunedStore
with PrunedStore.open(Path(sys.argv[1])) as store:
    for row in store.paths():
        store.remove([row])
        print(row.key, flush=True)
"""


def test_killed_while_pruning_a_document_is_there_with_all_or_not_at_all(tmp_path):
    with Store.open(tmp_path) as store:
        run_id = store.begin_run(OPTIONS)
        items = [record(document(f"{number:03}.pdf")) for number in range(60)]
        store.save(run_id, *items)
        for item in items:
            store.keep_page(item.document.sha256, 1, "reading", b"words")
    chance, told = random.Random(3), []
    for _ in range(4):
        remover = subprocess.Popen(
            [sys.executable, "-c", REMOVER, tmp_path], stdout=subprocess.PIPE, text=True
        )
        assert remover.stdout is not None
        told += [remover.stdout.readline().strip() for _ in range(chance.randrange(1, 8))]
        remover.send_signal(signal.SIGKILL)
        told += remover.stdout.read().split()
        remover.stdout.close()
        remover.wait()
    with Store.open(tmp_path) as store:
        left = {tree["document"]["sha256"] for tree in store.records()}
        assert left
        assert not left & set(told)
        for item in items:
            sha256 = item.document.sha256
            is_left = sha256 in left
            assert bool(store.kept_pages(sha256, "reading")) is is_left
            assert bool(store.num_attempts(sha256, FINGERPRINT)) is is_left
            assert (store.status_of(sha256, FINGERPRINT) is not None) is is_left
