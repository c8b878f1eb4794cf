"""Writes constraints/newest.txt: the newest release of each package within our ranges.

Knows nothing of tests: run them before you commit what it wrote. ``python constraints/lock.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from environment import ROOT, Environment

LOCK = ROOT / "constraints" / "newest.txt"
_HEAD = """\
# The versions that were tested together, written by `make lock`; plain pip reads them:
#     pip install -c constraints/newest.txt ".[dev]"
# What torch needs of CUDA is not here: torch's own wheels name it to the version.
"""


def pins() -> dict[str, str]:
    """Return what the lock says, by package."""
    rows = LOCK.read_text("utf-8").splitlines()
    return dict(row.split("==") for row in rows if not row.startswith("#"))


def main() -> None:
    """Install all of it, and write down what came."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(Path(folder))
        environment.install(".[dev]")
        versions = environment.versions()
    rows = [f"{name}=={version}\n" for name, version in versions.items()]
    LOCK.write_text(_HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
