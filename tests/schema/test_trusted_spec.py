"""A schema by name is never code out of a folder that is read or that others can write to."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.command_line import invoke, start

from docextract.core import SchemaNotFoundError
from docextract.schema.loading import load_schema, trusted_spec
from docextract.schema.sources.trust import is_writable_by_others, why_untrusted
from docextract.store import Store

PLANTED = """
from pathlib import Path
from pydantic import BaseModel
Path(__file__).with_name("ran").touch()
class Invoice(BaseModel):
    planted: str | None = None
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Return a planted schema of the working folder."""
    path = tmp_path / "schemas" / "invoice.py"
    path.parent.mkdir()
    path.write_text(PLANTED)
    monkeypatch.chdir(tmp_path)
    return path


@pytest.mark.parametrize("inputs", [["."], ["*.pdf"], ["./**/*.pdf"], [".."], ["in", "."]])
def test_a_schema_beside_what_is_read_is_not_run(planted, inputs):
    spec, told = trusted_spec("invoice", inputs)
    assert "invoice_number" in [item.path for item in load_schema(spec).fields]
    assert not planted.with_name("ran").exists()
    assert str(planted) in told
    assert "--trust-here" in told


@pytest.mark.parametrize("inputs", [["in"], ["in/*.pdf"], ["a.pdf"], ["-"], []])
def test_a_schema_of_ones_own_folder_is_taken(planted, inputs):
    (planted.parents[1] / "in").mkdir()
    (planted.parents[1] / "a.pdf").touch()
    assert trusted_spec("invoice", inputs) == ("schemas/invoice.py", "")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_schema_that_others_can_change_is_not_run(planted, place):
    [planted, *planted.parents][place].chmod(0o777)
    assert "others can write to" in trusted_spec("invoice", ["in"])[1]


def test_a_schema_nobody_else_has_is_named_in_the_error(planted):
    planted.rename(planted.with_name("slip.py"))
    with pytest.raises(SchemaNotFoundError, match="not run"):
        trusted_spec("slip", ["."])
    assert trusted_spec("schemas/slip.py", ["."]) == ("schemas/slip.py", "")


def test_a_folder_of_another_user_or_of_a_shared_group_is_others_too():
    def found(mode: int, user: int, group: int) -> os.stat_result:
        return os.stat_result((mode, 0, 0, 1, user, group, 0, 0, 0, 0))

    me = os.geteuid()
    assert not is_writable_by_others(found(0o755, me, 100))
    assert not is_writable_by_others(found(0o755, 0, 100))
    assert is_writable_by_others(found(0o755, me + 4242, 100))
    assert is_writable_by_others(found(0o775, me, 4242))
    assert why_untrusted(Path("/nowhere/at/all")) == ""


def test_a_run_in_the_folder_it_reads_runs_nothing_of_it_and_review_neither(planted, fixtures):
    folder = planted.parents[1]
    (folder / "a.pdf").write_bytes((fixtures / "invoices" / "alder-finch.pdf").read_bytes())
    done = start("run", ".", "-s", "invoice", "-o", folder.parent / "out", "-j", 1, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "is code and is not run" in done.stderr
    line = (folder.parent / "out" / "results.jsonl").read_text().splitlines()[0]
    assert json.loads(line)["values"]["invoice_number"]
    shown = start("review", folder.parent / "out", "--list", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert not planted.with_name("ran").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["schema", "show", "invoice"],
        ["schema", "check", "invoice"],
        ["eval", "{results}", "--schema", "invoice", "--truth", "{truth}"],
        ["export", "{out}", "--schema", "invoice", "--to", "-"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_no_command_runs_a_schema_that_others_can_change(planted, fixtures, command, tmp_path):
    planted.parent.chmod(0o777)
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    results.touch()
    with Store.open(out):
        pass
    places = {"out": out, "results": results, "truth": fixtures / "truth.jsonl"}
    told = invoke(*(word.format(**places) for word in command))
    assert not planted.with_name("ran").exists()
    assert "is code and is not run" in told.stderr


def test_a_program_that_loads_a_name_gets_no_strangers_code(planted):
    planted.parent.chmod(0o777)
    with pytest.warns(UserWarning, match="is code and is not run"):
        fields = load_schema("invoice").fields
    assert "invoice_number" in [item.path for item in fields]
    planted.rename(planted.with_name("slip.py"))
    with pytest.raises(SchemaNotFoundError, match="is not run"):
        load_schema("slip")
