"""Files that someone wrote, named by an option: whatever is in them, the message says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sample_records import OPTIONS, document, record
from typer.testing import CliRunner

from docextract.cli import app
from docextract.cli.options.config_file import read_settings
from docextract.core import SchemaInvalidError, UsageError
from docextract.engine.replay import ReplayEngine
from docextract.evaluation import NameMapping, read_source, read_truth
from docextract.learning.by_hand import load_hints
from docextract.schema.loading import load_schema
from docextract.store import Store
from docextract.verify.confidence.weights import load_calibration

READERS: dict[str, Callable[[Path], object]] = {
    "truth": read_truth,
    "records": read_source,
    "mapping": NameMapping.load,
    "calibration": load_calibration,
    "answers": ReplayEngine,
    "schema": lambda path: load_schema(str(path)),
}
WRONG: dict[str, tuple[bytes, str]] = {
    "deep": (b"[" * 100_000, "nested too deeply"),
    "no JSON": (b"hello", "no JSON"),
    "binary": (b"\x85\xff\x00", "UTF-8|utf-8"),
    "a list": (b"[1, 2]\n", "."),
    "a number": (b"3\n", "."),
}


def invoke(*args):
    return CliRunner().invoke(app, list(map(str, args)))


@pytest.fixture
def stored(tmp_path):
    with Store.open(tmp_path / "out") as store:
        run_id = store.begin_run(OPTIONS)
        store.save(run_id, record(document("in/a.pdf")))
        store.end_run(run_id, {"exit_code": 0})
    return tmp_path / "out"


def labels(tmp_path, **row):
    path = tmp_path / "truth.jsonl"
    path.write_text(json.dumps(row))
    return path


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("reader", READERS)
def test_a_wrong_file_is_a_usage_error_that_says_what_is_wrong(tmp_path, reader, wrong):
    content, told = WRONG[wrong]
    suffix = ".json" if reader in ("schema", "mapping") else ".jsonl"
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told) as caught:
        READERS[reader](path)
    # Python's words of its own types help nobody.
    assert not re.search(r"Error\(|attribute|indices|subscriptable", str(caught.value))


@pytest.mark.parametrize("reader", ["mapping", "schema"])
def test_a_file_from_an_editor_that_marks_utf_8_is_read(tmp_path, reader):
    good = {"type": "object", "properties": {"vendor": {"type": "string"}}}
    tree = good if reader == "schema" else {"vendor": "seller.name"}
    path = tmp_path / "marked.json"
    path.write_text(json.dumps(tree), encoding="utf-8-sig")
    READERS[reader](path)


def test_marked_records_schemas_settings_and_hints_are_read(tmp_path, monkeypatch, stored):
    monkeypatch.chdir(tmp_path)
    line = json.dumps(record(document("in/a.pdf")).to_json())
    (tmp_path / "r.jsonl").write_text(line, encoding="utf-8-sig")
    assert len(read_source(tmp_path / "r.jsonl").records) == 1
    (tmp_path / "schemas").mkdir()
    code = '"""Bills of ours."""\nfrom pydantic import BaseModel\nclass Bill(BaseModel): no: str\n'
    (tmp_path / "schemas" / "bill.py").write_text(code, encoding="utf-8-sig")
    assert "Bills of ours." in invoke("schema", "list").stdout
    (tmp_path / "s.toml").write_text("jobs = 1\n", encoding="utf-8-sig")
    assert read_settings(tmp_path / "s.toml", ["jobs"]) == {"jobs": 1}
    hints = '[[supplier]]\nname = "A"\nschema = "bill"\nkeywords = ["Kupferhof"]\n'
    (tmp_path / "h.toml").write_text(hints, encoding="utf-8-sig")
    assert len(load_hints(tmp_path / "h.toml")) == 1


def test_labels_of_a_file_without_a_name_are_refused(tmp_path):
    with pytest.raises(UsageError, match="line 1 holds no labels: the file"):
        read_truth(labels(tmp_path, file=5, values={}))
    with pytest.raises(UsageError, match="line 1 holds no labels: there is no 'file'"):
        read_truth(labels(tmp_path, values={}))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise ValueError('boom')", "boom"),
        ("import sys; sys.exit(4)", "4"),
        ("assert False", "AssertionError"),
        ("class Own(Exception): pass\nraise Own", "Own"),
        ("def f(): f()\nf()", "recursion"),
    ],
)
def test_a_schema_of_python_may_raise_anything_at_all(tmp_path, monkeypatch, code, told):
    (tmp_path / "raising_schema.py").write_text(code)
    with pytest.raises(SchemaInvalidError, match=f"does not import: .*{told}"):
        load_schema(str(tmp_path / "raising_schema.py"))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "raising.py").write_text(code)
    with pytest.raises(SchemaInvalidError, match=f"does not import: .*{told}"):
        load_schema("package.raising:Bill")


def test_a_schema_that_ends_python_ends_the_command_with_2(tmp_path):
    path = tmp_path / "leaving.py"
    path.write_text("import sys; sys.exit(0)")
    done = invoke("schema", "check", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "does not import" in done.stderr


def test_labels_for_other_documents_are_no_score(tmp_path, stored):
    done = invoke("eval", stored, "--truth", labels(tmp_path, file="b.pdf", values={"x": 1}))
    assert done.exit_code == 2
    assert "none of the labelled documents is in this run" in done.stderr
    assert "b.pdf" in done.stderr and "in/a.pdf" in done.stderr


def test_inputs_that_are_not_there_are_no_score(tmp_path):
    truth = labels(tmp_path, file="b.pdf", values={"invoice_number": "1"})
    missing = tmp_path / "missing.pdf"
    done = invoke("eval", missing, "--schema", "invoice", "--truth", truth, "--engine", "text")
    assert (done.exit_code, done.stdout) == (6, "")


def test_eval_keeps_nothing_on_stdout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    truth = labels(tmp_path, file="b.pdf", values={"invoice_number": "1"})
    done = invoke("eval", "in", "--schema", "invoice", "--truth", truth, "--out", "-")
    assert done.exit_code == 2
    assert "--out" in done.stderr
    assert not Path("-").exists()


def test_exports_go_into_a_folder(tmp_path, stored):
    target = tmp_path / "file"
    target.write_text("mine")
    done = invoke("export", stored, "--to", target)
    assert done.exit_code == 2
    assert "is no folder" in done.stderr
    assert target.read_text() == "mine"
