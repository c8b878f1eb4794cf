"""Reads the ranges of pyproject.toml and prints them as what plain pip takes with -r or -c.

Knows nothing of what is installed. ``python constraints/ranges.py lowest``: the lower end of every
range; ``unbounded NAME...``: every range without its upper end, but for those named; ``text``: the
ranges of all that works without torch, tests included.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
# torch, whose wheels for newer Pythons take gigabytes, and what is of no use without it.
NEEDS_TORCH = {"accelerate", "bitsandbytes", "peft", "torch", "transformers"}
# Its old wheels for Linux bring 3 GB of CUDA: too much to fetch for a check.
NEVER_LOWEST = {"torch"}
# Lint and types: they run on one Python, at the newest version.
CHECKERS = {"mypy", "ruff", "types-requests"}


def requirements() -> list[str]:
    """Return what pyproject.toml names, for use and for development."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["dev"]]


def name_of(requirement: str) -> str:
    """Return the name in front of a range."""
    return re.split(r"[\[<>=!;\s]", requirement, maxsplit=1)[0]


def lowest() -> list[str]:
    """Return the lower end of every range, as a pin."""
    kept = [one for one in requirements() if name_of(one) not in NEVER_LOWEST | CHECKERS]
    return sorted(re.sub(r">=([^,;]+),<[^;]+", r"==\1", one) for one in kept)


def unbounded(*kept: str) -> list[str]:
    """Return every range without its upper end, but those of some packages as they are."""
    return sorted(
        one if name_of(one) in kept else re.sub(r",<[^;]+", "", one) for one in requirements()
    )


def text() -> list[str]:
    """Return the ranges of all that works without torch, and of what tests it."""
    return sorted(one for one in requirements() if name_of(one) not in NEEDS_TORCH | CHECKERS)


if __name__ == "__main__":
    chosen = {"lowest": lowest, "unbounded": unbounded, "text": text}[sys.argv[1]]
    print("\n".join(chosen(*sys.argv[2:])))
