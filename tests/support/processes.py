"""Runs the program as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys


def docextract(*args, cwd, check=None, environment=None, **more):
    command = [sys.executable, "-m", "docextract", *map(str, args)]
    variables = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=variables, timeout=300, **more
    )
    if check is not None:
        assert done.returncode == check, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
