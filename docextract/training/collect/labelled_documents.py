"""Documents with what is known of them, whoever said it: a truth file, or a run's own proofs.

Knows nothing of pages or items. Reviews of people come by the same seam: whoever yields a
``Labelled`` is taught from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from docextract.core import FieldStatus, Tree
from docextract.evaluation.labels.expected import Expected, Translator
from docextract.evaluation.labels.mapping import NameMapping
from docextract.evaluation.labels.truth import UNREAD, Labels, is_other_schema, read_truth
from docextract.schema import Schema
from docextract.schema.loading import find_schemas
from docextract.store import Store
from docextract.training.dataset import LeftOut, Why


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document and what is known of it.

    Attributes:
        path: where it lies.
        sha256: hash of its bytes, where known.
        schema: whose fields ``values`` has; None where only its text is known.
        values: typed values in the schema's shape; what is missing is not known, None is
            known to be absent.
        origin: who said so: ``label``, ``verified``, ``corrected``, ``generated`` or
            ``text_layer``.
        not_printed: paths of what embedded data alone can tell.
    """

    path: Path
    sha256: str = ""
    schema: Schema | None = None
    values: Tree = field(default_factory=dict)
    origin: str = "label"
    not_printed: frozenset[str] = frozenset()


def from_truth(
    truth: Path,
    folder: Path,
    schemas: Sequence[Schema],
    mapping: NameMapping,
    left_out: list[LeftOut],
) -> Iterator[Labelled]:
    """Yield the documents of a truth file that are there.

    Args:
        truth: as for ``docextract eval``.
        folder: where its documents lie.
        schemas: a document is labelled for the one its labels name, else for each.
        mapping: what names in the labels mean.
        left_out: takes what is missing or unclear.

    Raises:
        UsageError: the file cannot be read.
    """
    labels = read_truth(truth)
    known = {item.name for item in find_schemas()} | {item.name for item in schemas}
    paths = _Paths(folder)
    for schema in schemas:
        translator = Translator(schema, mapping)
        for row in labels:
            if is_other_schema(row.schema_name, schema.name, known):
                continue
            path = paths.find(row.file)
            if path is None:
                left_out.append(LeftOut(row.file, "", Why.FILE_MISSING))
                continue
            yield _labelled(translator.translate(row), path, schema)
        left_out += [LeftOut(truth.name, "", Why.UNCLEAR, text) for text in translator.unclear]


def _labelled(expected: Expected, path: Path, schema: Schema) -> Labelled:
    labels: Labels = expected.labels
    values = {key: value for key, value in expected.values.items() if key not in labels.ignored}
    return Labelled(path, labels.sha256, schema, values, "label", expected.not_printed)


class _Paths:
    """Finds the files that labels name: below the folder, else by a name that is there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_name: dict[str, list[Path]] | None = None

    def find(self, name: str) -> Path | None:
        """Return the file that a path of labels means, or None."""
        plain = PurePosixPath(name.replace("\\", "/"))
        direct = self._folder / plain
        if direct.is_file():
            return direct
        found = self._names().get(plain.name, [])
        return found[0] if len(found) == 1 else None

    def _names(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for path in sorted(self._folder.rglob("*")):
                if path.is_file():
                    self._by_name.setdefault(path.name, []).append(path)
        return self._by_name


def from_run(
    out: Path,
    schema: Schema,
    statuses: Collection[FieldStatus],
    left_out: list[LeftOut],
    said: Mapping[str, Tree] = MappingProxyType({}),
) -> Iterator[Labelled]:
    """Yield what people said of a run, and what it has read as far as it has earned a status.

    Args:
        out: the run's output folder.
        schema: of its records.
        statuses: those that are believed. Absence is never believed: a run that finds
            nothing has not proved that nothing is there.
        left_out: takes documents that are gone.
        said: by hash of a document's bytes, the values that people gave or confirmed; they stand
            before what was read, and None is absence that a person has seen.

    Raises:
        StoreError: there is no store, or it cannot be read.
    """
    with Store.read_only(out, schema=schema.name) as store:
        for stored in store.documents():
            tree, own = stored.tree, said.get(stored.tree["document"]["sha256"], {})
            is_read = tree["status"] not in UNREAD and tree["values"]
            values = _earned(tree, schema, frozenset(statuses)) if is_read else {}
            if not is_read and not own:
                continue
            path = Path(os.fsdecode(stored.raw_path))
            if not path.is_file():
                left_out.append(LeftOut(tree["document"]["path"], "", Why.FILE_MISSING))
                continue
            origin = "corrected" if own else "verified"
            sha256 = tree["document"]["sha256"]
            yield Labelled(path, sha256, schema, _laid_over(values, own), origin)


def _laid_over(values: Tree, own: Tree) -> Tree:
    """Return values with what people said in their place."""
    laid = dict(values)
    for name, value in own.items():
        below = laid.get(name)
        if isinstance(value, dict) and isinstance(below, dict):
            value = _laid_over(below, value)
        laid[name] = value
    return laid


def _earned(record: Tree, schema: Schema, statuses: frozenset[FieldStatus]) -> Tree:
    """Return the values with one of the statuses; of a list all rows or none."""
    earned = {
        path for path, info in record["fields"].items() if FieldStatus(info["status"]) in statuses
    }
    lost = {
        path.partition("[")[0]
        for path, info in record["fields"].items()
        if "[" in path and info["raw"] is not None and path not in earned
    }
    return _kept(record["values"], "", earned, lost) if schema.fields else {}


def _kept(tree: Any, path: str, earned: set[str], lost: set[str]) -> Any:
    """Return a tree of what was earned; lists of which a leaf was not are left away."""
    kept: Tree = {}
    for name, child in tree.items():
        at = f"{path}.{name}" if path else name
        if isinstance(child, dict):
            kept[name] = _kept(child, at, earned, lost)
        elif isinstance(child, list):
            if child and at not in lost:
                kept[name] = [_row(row, f"{at}[{i}]", earned) for i, row in enumerate(child)]
        elif child is not None and at in earned:
            kept[name] = child
    return kept


def _row(row: Any, at: str, earned: set[str]) -> Any:
    return _kept(row, at, earned, set()) if isinstance(row, dict) else row


def from_text(paths: Iterable[Path]) -> Iterator[Labelled]:
    """Yield documents of which the text alone is known."""
    return (Labelled(path, origin="text_layer") for path in paths)


def concrete(path: str) -> str:
    """Return a concrete path without its indexes: ``lines[0].net`` as ``lines[].net``."""
    return re.sub(r"\[\d+\]", "[]", path)
