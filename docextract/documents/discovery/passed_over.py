"""Names the files that are no documents, and counts those that are too many to be named.

Knows nothing of how it is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

HIDDEN = "hidden"
"""Why a file or folder whose name begins with a dot is passed over."""

_MAX_NAMED = 100_000
"""Some 20 MB of names; a million source files beside the documents must not fill the memory."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that is left alone, and why."""

    path: str
    why: str


class PassedOverFiles:
    """What was passed over: every file by name up to 100,000, and all by kind.

    Attributes:
        by_kind: number of files by extension, hidden ones together.
        named: the files.
    """

    def __init__(self) -> None:
        self.by_kind: Counter[str] = Counter()
        self.named: list[PassedOver] = []

    def add(self, path: str, why: str) -> None:
        """Note a file."""
        kind = HIDDEN if why == HIDDEN else PurePosixPath(path).suffix.lower()
        self.by_kind[kind or "no extension"] += 1
        if len(self.named) < _MAX_NAMED:
            self.named.append(PassedOver(path, why))

    def update(self, other: PassedOverFiles) -> None:
        """Note all that another has."""
        self.by_kind.update(other.by_kind)
        self.named.extend(other.named[: _MAX_NAMED - len(self.named)])

    def to_json(self) -> dict[str, Any]:
        """Return it as ``run.json`` has it."""
        return {
            "passed_over": dict(self.by_kind.most_common()),
            "passed_over_files": [asdict(item) for item in self.named],
        }

    def told(self, most: int) -> list[str]:
        """Return lines for people: the numbers by kind, then ``most`` files by name."""
        total = self.by_kind.total()
        if not total:
            return []
        kinds = ", ".join(f"{kind} {number}" for kind, number in self.by_kind.most_common())
        files = f"{total} files that are no documents"
        if total == 1:
            files = "1 file that is no document"
        lines = [f"passed over {files}: {kinds}"]
        lines += [f"  {item.path}: {item.why}" for item in self.named[:most]]
        if total > most:
            lines.append(f"  and {total - most} more")
        return lines
