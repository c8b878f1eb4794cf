"""Tries the newest release of every dependency, beyond our ranges, and says which broke what.

Knows nothing of why. ``python constraints/newest.py [KEPT...]`` makes an environment of its own,
with packages that are named kept in their ranges, and runs the default suite in it. Where tests
fail it puts back one package at a time to what the lock names, and runs those tests again. It ends
with 1 where tests fail.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from environment import Environment
from lock import pins
from ranges import unbounded


def main() -> int:
    """Install, test, and tell."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(Path(folder))
        environment.install(*unbounded(*sys.argv[1:]))
        environment.install("--no-deps", ".")
        moved = moved_packages(environment)
        failed = environment.failing_tests()
        blamed = {name: broken_by(environment, name, failed) for name in moved if failed}
    tell(moved, failed, blamed)
    return 1 if failed else 0


def moved_packages(environment: Environment) -> dict[str, tuple[str, str]]:
    """Return the version in the lock and the newest of each package where they differ."""
    newest = environment.versions()
    return {
        name: (locked, newest[name])
        for name, locked in pins().items()
        if newest.get(name, locked) != locked
    }


def broken_by(environment: Environment, name: str, failed: list[str]) -> list[str]:
    """Return those failing tests that pass with one package as the lock has it."""
    newest = environment.versions()[name]
    environment.install("--no-deps", f"{name}=={pins()[name]}")
    still = environment.failing_tests(failed)
    environment.install("--no-deps", f"{name}=={newest}")
    return sorted(set(failed) - set(still))


def tell(
    moved: dict[str, tuple[str, str]], failed: list[str], blamed: dict[str, list[str]]
) -> None:
    """Print what moved since the lock, and what that broke."""
    for name, (locked, newest) in moved.items():
        broken = blamed.get(name, [])
        verdict = f"breaks {len(broken)}" if broken else "breaks nothing alone"
        print(f"{name} {locked} -> {newest}: {verdict}")
        for test in broken:
            print(f"    {test}")
    for test in sorted(set(failed) - {test for tests in blamed.values() for test in tests}):
        print(f"fails by no package alone: {test}")
    print(f"{len(failed)} tests fail, {len(moved)} packages moved since the lock")


if __name__ == "__main__":
    sys.exit(main())
