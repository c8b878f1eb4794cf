"""Where ``train data`` learns from: what its options named, turned into labelled documents.

Knows nothing of what is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docextract.errors import OptionError

if TYPE_CHECKING:
    from docextract.records import FieldStatus
    from docextract.schema import Schema
    from docextract.training.collect.labelled import Labelled
    from docextract.training.dataset.left_out import LeftOut


class LabelSources:
    """Truth files, runs and folders of text, as the options named them."""

    def __init__(
        self,
        truths: list[Path],
        folders: list[Path],
        words: list[Path],
        runs: list[Path],
        texts: list[Path],
        mapping: Path | None,
    ) -> None:
        if not truths and not runs and not texts:
            raise OptionError("nothing to learn from", "Give --truth, --run or --text.")
        for name, given in (("--documents", folders), ("--words", words)):
            if given and len(given) != len(truths):
                raise OptionError(f"{name} stands once for each --truth, or not at all")
        self.truths = list(zip(truths, folders or [path.parent for path in truths], strict=True))
        self.runs, self.texts, self.mapping = runs, texts, mapping
        self._words = words

    def words(self) -> dict[str, dict[int, bytes]]:
        """Return the packed pages whose words are known."""
        from docextract.training.collect.known_words import read_known_words

        pages: dict[str, dict[int, bytes]] = {}
        for path, (_, folder) in zip(self._words, self.truths, strict=False):
            for sha256, kept in read_known_words(path, folder).items():
                pages.setdefault(sha256, {}).update(kept)
        return pages

    def documents(
        self, schemas: list[Schema], believed: str, left_out: list[LeftOut]
    ) -> Iterator[Labelled]:
        """Yield every document that is named."""
        from docextract.evaluation import NameMapping
        from docextract.training.collect.labelled import from_run, from_text, from_truth

        names = NameMapping.load(self.mapping)
        for truth, folder in self.truths:
            yield from from_truth(truth, folder, schemas, names, left_out)
        for run in self.runs:
            for schema in schemas:
                yield from from_run(run, schema, _statuses(believed), left_out)
        for folder in self.texts:
            yield from from_text(_files(folder))


def _statuses(believed: str) -> list[FieldStatus]:
    from docextract.records import FieldStatus

    if believed not in ("verified", "all"):
        raise OptionError(f"--from: {believed!r} is neither verified nor all")
    if believed == "verified":
        return [FieldStatus.VERIFIED]
    return [status for status in FieldStatus if status is not FieldStatus.ABSENT]


def _files(folder: Path) -> Iterator[Path]:
    import os

    from docextract.documents.discovery.discover import Discovery

    for found in Discovery([str(folder)]):
        if found.error is None:
            yield Path(os.fsdecode(found.document.raw_path))
