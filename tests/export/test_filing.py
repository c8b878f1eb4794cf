"""Documents are filed by their fields: shown first, never over a file, never outside."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.command_line import ROOT, invoke, start
from support.containers import pdf, zipped
from support.pdfs import invoice_lines, text_pdf
from support.sample_records import FIELDS, OPTIONS, document, failed, record

from docextract.core import OptionError, RecordStatus
from docextract.export.atomic import held_file
from docextract.export.naming.filing import Fate, carry_out, plan_filing
from docextract.export.naming.pattern import Pattern
from docextract.store import Store

PATTERN = "archive/{issue_date:%Y}/{seller.name}-{invoice_number}.pdf"


def filled(pattern, **values):
    found = Pattern.parse(pattern, FIELDS).fill(record(document("a.pdf"), **values).to_json())
    return found.path if found.path is None else str(found.path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(folder):
    with Store.open(folder / "out") as opened:
        opened.begin_run(OPTIONS)
        yield opened


def put(store, folder, name, number, status=RecordStatus.OK, **values):
    """Put a file into the inputs and its record into the store."""
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(number.encode())
    sha256 = hashlib.sha256(number.encode()).hexdigest()
    own = replace(document(name), raw_path=os.fsencode(path), sha256=sha256)
    store.save(1, replace(record(own, number, **values), status=status))
    return path


def planned(store, pattern=PATTERN, **options):
    parsed = Pattern.parse(pattern, store.fields())
    return parsed, list(plan_filing(store.documents(), parsed, whole_files_alone, **options))


def whole_files_alone(document):
    raise AssertionError(f"{document.path} lies in no other file")


def files(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_fields_make_folders_and_names():
    assert filled(PATTERN) == "2024/Müller & Söhne-INV-1"
    assert filled("{issue_date:%Y/%m}/{invoice_number:.3}-{totals.gross:.0f}.pdf") == (
        "2024/03/INV--59"
    )
    assert (
        filled("x/{document.stem}_{document.status}-{document.sha256:.4}")
        == "a_ok-" + (document("a.pdf").sha256[:4])
    )
    assert filled("{seller.name}-{invoice_number}", seller={"name": "A S.L."}) == "A S.L.-INV-1"
    assert Pattern.parse("a/b/{invoice_number}.pdf", FIELDS).root == Path("a/b")
    assert Pattern.parse("/a/x{invoice_number}.pdf", FIELDS).root == Path("/a")
    assert Pattern.parse("../x/{invoice_number}", FIELDS).root == Path("../x")
    assert Pattern.parse("~/{invoice_number}", FIELDS).root == Path.home()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("/etc/passwd", "-etc-passwd"),
        ('a\\b:c*?"<>|d', "a-b-c------d"),
        ("a\0b\nc\x1b[2J", "a b c [2J"),
        ("\u202efdp.exe", "fdp.exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        (".hidden", "hidden"),
        (" x. ", "x"),
        ("S.L.", "S.L"),
        ("e\u0301", "é"),
        ("F25/0238", "F25-0238"),
    ],
)
def test_what_a_document_says_makes_no_folder_and_no_odd_name(number, name):
    assert filled("to/{invoice_number}.pdf", number=number) == name


@given(st.text(), st.text())
@example("..", "..")
@example("/", "\0")
@example("x" * 400, "ü" * 400)
@example(".", "COM1")
def test_no_text_of_a_document_leaves_the_folder(number, name):
    values = {"seller": {"name": name}}
    tree = record(document("a.pdf"), number, **values).to_json()
    pattern = Pattern.parse("to/{seller.name}/{invoice_number}{seller.name}.pdf", FIELDS)
    path, missing = pattern.fill(tree)
    assert (path is None) == bool(missing)
    if path is not None:
        assert len(path.parts) == 2
        assert not path.is_absolute()
        for part in path.parts:
            assert part.strip(".") and part == part.rstrip(" .")
            assert len(part.encode()) <= 255
            assert part.isprintable()


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("archive/x.pdf", "names no field"),
        ("{name}.pdf", "no field 'name'; did you mean seller.name"),
        ("{invoice_nubmer}", "did you mean invoice_number"),
        ("{lines[].net}", "cannot be part of a name"),
        ("{invoice_number", "expected '}'"),
        ("{invoice_number!r}", "cannot be part of a name"),
        ("{invoice_number:{seller.name}}", "cannot be part of a name"),
        ("{invoice_number:%Y}", "Invalid format"),
        ("{invoice_number:>999999999}", "no part of a name"),
        ("{issue_date:%Y}/../{invoice_number}", "goes up behind a field"),
        ("a/{issue_date:%Y/../..}/x", "goes up behind a field"),
        ("{}", "no field ''"),
        ("{issue_date:%}", "no way to write a date"),
        ("{issue_date:%Y%}", "no way to write a date"),
        ("{issue_date:%Q}", "no way to write a date"),
        ("{issue_date:YYYY-MM}", "no way to write a date"),
        ("{issue_date:%%Y}", "no way to write a date"),
        ("{issue_date:.2f}", "no way to write a date"),
        ("s3://bucket/{invoice_number}", "s3://bucket/{invoice_number} lies in storage"),
        ("https://store.example/{invoice_number}", "lies in storage"),
    ],
)
def test_a_pattern_that_makes_no_names_is_refused(pattern, told):
    with pytest.raises(OptionError) as error:
        Pattern.parse(pattern, FIELDS)
    assert told in str(error.value)


def test_a_date_is_written_in_all_the_ways_that_c_knows():
    for form in ("%d.%m.%Y", "%Y%%%m", "%%%Y", "%B %-d", "%G-W%V", "%F"):
        Pattern.parse(f"{{issue_date:{form}}}", FIELDS)


def test_only_documents_that_are_ok_are_filed_and_the_rest_is_named(store, folder):
    put(store, folder, "a.pdf", "1")
    put(store, folder, "b.pdf", "2", RecordStatus.REVIEW)
    put(store, folder, "c.pdf", "3", issue_date=None, seller={"name": " . "})
    store.save(1, failed(document("d.pdf")))
    _, steps = planned(store)
    assert [(step.fate, step.why) for step in steps] == [
        (Fate.FILE, ""),
        (Fate.LEFT, "review"),
        (Fate.REFUSED, "it has no issue_date and no seller.name"),
        (Fate.LEFT, "failed, corrupt"),
    ]
    _, steps = planned(store, is_all=True)
    assert steps[1].fate is Fate.FILE


def test_nothing_is_overwritten_and_the_same_file_is_there_already(store, folder):
    put(store, folder, "a.pdf", "1")
    pattern, (step,) = planned(store)
    assert carry_out(step, pattern.root, whole_files_alone) == ""
    assert planned(store)[1][0].fate is Fate.THERE
    step.target.write_text("another")
    (again,) = planned(store)[1]
    assert (again.fate, "is another file" in again.why) == (Fate.REFUSED, True)
    assert "has come meanwhile" in carry_out(step, pattern.root, whole_files_alone)
    assert step.target.read_text() == "another"
    assert files(folder / "archive") == ["2024/Müller & Söhne-1.pdf"]


def test_two_documents_of_one_name_are_told_apart(store, folder):
    put(store, folder, "a.pdf", "x1")
    put(store, folder, "b.pdf", "X1")
    _, (first, second) = planned(store)
    assert (first.fate, second.fate) == (Fate.FILE, Fate.REFUSED)
    assert second.why.startswith("in/a.pdf has the same name; add {document.stem}")
    _, steps = planned(store, "archive/{invoice_number}-{document.sha256:.8}.pdf")
    assert {step.fate for step in steps} == {Fate.FILE}


def test_the_ending_is_the_files_own(store, folder):
    put(store, folder, "a.PNG", "1")
    put(store, folder, "b", "2")
    names = [step.target.name for step in planned(store)[1]]
    assert names == ["Müller & Söhne-1.png", "Müller & Söhne-2"]


def test_a_file_that_is_not_what_was_read_is_not_filed(store, folder):
    path = put(store, folder, "a.pdf", "1")
    pattern, (step,) = planned(store)
    path.write_text("other bytes")
    assert "not the file that was read" in carry_out(
        step, pattern.root, whole_files_alone, is_move=True
    )
    assert path.read_text() == "other bytes"
    assert files(folder / "archive") == []
    path.unlink()
    assert planned(store)[1][0].why == "it is no file, or not there any more"


def test_a_link_in_the_archive_leads_nowhere(store, folder):
    put(store, folder, "a.pdf", "1")
    (folder / "archive").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "archive" / "2024").symlink_to(folder / "elsewhere")
    pattern, (step,) = planned(store)
    assert "leads out of archive" in carry_out(step, pattern.root, whole_files_alone)
    assert files(folder / "elsewhere") == []


def test_where_the_file_system_knows_no_links_nothing_is_overwritten_either(
    store, folder, monkeypatch
):
    def refuse(*args, **more):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    put(store, folder, "a.pdf", "1")
    pattern, (step,) = planned(store)
    assert carry_out(step, pattern.root, whole_files_alone) == ""
    assert step.target.read_text() == "1"
    assert "has come meanwhile" in carry_out(step, pattern.root, whole_files_alone)
    assert files(folder / "archive") == ["2024/Müller & Söhne-1.pdf"]


def test_the_command_shows_first_then_copies_then_finds_it_done(store, folder):
    source = put(store, folder, "a.pdf", "1")
    put(store, folder, "b.pdf", "2", issue_date=None)
    words = ("file", "out", "--to", PATTERN)
    shown = invoke(*words)
    assert shown.stdout == "in/a.pdf -> archive/2024/Müller & Söhne-1.pdf\n"
    assert "not filed: in/b.pdf: it has no issue_date" in shown.stderr
    assert "1 file would be copied, 1 not filed, in archive; --apply does it" in shown.stderr
    assert shown.exit_code == 5
    assert not (folder / "archive").exists()
    assert "1 file copied" in invoke(*words, "--apply").stderr
    assert "1 already there" in invoke(*words, "--apply").stderr
    assert source.read_text() == "1"


def test_a_moved_file_has_gone_from_where_it_was(store, folder):
    source = put(store, folder, "a.pdf", "1")
    done = start("file", "out", "--to", PATTERN, "--apply", "--move", cwd=folder)
    assert (done.returncode, "1 file moved" in done.stderr) == (0, True), done.stderr
    assert not source.exists()
    assert (folder / "archive/2024/Müller & Söhne-1.pdf").read_text() == "1"


def test_long_names_keep_their_ending(store, folder):
    put(store, folder, "a.pdf", "1", seller={"name": "ü" * 300})
    pattern, (step,) = planned(store, "archive/{seller.name}.pdf")
    assert carry_out(step, pattern.root, whole_files_alone) == ""
    name = PurePosixPath(files(folder / "archive")[0]).name
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 255


def inside(folder):
    """Read a PDF of two invoices, and a zip of one; return how they are filed."""
    pages = ([*invoice_lines(f"A-{n}1", 100.0 + n), (40, 800, "Page 1 of 1")] for n in (1, 2))
    (folder / "in").mkdir()
    (folder / "in/pile.pdf").write_bytes(text_pdf(*pages))
    (folder / "in/post.zip").write_bytes(zipped(("one.pdf", pdf("Z-12"))))
    invoke("run", "in", "--schema", "invoice_number, total: money", "--out", "out", "-q")
    return ("file", "out", "--to", "archive/{invoice_number}", "--apply")


def test_what_lies_in_another_file_is_written_out_and_found_there_again(folder):
    words = inside(folder)
    assert "3 files copied" in invoke(*words).stderr
    assert files(folder / "archive") == ["A-11.pdf", "A-21.pdf", "Z-12.pdf"]
    assert (folder / "archive/Z-12.pdf").read_bytes() == pdf("Z-12")
    assert "3 already there" in invoke(*words).stderr
    asked = invoke("ask", "archive/A-21.pdf", "--fields", "total: money,", "-o", "-")
    (line,) = asked.stdout.splitlines()
    assert json.loads(line)["document"]["num_pages"] == 1
    assert json.loads(line)["values"] == {"total": "122.40"}


def test_what_lies_in_another_file_is_not_moved_nor_written_where_that_has_changed(folder):
    words = inside(folder)
    told = invoke(*words, "--move")
    assert told.exit_code == 5
    assert told.stderr.count("it can be copied but not moved") == 3
    (folder / "in/pile.pdf").write_bytes(text_pdf(invoice_lines("B-11", 7.0)))
    told = invoke(*words)
    assert told.exit_code == 5
    assert told.stderr.count("The file has changed since it was found") == 2
    assert files(folder / "archive") == ["Z-12.pdf"]


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv.pop(1))
name, when = sys.argv.pop(1), sys.argv.pop(1)
real = getattr(os, name)
def struck(*args, **more):
    if when == "after":
        real(*args, **more)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, name, struck)
from docextract.__main__ import main
main()
"""
"""The command, killed before or after its first call of a function of the system."""


def killed(name, when, *words):
    done = subprocess.run([sys.executable, "-c", KILLED, ROOT, name, when, *words])
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("name", "when", "is_copied"),
    [
        ("fsync", "before", False),
        ("fsync", "after", False),
        ("link", "before", False),
        ("link", "after", True),
    ],
)
@pytest.mark.parametrize("more", [(), ("--move",)])
def test_a_command_that_was_killed_is_repeated_and_leaves_nothing(
    store, folder, name, when, is_copied, more
):
    sources = [put(store, folder, f"{number}.pdf", str(number)) for number in (1, 2)]
    words = ("file", "out", "--to", PATTERN, "--apply", *more)
    killed(name, when, *words)
    left = files(folder / "archive")
    assert any("/.docextract-" in it for it in left)
    assert ("2024/Müller & Söhne-1.pdf" in left) == is_copied
    assert all(source.exists() for source in sources)
    again = invoke(*words)
    assert again.exit_code == 0, again.stderr
    assert files(folder / "archive") == [f"2024/Müller & Söhne-{number}.pdf" for number in (1, 2)]
    assert [source.exists() for source in sources] == [not more] * 2
    assert "2 already there" in invoke(*words).stderr


def test_what_another_command_is_writing_stays(store, folder):
    put(store, folder, "a.pdf", "1")
    (folder / "archive/2024").mkdir(parents=True)
    with held_file(folder / "archive/2024/x.pdf") as held:
        assert invoke("file", "out", "--to", PATTERN, "--apply").exit_code == 0
        assert Path(held.name).exists()
    assert not Path(held.name).exists()


def test_a_copy_is_shown_as_one_that_would_be_moved(store, folder):
    source = put(store, folder, "a.pdf", "1")
    invoke("file", "out", "--to", PATTERN, "--apply")
    assert "1 file would be moved" in invoke("file", "out", "--to", PATTERN, "--move").stderr
    assert source.exists()
    assert "1 file moved" in invoke("file", "out", "--to", PATTERN, "--move", "--apply").stderr
    assert not source.exists()


@pytest.mark.parametrize("kind", ["same", "link", "linked folder", "changed"])
def test_an_original_goes_only_where_its_copy_is_another_file(store, folder, kind):
    source = put(store, folder, "a.pdf", "1")
    pattern, target = "in/{document.stem}.pdf", source
    if kind != "same":
        pattern, target = "archive/{document.stem}.pdf", folder / "archive/a.pdf"
    if kind == "linked folder":
        (folder / "archive").symlink_to(folder / "in")
    elif kind == "link":
        target.parent.mkdir()
        target.symlink_to(source)
    elif kind == "changed":
        invoke("file", "out", "--to", pattern, "--apply")
        source.write_text("another")
    told = invoke("file", "out", "--to", pattern, "--move", "--apply")
    assert (told.exit_code, "1 already there" in told.stderr) == (0, True), told.stderr
    assert source.exists()
    assert target.read_text() == "1"
