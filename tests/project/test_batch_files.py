"""The unit files, the CronJob and the DAG of docs/batch are valid, and call options that exist."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from docextract.cli import app
from docextract.core import ExitCode, RunOptions
from docextract.export import write_metrics
from docextract.store.run_summary import RunSummary

DOCS = Path(__file__).parents[2] / "docs"
BATCH = DOCS / "batch"


def check_command(words):
    """Check that a command's options are there, and that their values are taken."""
    root: Any = get_command(app)
    program, name, *rest = words
    assert program == "docextract"
    command = root.commands[name]
    with command.make_context(name, list(rest), parent=root.make_context("docextract", [name])):
        pass


def commands_in(text):
    for line in re.findall(r"^.*?(docextract (?:run|plan) .*)$", text, re.MULTILINE):
        yield shlex.split(re.sub(r" \|\|.*", "", line.replace("%%", "%")))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_unit_files_are_valid(tmp_path):
    paths = [shutil.copy(path, tmp_path) for path in BATCH.glob("docextract*.*")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, told) == (0, []), done.stderr


@pytest.mark.parametrize("path", sorted(BATCH.glob("*.service")), ids=lambda path: path.name)
def test_services_call_options_that_exist(path, monkeypatch):
    (words,) = commands_in(path.read_text("utf-8"))
    for name, value in re.findall(r"^Environment=(\w+)=(.*)$", path.read_text("utf-8"), re.M):
        monkeypatch.setenv(name, value)
    check_command(words)
    clean = set(map(int, re.findall(r"\d+", path.read_text("utf-8").split("SuccessExitStatus=")[1]
                                    .partition("\n")[0])))  # fmt: skip
    assert clean <= set(ExitCode)
    assert not clean & {ExitCode.USAGE, ExitCode.SETUP, ExitCode.UNEXPECTED}


def test_the_crontab_calls_options_that_exist():
    text = (DOCS / "batch.md").read_text("utf-8").split("## cron")[1].split("## systemd")[0]
    (words,) = commands_in(text)
    check_command(words)


def test_the_cronjob_is_valid_and_retries_what_a_retry_helps():
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((BATCH / "cronjob.yaml").read_text("utf-8"))
    assert (job["kind"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    spec = job["spec"]["jobTemplate"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    check_command(container["args"])
    rule = spec["podFailurePolicy"]["rules"][0]["onExitCodes"]
    assert rule["containerName"] == container["name"]
    final = set(rule["values"])
    assert final <= set(ExitCode)
    assert not final & {ExitCode.BUSY, ExitCode.TERMINATED, ExitCode.STORE}
    (minutes,) = map(int, re.findall(r"--max-minutes=(\d+)", " ".join(container["args"])))
    assert 60 * minutes < spec["activeDeadlineSeconds"]


def test_the_shards_are_an_indexed_job_that_is_tried_again_where_that_helps():
    yaml = pytest.importorskip("yaml")
    spec = yaml.safe_load((BATCH / "shards.yaml").read_text("utf-8"))["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    args = [word.replace("$(JOB_COMPLETION_INDEX)", "3") for word in container["args"]]
    assert f"--shard=3/{spec['completions']}" in args
    check_command(args)
    final = set(spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"])
    assert final <= set(ExitCode)
    assert not final & {ExitCode.SETUP, ExitCode.BUSY, ExitCode.TERMINATED, ExitCode.STOPPED}


def test_the_array_of_slurm_is_a_script_and_calls_options_that_exist():
    path = BATCH / "slurm.sh"
    subprocess.run(["bash", "-n", path], check=True)
    text = re.sub(r"\$\{?\w+\}?", "9", path.read_text("utf-8")).replace("9/9", "8/9")
    (words,) = commands_in(text.replace(" &\n", "\n"))
    check_command(words)
    (minutes,) = map(int, re.findall(r"--max-minutes (\d+)", text))
    ((hours, _, _),) = re.findall(r"--time=(\d+):(\d+):(\d+)", text)
    assert minutes < 60 * int(hours)


def test_the_dag_is_python_and_calls_options_that_exist():
    text = (BATCH / "airflow_dag.py").read_text("utf-8")
    ast.parse(text)
    texts = text.replace("{INBOX}", "in").replace("{OUT}", "out")
    found = re.findall(r'f"(docextract [^"]+)"', texts)
    assert len(found) == 2
    for command in found:
        check_command(shlex.split(command))


def test_every_figure_is_in_the_table(tmp_path):
    path = tmp_path / "x.prom"
    write_metrics(path, {}, ExitCode.OK, RunSummary(ExitCode.OK, {}, 0, 0, 0, 0.0))
    written = set(re.findall(r"^# TYPE (\w+)", path.read_text("utf-8"), re.MULTILINE))
    told = re.findall(r"^\| `(docextract_run_\w+)", (DOCS / "batch.md").read_text("utf-8"), re.M)
    assert set(told) == written


def test_the_codes_of_the_page_are_all_there_are():
    table = (DOCS / "batch.md").read_text("utf-8").split("| code |")[1].split("\n\n")[0]
    codes = [int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.M)
             for code in row.split(",")]  # fmt: skip
    others = {ExitCode.NEEDS_REVIEW, ExitCode.CLOSED_PIPE}
    assert sorted(codes) == sorted(set(ExitCode) - others)


def test_defaults_of_the_page_are_those_of_the_code():
    text = (DOCS / "batch.md").read_text("utf-8")
    assert f"over all runs ({RunOptions((), '').max_attempts})" in text
