"""What a person meets in a shell: completion, help, narrow terminals, names that mislead."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from support.command_line import invoke

from docextract.core import ENGINES, ExitCode

ROOT = Path(__file__).parents[2]


def completed(line):
    """Return what bash is offered at the end of a line."""
    words = line.split(" ")
    environment = {
        **os.environ,
        "_DOCEXTRACT_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    command = [sys.executable, "-m", "docextract"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout.split()


def on_terminal(*args, columns=60, cwd=ROOT):
    """Return what a command shows on a terminal of some width, and its exit code."""
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "docextract", *args],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=cwd, env=environment,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while chunk := _read(mine):
        shown += chunk
    os.close(mine)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    return text.replace("\r\n", "\n"), process.wait()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody writes there any more
        return b""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("docextract run --engine ", list(ENGINES)),
        ("docextract run --engine te", ["text"]),
        ("docextract run --schema rec", ["receipt"]),
        ("docextract ask --detail ", ["low", "auto", "high"]),
        ("docextract run --format jsonl,c", ["jsonl,csv"]),
        ("docextract models fetch granite-vision-3", ["granite-vision-3.3-2b"]),
        ("docextract run --model au", ["auto"]),
        ("docextract schema show inv", ["invoice"]),
    ],
)
def test_a_shell_completes_values(line, offered):
    assert completed(line) == offered


def test_the_version_has_a_short_flag():
    assert invoke("-V").stdout == invoke("--version").stdout != ""


@pytest.mark.parametrize("command", [["run"], ["schema", "show"], ["train", "run"], []])
def test_flags_show_no_type(command):
    told = invoke(*command, "--help").stdout
    assert "--help" in told
    assert "bool" not in told.lower()


@pytest.mark.parametrize("name", ["bills.csv", "out/bills.XLSX"])
def test_a_folder_called_as_a_file_is_refused_with_what_to_write(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("run", str(ROOT / "fixtures/broken"), "--schema", "invoice", "--out", name)
    assert done.exit_code == ExitCode.USAGE
    assert f"Write --out {name.partition('.')[0]}, " in done.stderr
    assert not Path(name).exists()


def test_so_is_a_folder_of_exports(tmp_path):
    done = invoke("export", str(tmp_path), "--to", "mine.xlsx")
    assert done.exit_code == ExitCode.USAGE
    assert "Write --to mine, and find the files in it. What they are is said by --format xlsx." in (
        done.stderr
    )


def test_a_table_is_not_written_where_lines_go():
    done = invoke("run", "x.pdf", "--schema", "invoice", "--out", "-", "--format", "csv")
    assert done.exit_code == ExitCode.USAGE
    assert "--out - writes JSON lines, not csv" in done.stderr


def test_a_folder_that_is_there_may_be_called_anything(tmp_path):
    (tmp_path / "run.csv").mkdir()
    empty = tmp_path / "in"
    empty.mkdir()
    done = invoke("run", str(empty), "--schema", "invoice", "--out", str(tmp_path / "run.csv"))
    assert done.exit_code == ExitCode.NO_DOCUMENTS


@pytest.mark.parametrize(
    "command", [["models", "list"], ["schema", "show", "bank_statement"], ["schema", "words"]]
)
def test_nothing_of_a_table_is_cut_off_by_a_narrow_terminal(command):
    narrow, code = on_terminal(*command)
    assert code == 0
    assert max(map(len, narrow.splitlines())) <= 60
    assert "…" not in narrow
    piped = subprocess.run(
        [sys.executable, "-m", "docextract", *command], cwd=ROOT, capture_output=True, text=True
    )
    ends = {line.split()[0] for line in piped.stdout.splitlines() if line[:1].strip()}
    assert ends <= set(narrow.split())


def test_a_wide_terminal_shows_a_table():
    wide, _ = on_terminal("schema", "list", columns=160)
    assert re.search(r"\n invoice +yours +Invoices", wide)


def test_what_failed_is_named_on_a_terminal(tmp_path):
    broken = ROOT / "fixtures/broken"
    shown, code = on_terminal("run", str(broken), "-s", "invoice", "--out", "o", cwd=tmp_path)
    assert code == ExitCode.ALL_FAILED
    flat = "".join(shown.split())
    for path in broken.iterdir():
        assert f"failed{path}:" in flat
    assert "o/failures.jsonl" in flat
    assert (tmp_path / "o/failures.jsonl").exists()
