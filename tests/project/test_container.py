"""The image is built of what is there, by steps that hold, and needs no writable root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KNOWN = {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "CMD"}


def steps():
    """Return the instructions of the Dockerfile and what each is told."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines()]


def has_docker():
    done = subprocess.run(["docker", "version"], capture_output=True) if _docker() else None
    return done is not None and done.returncode == 0


def _docker():
    return shutil.which("docker")


def test_every_step_is_known_and_the_last_stage_is_small():
    assert {name for name, _ in steps()} <= KNOWN
    bases = [told for name, told in steps() if name == "FROM"]
    assert [base.partition(" AS ")[0] for base in bases] == ["python:${PYTHON}-slim"] * 2
    last = steps()[[name for name, _ in steps()].index("FROM", 3) :]
    assert [name for name, _ in last].count("RUN") == 0


def test_what_is_copied_is_there_and_not_kept_out_of_the_context():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for name, told in steps()
        if name == "COPY" and not told.startswith("--from")
        for source in told.split()[:-1]
    }
    assert all((ROOT / source).exists() for source in copied)
    assert copied == allowed


def test_all_that_the_wheel_is_made_of_is_copied():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    copied = " ".join(told for name, told in steps() if name == "COPY")
    for named in re.findall(
        r'^(?:readme = "|license-files = \["|packages = \[")([\w.]+)', project, re.M
    ):
        assert named in copied
    assert "schemas" in copied


def test_arguments_are_declared_where_they_are_used():
    declared = [told.partition("=")[0] for name, told in steps() if name == "ARG"]
    assert declared == ["PYTHON", "TORCH"]
    stage, known = [], set()
    for name, text in steps():
        if name == "FROM":
            known = {"PYTHON"}
        elif name == "ARG":
            known.add(text.partition("=")[0])
        stage += [used for used in re.findall(r"\$\{(\w+)\}", text) if used not in known]
    assert stage == []


def test_it_runs_as_nobody_in_particular_as_the_cron_job_does():
    user = next(told for name, told in steps() if name == "USER")
    job = (ROOT / "docs/batch/cronjob.yaml").read_text("utf-8")
    assert user == "10001:10001"
    assert "runAsUser: 10001" in job
    assert "readOnlyRootFilesystem: true" in job


@pytest.mark.skipif(not has_docker(), reason="no docker daemon")
def test_the_image_is_built_and_reads(tmp_path):
    subprocess.run(["docker", "build", "-q", "-t", "docextract-test", str(ROOT)], check=True)
    command = [
        "docker", "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp",
        "-v", f"{ROOT / 'fixtures'}:/data/fixtures:ro", "docextract-test",
        "docextract", "run", "fixtures/scans/molenaar.png", "-s", "invoice", "--out", "-", "-q",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"status": "' in done.stdout


READ_ONLY = """
set -e
mount -t tmpfs none /mnt
cp "$1" /mnt/scan.png
mount -o remount,ro,bind / /
! touch /tmp/x 2>/dev/null
cd /mnt
exec "$2" -m docextract run scan.png --schema "vendor, total: money" --engine text --out out -q
"""


def test_a_run_needs_no_writable_root():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may make the root read-only")
    able = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if able.returncode != 0:
        pytest.skip("no mounts of its own here")
    scan = ROOT / "fixtures/scans/molenaar.png"
    environment = {**os.environ, "TMPDIR": "/mnt", "HOME": "/nonexistent"}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(scan), sys.executable],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
