"""``plan`` says what the run then finds; ``doctor`` what works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from support.command_line import invoke, start
from support.pdfs import invoice_lines, text_pdf, write_invoices
from support.processes import docextract

from docextract.batch.planning import surveying
from docextract.core import Document, ReadOptions
from docextract.doctor import Level, machine, model
from docextract.documents.counting import count_job


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "in"
    write_invoices(folder, 3)
    (folder / "long.pdf").write_bytes(text_pdf(*[invoice_lines("INV-9", 5.0)] * 7))
    (folder / "twin.pdf").write_bytes((folder / "long.pdf").read_bytes())
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / "letter.pdf").write_bytes(b"Dear reader")
    (folder / "notes.txt").write_text("no document")
    return folder


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """Plan in this process: plan(*args)."""
    monkeypatch.chdir(tmp_path)

    def call(*args):
        done = invoke("plan", *args, "--json", env={"DOCEXTRACT_JOBS": "1"})
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return call


def test_a_plan_is_what_the_run_finds(tmp_path, inbox, plan):
    before = plan("in", "--schema", "invoice")
    assert (before["files"], before["to_read"], before["pages"]) == (8, 4, 10)
    assert (before["duplicates"], before["done"], before["ignored"]) == (1, {}, {".txt": 1})
    assert before["reasons"] == {"corrupt": 1, "not_a_document": 1, "empty_file": 1}
    assert (before["unreadable"], before["is_sampled"]) == (3, False)
    assert before["estimate"]["measured_pages"] == 0
    assert not (tmp_path / "out").exists()

    docextract("run", "in", "--schema", "invoice", "-q", cwd=tmp_path, check=5)
    run = json.loads((tmp_path / "out/run.json").read_bytes())
    assert run["num_found"] == before["files"]
    assert run["counts"]["failed"] == before["unreadable"]
    assert run["counts"]["skipped"] == before["duplicates"]

    stored = (tmp_path / "out/.docextract/store.sqlite").read_bytes()
    for options in (["--schema", "invoice"], []):
        after = plan("in", *options)
        assert (after["to_read"], sum(after["done"].values())) == (0, 7)
        assert after["done"]["failed"] == 3
    again = plan("in", "--schema", "invoice", "--retry-failed")
    assert (again["files"], again["unreadable"], again["done"]["failed"]) == (8, 2, 1)
    anew = plan("in", "--schema", "invoice", "--force", "-j", "1")
    assert anew["estimate"]["measured_pages"] == 10
    assert 0 < anew["estimate"]["seconds_per_page"]["application/pdf"] < 60
    assert anew["estimate"]["guessed"] == []
    other = plan("in", "--schema", "invoice", "--pages", "1")
    assert (other["pages"], other["done"]) == (4, {})
    assert (tmp_path / "out/.docextract/store.sqlite").read_bytes() == stored


def test_a_plan_for_people_adds_up(tmp_path, inbox):
    done = docextract("plan", "in", "nowhere/*.pdf", "--schema", "invoice", cwd=tmp_path, check=0)
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["pages"] == "10"
    assert rows["unreadable"].startswith("3 ")
    assert "(a guess)" in rows["time"]
    assert "nowhere/*.pdf matched nothing" in done.stderr


def test_a_plan_ends_with_true_codes(tmp_path):
    (tmp_path / "in").mkdir()
    docextract("plan", "in", cwd=tmp_path, check=7)
    docextract("plan", "in", "--schema", "invoise", cwd=tmp_path, check=2)
    docextract("plan", cwd=tmp_path, check=2)


def test_a_random_part_stands_for_the_rest(tmp_path, monkeypatch):
    for i in range(30):
        pages = [[(50, 50, f"Page of {i}")]] * (1 + i % 3)
        (tmp_path / f"{i}.pdf").write_bytes(text_pdf(*pages))
    (tmp_path / "0.pdf").write_bytes(b"%PDF-1.4 broken")
    monkeypatch.setattr(surveying, "_MAX_OPENED", 10)
    done = invoke("plan", tmp_path, "--out", tmp_path / "out", "--json")
    found = json.loads(done.stdout)
    assert (found["files"], found["counted_files"], found["is_sampled"]) == (30, 10, True)
    assert found["files"] == found["to_read"] + found["unreadable"]
    assert 40 <= found["pages"] <= 80


def test_counting_reads_a_list_on_stdin(tmp_path, inbox):
    paths = "\n".join(str(path) for path in sorted(inbox.glob("invoice-*.pdf")))
    done = docextract("plan", "-", "--json", cwd=tmp_path, check=0, input=paths)
    assert json.loads(done.stdout)["pages"] == 3


def test_e_invoices_have_no_pages(fixtures):
    path = next(fixtures.rglob("*.xml"))
    document = Document(str(path), bytes(path))
    (counted,) = count_job(document, ReadOptions())
    assert counted.num_pages == 0


def test_doctor_reads_a_page_and_says_what_it_chose(tmp_path):
    done = start("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    assert found["works"]
    levels = {row["name"]: row["level"] for row in found["findings"]}
    assert {levels[name] for name in ("python", "text layer", "ocr", "output", "engine")} == {"ok"}
    told = {row["name"]: row["told"] for row in found["findings"]}
    assert told["engine"].startswith("text, chosen because")
    assert list(tmp_path.iterdir()) == []


def test_doctor_ends_with_3_and_a_remedy_where_a_run_would_not_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    done = start("doctor", "--out", "file/out", "--engine", "llava", cwd=tmp_path)
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    broken = [i for i, line in enumerate(lines) if line.startswith("broken")]
    assert {lines[i].split()[1] for i in broken} == {"output", "weights", "engine"}
    assert all(lines[i + 1].strip().startswith("-> ") for i in broken)
    monkeypatch.chdir(tmp_path)
    done = invoke("doctor", "--model", "empty", "--json")
    assert done.exit_code == 3
    rows = {row["name"]: row for row in json.loads(done.stdout)["findings"]}
    assert "safetensors" in rows["weights"]["told"]


def test_doctor_imports_no_torch(tmp_path):
    script = (
        "import sys\nfrom docextract.cli import main\nsys.argv = ['docextract', 'doctor']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print('EXIT', end.code)\n"
        "print([name for name in ('torch', 'rapidocr') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["EXIT 0", "[]"], done.stdout + done.stderr


def test_doctor_sees_a_gpu_by_its_driver(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB, 570.1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = {item.name: item for item in model.model_engine("text", None)}
    assert found["gpu"].told == "NVIDIA H100, 81559 MiB, 570.1"
    program.write_text("#!/bin/sh\nexit 9\n")
    found = {item.name: item for item in model.model_engine("text", None)}
    assert found["gpu"].level is Level.NOTE


def test_little_disk_is_a_warning(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=5))
    assert [item.level for item in machine.disk(tmp_path / "out")] == [Level.WARNING] * 2
