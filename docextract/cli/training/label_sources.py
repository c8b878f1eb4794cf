"""Where ``train data`` learns from: what its options named, turned into labelled documents.

Knows nothing of what is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from docextract.cli.options import option
from docextract.core import FieldStatus, OptionError

if TYPE_CHECKING:
    from docextract.core import Tree
    from docextract.schema import Schema
    from docextract.training.collect.labelled_documents import Labelled
    from docextract.training.dataset import LeftOut


def _source(name: str, text: str, **settings: Any) -> Any:
    return option(name, text, rich_help_panel="Where labels come from", **settings)


Truths = Annotated[list[Path] | None, _source("--truth", "Labels, as for eval; repeatable.")]
Folders = Annotated[
    list[Path] | None,
    _source("--documents", "Where each --truth's documents lie, in order; if not beside it."),
]
Words = Annotated[
    list[Path] | None,
    _source("--words", "Words known of each --truth's pages, in order: no OCR is run."),
]
Runs = Annotated[list[Path] | None, _source("--run", "Output folder of a run; repeatable.")]
Believed = Annotated[
    str,
    _source("--from", "Of a run: corrected (by people), verified too, or all."),
]
Texts = Annotated[
    list[Path] | None,
    _source("--text", "Documents without labels, whose text is copied; repeatable."),
]
Mapping = Annotated[
    Path | None, _source("--mapping", "What names in the labels mean, as for eval.")
]


def label_sources(
    truths: Truths = None,
    folders: Folders = None,
    words: Words = None,
    runs: Runs = None,
    believed: Believed = "verified",
    texts: Texts = None,
    mapping: Mapping = None,
) -> LabelSources:
    """Return what the options name.

    Raises:
        OptionError: they name nothing, or not each truth's folder or words.
    """
    return LabelSources(
        truths or [], folders or [], words or [], runs or [], texts or [], mapping, believed
    )


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
        believed: str,
    ) -> None:
        if not truths and not runs and not texts:
            raise OptionError("nothing to learn from", "Give --truth, --run or --text.")
        for name, given in (("--documents", folders), ("--words", words)):
            if given and len(given) != len(truths):
                raise OptionError(f"{name} stands once for each --truth, or not at all")
        self.truths = list(zip(truths, folders or [path.parent for path in truths], strict=True))
        self.runs, self.texts, self.mapping = runs, texts, mapping
        self._words = words
        self._statuses = _statuses(believed)

    def places(self) -> list[str]:
        """Return the folders that documents are taken from."""
        return [str(folder) for folder in (*(folder for _, folder in self.truths), *self.texts)]

    def words(self) -> dict[str, dict[int, bytes]]:
        """Return the packed pages whose words are known."""
        from docextract.training.collect.known_words import read_known_words

        pages: dict[str, dict[int, bytes]] = {}
        for path, (_, folder) in zip(self._words, self.truths, strict=False):
            for sha256, kept in read_known_words(path, folder).items():
                pages.setdefault(sha256, {}).update(kept)
        return pages

    def documents(self, schemas: list[Schema], left_out: list[LeftOut]) -> Iterator[Labelled]:
        """Yield every document that is named."""
        from docextract.evaluation import NameMapping
        from docextract.training.collect.labelled_documents import from_run, from_text, from_truth

        names = NameMapping.load(self.mapping)
        for truth, folder in self.truths:
            yield from from_truth(truth, folder, schemas, names, left_out)
        for run in self.runs:
            for schema in schemas:
                said = _said(run, schema)
                yield from from_run(run, schema, self._statuses, left_out, said)
        for folder in self.texts:
            yield from from_text(_files(folder))


def _said(run: Path, schema: Schema) -> dict[str, Tree]:
    """Return by hash what people said of a run's documents."""
    from docextract.review.desk.desk import Desk

    lines = Desk(run, schema, reviewer="").truth()
    return {line["sha256"]: line["values"] for line in lines}


def _statuses(believed: str) -> list[FieldStatus]:
    known: dict[str, list[FieldStatus]] = {
        "corrected": [],
        "verified": [FieldStatus.VERIFIED],
        "all": [status for status in FieldStatus if status is not FieldStatus.ABSENT],
    }
    if believed not in known:
        raise OptionError(f"--from: {believed!r} is none of {', '.join(known)}")
    return known[believed]


def _files(folder: Path) -> Iterator[Path]:
    import os

    from docextract.documents.discovery.discover import Discovery

    for found in Discovery([str(folder)]):
        if found.error is None:
            yield Path(os.fsdecode(found.document.raw_path))
