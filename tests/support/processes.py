"""Runs the program in a folder: in this process, which has imported all, or in one of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

from typer.testing import CliRunner

from docextract.cli import app


def docextract(*args, cwd, check=None, environment=None, input=None):
    """Return what a command in this process ended with and wrote."""
    with contextlib.chdir(cwd):
        result = CliRunner().invoke(
            app,
            list(map(str, args)),
            input=input,
            env={"NO_COLOR": "1", **(environment or {})},
            catch_exceptions=False,
        )
    done = SimpleNamespace(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)
    return checked(done, check)


def own_process(*args, cwd, check=None, environment=None, **more):
    """Return what a command in a process of its own ended with and wrote: twice as much work."""
    command = [sys.executable, "-m", "docextract", *map(str, args)]
    variables = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=variables, timeout=300, **more
    )
    return checked(done, check)


def checked(done, code):
    if code is not None:
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
