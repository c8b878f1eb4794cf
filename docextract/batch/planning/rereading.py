"""Says what a run would read again of what earlier runs read, and why, and what they leave mixed.

Knows nothing of documents; changes nothing.
"""

from __future__ import annotations

import json

from docextract.core import Tree, to_json
from docextract.store import (
    Store,
    StoredRecords,
    Version,
    named_fields,
    num_of_other_schemas,
)

_SETTINGS = "other options"
_CAUSES = (
    ("schema_id", "the schema has changed"),
    ("versions.docextract", "docextract has changed"),
    ("engine", "the engine has changed"),
    ("options.read", "the options of reading have changed"),
    ("options.calibration", "the calibration has changed"),
)


class Rereading:
    """What earlier runs read under other settings than a run has now.

    Args:
        store: of the earlier runs.
        now: what the run is asked to do, as ``begin_run`` is told.
    """

    def __init__(self, store: StoredRecords, now: Tree) -> None:
        asked = json.loads(to_json(now))
        others = [it for it in store.versions() if it.fingerprint != now["fingerprint"]]
        self._why = {it.fingerprint: _why(it, asked) for it in others}
        self._num = {it.fingerprint: it.num_documents for it in others}

    def why(self, fingerprint: str | None) -> str | None:
        """Return why documents read under a fingerprint are read again; None if they are not."""
        return None if fingerprint is None else self._why.get(fingerprint)

    def told(self) -> list[str]:
        """Return lines for people, one for each cause."""
        counts: dict[str, int] = {}
        for mark, why in self._why.items():
            counts[why] = counts.get(why, 0) + self._num[mark]
        return [
            f"{_documents(num)} read before: {why}; what is among the inputs is read again"
            for why, num in counts.items()
        ]


def _why(version: Version, now: Tree) -> str:
    if not version.about:
        return _SETTINGS
    found = [told for path, told in _CAUSES if _at(version.about, path) != _at(now, path)]
    return " and ".join(found) or _SETTINGS


def _at(tree: Tree, path: str) -> object:
    found: object = tree
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def told_of_files(store: Store) -> list[str]:
    """Return lines about files that were renamed or replaced, as the store has seen them."""
    changes, lines = store.changes, []
    if changes.num_moved:
        verb = "was" if changes.num_moved == 1 else "were"
        lines.append(f"{_documents(changes.num_moved)} {verb} seen under another path than before")
    if changes.num_replaced:
        lines.append(
            f"{changes.num_replaced} paths hold another document than before; the earlier ones "
            f"stay, such as {changes.example} (docextract prune OUT --gone removes them)"
        )
    return lines


def told_of_mixture(store: StoredRecords) -> list[str]:
    """Return a line where tables hold documents that were read with another form of the schema."""
    num = num_of_other_schemas(store.versions())
    if not num:
        return []
    verb = "was" if num == 1 else "were"
    return [
        f"{_documents(num)} in these tables {verb} read with an earlier form of schema "
        f"{store.schema_name()}: what it did not ask for is empty there (read them again, or "
        "docextract prune OUT --other-versions)"
    ]


def told_of_kinds(store: StoredRecords) -> list[str]:
    """Return a line about the kinds of documents, where there were several schemas."""
    names = (f"{number:,} {kind.replace('_', ' ')}" for kind, number in store.kinds())
    told = ", ".join(names) if named_fields(store.fields()) else ""
    return [f"kinds: {told}"] if told else []


def _documents(number: int) -> str:
    return f"{number:,} document{'' if number == 1 else 's'}"
