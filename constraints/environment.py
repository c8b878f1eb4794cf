"""A fresh virtual environment that installs with plain pip and runs this project's tests.

Knows nothing of ranges or of what a failure means.
"""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Environment:
    """A virtual environment in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Make it; only pip is in it."""
        venv.create(folder / "venv", with_pip=True)
        self._python = folder / "venv" / "bin" / "python"
        self._cache = folder / "pytest"

    def install(self, *arguments: str) -> None:
        """Install with pip, in the checkout."""
        self._run("pip", "install", "--quiet", "--disable-pip-version-check", *arguments)

    def versions(self) -> dict[str, str]:
        """Return what is installed beside this project, without the marks of local builds."""
        told = self._run("pip", "list", "--format=json", "--disable-pip-version-check")
        found = {row["name"].lower().replace("_", "-"): row["version"] for row in json.loads(told)}
        left_out = ("pip", "docextract")
        return {
            name: version.partition("+")[0]
            for name, version in sorted(found.items())
            if name not in left_out
        }

    def failing_tests(self, only: Iterable[str] = ()) -> list[str]:
        """Run the default suite, or some tests of it, and return what failed."""
        options = ("-q", "-o", f"cache_dir={self._cache}", "--cache-clear", *only)
        done = subprocess.run([self._python, "-m", "pytest", *options], cwd=ROOT, check=False)
        # 2: a file of tests could not even be imported, which counts as failed.
        if done.returncode not in (0, 1, 2):
            raise SystemExit(f"pytest ended with {done.returncode}: its output tells why")
        failed = self._cache / "v" / "cache" / "lastfailed"
        return sorted(json.loads(failed.read_text("utf-8"))) if failed.is_file() else []

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._python, "-m", *arguments],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout
