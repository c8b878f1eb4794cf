"""Commands turn options into one call, keep stdout for data, and end with the right code."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.command_line import ROOT, FakeRun, invoke, start, tell
from support.sample_records import OPTIONS, document, failed, record
from typer.main import get_command

from docextract.cli import app
from docextract.cli.options import parse_formats
from docextract.cli.output.formatting import show_count, show_duration, show_path
from docextract.cli.progress.live import LiveReporter
from docextract.cli.progress.reporters import JsonReporter, PlainReporter, QuietReporter
from docextract.core import (
    EXIT_MEANING,
    DeviceError,
    ExitCode,
    MaxFailures,
    NoDocumentsError,
    OptionError,
    OutputBusyError,
    RecordStatus,
    RunOptions,
    StoreError,
)
from docextract.schema.loading import load_schema
from docextract.store import Store
from docextract.store.run_summary import RunSummary

HEAVY = ("torch", "transformers", "pypdfium2", "rapidocr", "numpy", "PIL")


@pytest.fixture
def run(monkeypatch):
    return FakeRun(monkeypatch)


@pytest.fixture
def stored(tmp_path):
    out = tmp_path / "out"
    with Store.open(out) as store:
        run_id = store.begin_run(OPTIONS)
        store.save(run_id, record(document("a.pdf")))
        store.save(run_id, failed(document("b.pdf")))
        store.end_run(run_id, {"exit_code": 5})
    return out


def test_options_become_run_options(run, tmp_path):
    answers = tmp_path / "answers.jsonl"
    answers.write_text("")
    done = invoke(
        "run", "in", "more/*.pdf", "-s", "invoice", "-o", tmp_path / "o", "--engine", "replay",
        "--answers", answers, "-j", 3, "--pages", "1-3,7", "--renderer", "poppler",
        "--no-embedded", "--password", "secret", "--max-pages", 9, "--timeout", 30,
        "--dpi", 300, "--max-pixels", 9_000_000,
        "--retry-failed", "--limit", 5, "--max-failures", "10%", "--fail-on", "review",
        "--format", "json, csv,json", "--deadline", "2030-01-01T06:30+00:00", "-q",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = run.options
    assert (found.inputs, found.schema, found.out) == (
        ("in", "more/*.pdf"),
        "invoice",
        tmp_path / "o",
    )
    assert (found.engine, found.answers, found.num_workers) == ("replay", answers, 3)
    assert found.read.pages.numbers(10) == [1, 2, 3, 7]
    assert (found.read.renderer, found.read.use_embedded) == ("poppler", False)
    assert (found.read.password, found.read.max_pages) == ("secret", 9)
    assert (found.read.dpi, found.read.max_pixels) == (300, 9_000_000)
    assert found.read.document_timeout_s == 30
    assert (found.retry_failed, found.force, found.limit) == (True, False, 5)
    assert found.max_failures.percent == 10
    assert (found.fail_on_review, found.formats) == (True, ("json", "csv"))
    assert found.deadline == dt.datetime(2030, 1, 1, 6, 30, tzinfo=dt.UTC)


def test_defaults_are_those_of_run_options(run):
    assert invoke("run", "in", "--schema", "invoice").exit_code == 0
    assert run.options == RunOptions(("in",), "invoice")


def test_options_come_from_the_environment_too(run):
    variables = {
        "DOCEXTRACT_SCHEMA": "receipt",
        "DOCEXTRACT_PASSWORD": "secret",
        "DOCEXTRACT_JOBS": "2",
        "DOCEXTRACT_NO_EMBEDDED": "1",
        "DOCEXTRACT_MAX_PAGES": "7",
    }
    assert invoke("run", "in", env=variables).exit_code == 0
    assert (run.options.schema, run.options.num_workers) == ("receipt", 2)
    assert (run.options.read.password, run.options.read.max_pages) == ("secret", 7)
    assert not run.options.read.use_embedded


ASKED = {"questions", "questions_file", "fields", "is_together", "out"}
"""What ask is asked, and where to, stands on the command line alone."""


def test_every_option_can_be_set_in_the_environment():
    root: Any = get_command(app)
    commands = [*root.commands.values(), *root.commands["schema"].commands.values()]
    options = [
        parameter
        for command in commands
        for parameter in command.params
        if parameter.param_type_name == "option" and parameter.name != "help"
        if command.name != "ask" or parameter.name not in ASKED
    ]
    assert len(options) > 20
    for parameter in options:
        name = next(text for text in parameter.opts if text.startswith("--"))
        assert parameter.envvar == "DOCEXTRACT_" + name[2:].replace("-", "_").upper()


@pytest.mark.parametrize(
    "args",
    [
        ["run", "in"],
        ["run", "--schema", "invoice"],
        ["run", "in", "--schema", "invoice", "--pages", "3-1"],
        ["run", "in", "--schema", "invoice", "--engine", "magic"],
        ["run", "in", "--schema", "invoice", "--format", "xml"],
        ["run", "in", "--schema", "invoice", "--deadline", "tomorrow"],
        ["run", "in", "--schema", "invoice", "--max-failures", "some"],
        ["run", "in", "--schema", "invoice", "--max-failures", "100.5%"],
        ["run", "in", "--schema", "invoice", "--settle", "5"],
        ["run", "in", "--schema", "invoice", "--out", "s3://bucket/out"],
        ["run", "in", "--schema", "invoice", "--force", "--retry-failed"],
        ["run", "in", "--schema", "invoice", "-q", "-v"],
        ["run", "in", "--schema", "invoice", "-j", "0"],
        ["run", "in", "--schema", "invoice", "--dpi", "30"],
        ["run", "in", "--schema", "invoice", "--max-pixels", "1000"],
        ["run", "in", "--schema", "invoice", "--answers", "/nowhere"],
        ["run", "in", "--schema", "invoice", "--unknown"],
        ["export", "/nowhere"],
        ["status", "/nowhere"],
        ["schema", "check", "/nowhere.py"],
        ["nonsense"],
    ],
)
def test_usage_errors_end_with_2_and_say_nothing_on_stdout(run, args):
    done = invoke(*args)
    assert done.exit_code == ExitCode.USAGE, done.output
    assert done.stdout == ""
    assert done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["run", "in", "--schema", "invoice", "--format", "pdf"],
        ["run", "in", "--schema", "invoice", "--split", "maybe"],
        ["run", "in", "--schema", "invoice", "--max-failures", "101%"],
        ["plan", "in", "--renderer", "none"],
        ["export", "out", "--format", "pdf"],
    ],
)
def test_a_wrong_value_leads_to_the_help_of_its_command(run, args):
    hint = invoke(*args).stderr.splitlines()[-1]
    assert hint in (f"hint: See docextract {args[0]} --help.", "hint: Try 25 or 10%.")


@pytest.mark.parametrize("name", [".", "./", "", "/", ".."])
def test_a_folder_that_has_no_name_of_its_own_is_a_folder(run, name):
    assert invoke("run", "in", "--schema", "invoice", "--out", name).exit_code == 0
    assert run.options.out == Path(name)


def test_folders_are_put_together_on_this_machine(stored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("merge", stored, "--out", "s3://bucket/out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--out is a folder of this machine" in done.stderr
    assert not (tmp_path / "s3:").exists()


@pytest.mark.parametrize("share", ["100%", "99.9 %", "0%"])
def test_a_share_of_failures_may_be_all(share):
    assert MaxFailures.parse(share).percent <= 100  # type: ignore[operator]


def test_what_settles_is_watched(run):
    assert invoke("run", "in", "--schema", "invoice", "--watch").exit_code == 0
    assert run.options.settle_s == 10
    assert invoke("run", "in", "--schema", "invoice", "--watch", "--settle", 0).exit_code == 0
    assert run.options.settle_s == 0
    assert invoke("run", "in", "--schema", "invoice").exit_code == 0
    assert run.options.settle_s is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OptionError("bad"), 2),
        (DeviceError("no GPU"), 3),
        (StoreError("disk full"), 4),
        (NoDocumentsError("nothing"), 7),
        (OutputBusyError("busy"), 75),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_on_purpose_end_with_their_code_and_a_hint(run, error, code):
    run.result = error
    done = invoke("run", "in", "--schema", "invoice")
    assert done.exit_code == code
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("code", [code for code in ExitCode if code < 75])
def test_the_runs_exit_code_is_the_processs(run, code):
    run.result = code
    assert invoke("run", "in", "--schema", "invoice").exit_code == code


def test_a_bug_leaves_a_log_and_a_short_message(run, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run.result = RuntimeError("what \x1b[2J now")
    done = invoke("run", "in", "--schema", "invoice", "--password", "secret")
    assert done.exit_code == 1
    assert "unexpected RuntimeError: what \\x1b[2J now" in done.stderr
    assert "Traceback" not in done.stderr
    (log,) = tmp_path.glob("docextract-*.log")
    assert str(log) in done.stderr
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "secret" not in text


def test_errors_are_json_where_the_log_is(run):
    run.result = StoreError("disk full")
    done = invoke("run", "in", "--schema", "invoice", "--log-format", "json")
    (row,) = map(json.loads, done.stderr.splitlines())
    assert (row["level"], row["message"], row["exit_code"]) == ("error", "disk full", 4)


def test_out_dash_streams_data_to_stdout_and_the_rest_to_stderr(run):
    done = invoke("run", "in", "--schema", "invoice", "--out", "-")
    assert run.options.out is None
    assert done.stdout == '{"a": 1}\n'
    assert "engine text" in done.stderr


def test_help_lists_the_exit_codes_and_commands():
    text = " ".join(invoke("--help").stdout.split())
    for code, meaning in EXIT_MEANING.items():
        assert f"{int(code)} {meaning}" in text
    for name in ("run", "export", "schema", "status", "version"):
        assert name in text
    assert "lines: [description" in " ".join(
        invoke("run", "--help").stdout.replace("│", " ").split()
    )


def test_starting_is_light():
    script = (
        "import sys\nfrom docextract.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"heavy = {(*HEAVY, 'pydantic', 'sqlite3')!r}\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.strip() == "[]"


def test_export_needs_neither_schema_nor_engine(stored, tmp_path):
    script = (
        "import sys\nfrom docextract.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    to = tmp_path / "to"
    done = subprocess.run(
        [sys.executable, "-c", script, "export", stored, "--to", to, "--format", "csv,json,jsonl"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout == ""
    names = {path.name for path in to.iterdir()}
    assert names == {
        "results.jsonl", "documents.csv", "lines.csv", "taxes.csv", "failures.jsonl", "documents",
    }  # fmt: skip


def test_export_in_place_waits_for_no_run(stored):
    assert invoke("export", stored, "--format", "jsonl").exit_code == 0
    assert (stored / "results.jsonl").exists()
    with Store.open(stored):
        assert invoke("export", stored).exit_code == ExitCode.BUSY
        assert invoke("export", stored, "--to", stored.parent / "x").exit_code == 0


def test_export_to_stdout_is_data_only(stored):
    done = start("export", stored, "--to", "-")
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["ok", "failed"]
    assert done.stderr == ""
    assert start("export", stored, "--to", "-", "--format", "csv").stdout.startswith("path,")
    assert invoke("export", stored, "--to", "-", "--format", "json").exit_code == 2


def add_receipts(out):
    """Let a run of a schema without lists end in the same folder."""
    with Store.open(out) as store:
        run_id = store.begin_run({"schema_name": "receipt", "fields": [("total", "money")]})
        store.save(run_id, replace(record(document("r.pdf")), schema_name="receipt"))
        store.end_run(run_id, {"exit_code": 0})


def test_export_shows_the_newest_schema_or_the_one_asked_for(stored):
    assert invoke("export", stored).exit_code == 0
    own = stored / "mine.csv"
    own.write_text("")
    assert (stored / "taxes.csv").exists()
    add_receipts(stored)
    assert invoke("export", stored).exit_code == 0
    assert len((stored / "results.jsonl").read_text().splitlines()) == 1
    assert ",total," in (stored / "documents.csv").read_text("utf-8").splitlines()[0]
    # Lists of another schema beside these documents would be taken for theirs.
    assert not {"taxes.csv", "lines.csv"} & {path.name for path in stored.iterdir()}
    assert own.exists()
    elsewhere = stored.parent / "to"
    assert invoke("export", stored, "--schema", "invoice", "--to", elsewhere).exit_code == 0
    assert len((elsewhere / "results.jsonl").read_text().splitlines()) == 2
    assert invoke("export", stored, "--to", elsewhere).exit_code == 0
    assert (elsewhere / "taxes.csv").exists()
    assert invoke("export", stored, "--schema", "invoice").exit_code == 0
    assert (stored / "taxes.csv").exists()


def test_export_of_a_schema_that_is_not_there_is_a_usage_error(stored):
    done = start("export", stored, "--schema", "bank_statement")
    assert done.returncode == ExitCode.USAGE
    assert "holds invoice records, none of bank_statement" in done.stderr


def test_export_takes_a_schema_as_it_was_given_to_the_run(stored, tmp_path):
    spec = tmp_path / "invoice.py"
    spec.write_text("import pydantic\nclass Invoice(pydantic.BaseModel):\n    total: str\n")
    assert load_schema(str(spec)).name == "invoice"
    assert invoke("export", stored, "--schema", spec).exit_code == 0


def test_status_names_all_schemas(stored):
    add_receipts(stored)
    text = invoke("status", stored).stdout
    assert "1 document, schema receipt" in text
    assert "it holds records of invoice too" in text
    assert json.loads(invoke("status", stored, "--json").stdout)["schemas"] == [
        "invoice",
        "receipt",
    ]


def big_store(out):
    with Store.open(out) as store:
        run_id = store.begin_run(OPTIONS)
        for number in range(150):
            store.save(run_id, record(document(f"{number}.pdf"), "x" * 4000))


def pipe_into(reader, *args):
    writer = " ".join([sys.executable, "-m", "docextract", *map(str, args)])
    command = f"{writer} | {reader}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_closed_pipe_is_quiet(tmp_path):
    big_store(tmp_path)
    done = pipe_into("head -n 1", "export", tmp_path, "--to", "-")
    assert (done.returncode, done.stderr) == (ExitCode.CLOSED_PIPE, "")
    assert json.loads(done.stdout)["status"] == "ok"
    done = pipe_into("(exec <&-; sleep 2)", "run --help")
    assert (done.returncode, done.stderr) == (ExitCode.CLOSED_PIPE, "")


def test_a_full_disk_behind_stdout_is_told(stored):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "docextract", "export", stored, "--to", "-"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == ExitCode.STORE
    assert "cannot write stdout: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_streams_do_no_harm(stored):
    command = f'"{sys.executable}" -m docextract export {stored} >&- 2>&- <&-'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT)
    assert done.returncode == 0
    with Store.read_only(stored) as store:
        assert sum(store.counts().values()) == 2


def test_status_shows_counts_and_the_newest_run(stored):
    text = invoke("status", stored).stdout
    assert "2 documents, schema invoice" in text
    assert "exit 5" in text
    tree = json.loads(invoke("status", stored, "--json").stdout)
    assert tree["counts"] == {"ok": 1, "failed": 1}
    assert tree["running"] is None
    with Store.open(stored) as store:
        store.begin_run(OPTIONS)
        assert f"process {os.getpid()}" in invoke("status", stored).stdout
    assert "run the same command again" in invoke("status", stored).stdout


def test_version():
    assert invoke("version").stdout.startswith("docextract 0.1.0\npython 3.")
    assert invoke("--version").stdout == "docextract 0.1.0\n"
    assert json.loads(invoke("version", "--json").stdout)["docextract"] == "0.1.0"


def test_schema_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [item["name"] for item in json.loads(invoke("schema", "list", "--json").stdout)]
    assert {"invoice", "receipt", "purchase_order", "bank_statement"} <= set(names)
    assert "built-in" in invoke("schema", "list").stdout
    table = invoke("schema", "show", "invoice").stdout
    assert "totals.gross" in table
    assert "money" in table
    tree = json.loads(invoke("schema", "show", "invoice", "--json").stdout)
    assert "totals" in tree["properties"]
    assert invoke("schema", "check", "vendor, total: money").exit_code == 0
    Path("broken.py").write_text("class Broken(\n", encoding="utf-8")
    done = invoke("schema", "check", "broken.py")
    assert done.exit_code == 2
    assert "broken.py" in done.stderr


def test_plain_reporter_writes_a_line_per_failure_and_the_summary():
    stream = io.StringIO()
    tell(PlainReporter(stream, Path("out"), False))
    text = stream.getvalue()
    assert "engine text: no GPU" in text
    assert "2 documents found" in text
    assert "failed  in/\\x1b[31m\\n[bold]x\\u202e.pdf: corrupt: it is broken" in text
    assert "in/a.pdf" not in text
    assert "results are in out" in text
    assert "exit 5: finished, some documents failed" in text
    assert "The file is damaged" in text
    assert "\x1b" not in text


def test_verbose_has_a_line_per_document():
    stream = io.StringIO()
    tell(PlainReporter(stream, Path("out"), True))
    assert "ok      in/a.pdf: 1 page, 0.04 s" in stream.getvalue()
    assert "ok      in/old.pdf: no work needed" in stream.getvalue()


def test_quiet_says_errors_only():
    stream = io.StringIO()
    tell(QuietReporter(stream))
    assert len(stream.getvalue().splitlines()) == 1
    assert "corrupt" in stream.getvalue()


def test_json_log_has_an_object_per_line_and_no_text_of_documents():
    stream = io.StringIO()
    tell(JsonReporter(stream, Path("out"), False, True))
    rows = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [row["event"] for row in rows] == [
        "message", "found", "unchanged", "document", "document", "summary",
    ]  # fmt: skip
    assert all(dt.datetime.fromisoformat(row["time"]).tzinfo for row in rows)
    bad = rows[4]
    assert (bad["level"], bad["status"], bad["reason"], bad["stage"]) == (
        "error", "failed", "corrupt", "open",
    )  # fmt: skip
    assert "INV-1" not in stream.getvalue()
    assert "broken" not in stream.getvalue()
    assert stream.getvalue().isascii()
    quiet = io.StringIO()
    tell(JsonReporter(quiet, None, True, False))
    assert len(quiet.getvalue().splitlines()) == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_live_display_shows_progress_and_puts_the_terminal_back(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    with LiveReporter(stream, Path("out"), True) as reporter:
        tell(reporter)
    text = stream.getvalue()
    assert "2 documents" in text
    assert "\\x1b[31m\\n[bold]x\\u202e.pdf" in text
    assert "results are in out" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_live_display_on_a_real_terminal_takes_in_what_others_print():
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from docextract.cli.options.shared_options import LogFormat\n"
        "from docextract.cli.progress.watch import watch\n"
        "plain = dict(is_quiet=False, is_verbose=False, log_format=LogFormat.TEXT)\n"
        "with watch(Path('out'), **plain) as reporter:\n"
        "    reporter.found(3, True)\n"
        "    print('a library says', file=sys.stderr)\n"
        "    reporter.tick()\n"
        "print(type(reporter).__name__)\n"
    )
    mine, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE, stderr=theirs, text=True, cwd=ROOT, timeout=300,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    text = os.read(mine, 100_000).decode()
    os.close(mine)
    os.close(theirs)
    assert done.stdout == "LiveReporter\n"
    assert "0/3 documents" in text
    assert "a library says" in text


def test_a_bug_inside_a_run_is_shown_and_logged(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stream = io.StringIO()
    tell(QuietReporter(stream), bug="in/a.pdf: ValueError: no\nTraceback ...")
    assert "bug: in/a.pdf: ValueError: no" in stream.getvalue()
    (log,) = tmp_path.glob("docextract-*.log")
    assert "Traceback ..." in log.read_text(encoding="utf-8")


def test_a_run_without_work_says_so():
    stream = io.StringIO()
    reporter = PlainReporter(stream, Path("out"), False)
    counts = {RecordStatus.OK: 2, RecordStatus.FAILED: 1}
    reporter.summary(RunSummary(ExitCode.SOME_FAILED, counts, 3, 3, 0, 0.1))
    assert "nothing to do: all 3 documents were finished by an earlier run" in stream.getvalue()
    assert "--retry-failed" in stream.getvalue()


def test_a_name_that_begins_with_a_dash_is_told_where_it_stands():
    done = invoke("show", "out", "-dash.pdf")
    assert done.exit_code == 2
    assert "behind --" in done.stderr


def test_a_stopped_run_says_what_is_left():
    stream = io.StringIO()
    reporter = PlainReporter(stream, Path("out"), False)
    reporter.found(7, True)
    stopped = RunSummary(ExitCode.STOPPED, {RecordStatus.OK: 3}, 7, 0, 3, 1, "max_failures")
    reporter.summary(stopped)
    assert "stopped by --max-failures with 4 documents to do; run the same" in stream.getvalue()
    reporter.found(7, False)
    reporter.summary(stopped)
    assert "before every input was looked at" in stream.getvalue()


def test_formats_are_listed_once():
    assert parse_formats("json, csv,,json") == ("json", "csv")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b.pdf", "a b.pdf"),
        ("Müller.pdf", "Müller.pdf"),
        ("a\x1b]0;x\x07\n", "a\\x1b]0;x\\x07\\n"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b2J\u2028\udcff", "\\x9b2J\\u2028\\udcff"),
    ],
)
def test_names_cannot_act_on_a_terminal(name, shown):
    assert show_path(name) == shown


def test_figures_are_said_as_people_say_them():
    assert show_duration(3.21) == "3.2 s"
    assert show_duration(61) == "1 min 01 s"
    assert show_duration(3900) == "1 h 05 min"
    assert (show_count(1, "page"), show_count(1200, "page")) == ("1 page", "1,200 pages")
