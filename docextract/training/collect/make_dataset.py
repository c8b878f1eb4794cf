"""The order in which a dataset is made: open, find the print, ask, divide, write down.

Knows nothing of where labels come from, nor of models.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docextract.core import NoDocumentsError, Page, Tree, UsageError, part_pages
from docextract.documents.pages import pack
from docextract.schema import Schema
from docextract.training.collect.labelled_documents import Labelled
from docextract.training.collect.near_duplicates import near_duplicates
from docextract.training.collect.opened_pages import Opened, PageReader, Wish
from docextract.training.collect.printed_answer import printed
from docextract.training.collect.question_kinds import (
    DEFAULT_MIXTURE,
    Mixture,
    Subject,
    questions,
)
from docextract.training.collect.split_groups import MIN_DOCUMENTS, SplitRule, divide, without_twins
from docextract.training.dataset import Dataset, Item, ItemKind, KeptPages, LeftOut, Why, reasons

AUTO_SPLIT = SplitRule()


@dataclass(frozen=True, slots=True)
class DataSettings:
    """How a dataset is made.

    Attributes:
        split: what makes a group.
        held_out: share of documents held out.
        mixture: of questions.
        seed: of the choice of groups and fields.
        is_forced: make it even where the held-out figure would mean nothing.
        words: packed pages by hash, whose words are known from elsewhere.
    """

    split: SplitRule = AUTO_SPLIT
    held_out: float = 0.15
    mixture: Mixture = DEFAULT_MIXTURE
    seed: int = 0
    is_forced: bool = False
    words: KeptPages = field(default_factory=dict)


def make_dataset(
    folder: Path,
    documents: Sequence[Labelled],
    schemas: Sequence[Schema],
    settings: DataSettings,
    left_out: Sequence[LeftOut],
    tell: Callable[[str], None],
    reader: PageReader,
) -> Dataset:
    """Return the dataset of some documents; nothing is written.

    Args:
        folder: where it will lie; paths are relative to it.
        documents: what is known of each.
        schemas: of their values.
        settings: how it is made.
        left_out: what was left out before.
        tell: takes messages for people.
        reader: opens documents.

    Raises:
        NoDocumentsError: no document is there.
        UsageError: no label is usable, or too few documents are left to hold any out.
    """
    maker = _Maker(folder, settings, list(left_out))
    subjects = maker.subjects(documents, reader)
    if not subjects:
        raise _nothing(maker.left_out, bool(documents))
    by_key = {_key(index, subject): subject for index, subject in enumerate(subjects)}
    items = {
        key: questions(subject, settings.mixture, settings.seed) for key, subject in by_key.items()
    }
    taught = {key: by_key[key] for key, found in items.items() if found}
    if not taught:
        raise _nothing(maker.left_out, True)
    groups = {key: settings.split.group(subject) for key, subject in taught.items()}
    labelled = {key: group for key, group in groups.items() if by_key[key].schema}
    if labelled:
        _check_size(labelled, settings, tell)
    sides = divide(groups, settings.held_out, settings.seed)
    pages = {key: subject.pages for key, subject in taught.items()}
    twins = [*_same_bytes(taught), *near_duplicates(pages)]
    sides, moved = without_twins(sides, twins)
    if moved:
        tell(f"moved to the taught side, as another document there is nearly equal: {len(moved)}")
    placed = {
        item.id: item.moved(sides[key], groups[key])
        for key, found in items.items()
        for item in found
    }
    about = _about(settings, taught, sides, moved)
    return Dataset(
        folder,
        tuple(sorted(placed.values(), key=lambda item: item.id)),
        {schema.name: schema for schema in schemas},
        maker.kept,
        about,
        tuple(sorted(maker.left_out)),
    )


def _nothing(left_out: Iterable[LeftOut], is_any: bool) -> UsageError | NoDocumentsError:
    rows = list(left_out)
    table = "\n".join(f"{count:>6}  {why}" for why, count in reasons(rows))
    is_absent = rows and all(row.why in (Why.FILE_MISSING, Why.HASH_DIFFERS) for row in rows)
    if not is_any or is_absent:
        return NoDocumentsError(f"no document of these labels is there\n{table}".rstrip())
    return UsageError(f"no label is usable\n{table}", "See docs/training.md on what is taught.")


def _key(index: int, subject: Subject) -> str:
    return f"{subject.sha256}:{index}"


def _check_size(
    groups: Mapping[str, str], settings: DataSettings, tell: Callable[[str], None]
) -> None:
    num_documents, num_groups = len(groups), len(set(groups.values()))
    problem = ""
    if num_documents < MIN_DOCUMENTS:
        problem = f"only {num_documents} documents can be taught"
    elif num_groups < 2:
        problem = "all documents are of one group"
    if not problem:
        return
    if not settings.is_forced:
        raise UsageError(
            f"{problem}: a held-out figure would mean nothing",
            "Label more documents, split by file, or insist with --force.",
        )
    tell(f"{problem}: the held-out figure will mean nothing")


def _same_bytes(subjects: Mapping[str, Subject]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    pairs = []
    for key, subject in subjects.items():
        twin = first.setdefault(subject.sha256, key)
        if twin != key:
            pairs.append((twin, key))
    return pairs


def _about(
    settings: DataSettings,
    subjects: Mapping[str, Subject],
    sides: Mapping[str, str],
    moved: Sequence[str],
) -> Tree:
    origins = Counter(subject.origin for subject in subjects.values())
    return {
        "sources": dict(sorted(origins.items())),
        "documents": dict(sorted(Counter(str(side) for side in sides.values()).items())),
        "questions": dict(settings.mixture.shares),
        "seed": settings.seed,
        "split": settings.split.text,
        "held_out": settings.held_out,
        "moved": len(moved),
    }


class _Maker:
    """Opens documents and keeps what cost OCR."""

    def __init__(self, folder: Path, settings: DataSettings, left_out: list[LeftOut]) -> None:
        self.left_out = left_out
        self.kept: dict[str, dict[int, bytes]] = {}
        self._folder = folder
        self._settings = settings

    def subjects(self, documents: Sequence[Labelled], reader: PageReader) -> list[Subject]:
        """Return the documents that could be opened, in their order."""
        hashes = {index: _sha256(item.path) for index, item in enumerate(documents)}
        wishes = []
        for index, item in enumerate(documents):
            if part_pages(item.sha256) is not None:
                self._leave_out(item, Why.PART)
            elif item.sha256 and item.sha256 != hashes[index]:
                self._leave_out(item, Why.HASH_DIFFERS)
            else:
                kept = self._settings.words.get(hashes[index], {})
                wishes.append((index, Wish(item.path, hashes[index], kept)))
        found: dict[int, Subject] = {}

        def take(opened: Opened) -> None:
            subject = self._subject(documents[opened.key], opened, hashes[opened.key])
            if subject is not None:
                found[opened.key] = subject

        reader.open(wishes, take, with_images=False)
        return [found[index] for index in sorted(found)]

    def _subject(self, document: Labelled, opened: Opened, sha256: str) -> Subject | None:
        if opened.problem:
            self._leave_out(document, Why.UNREADABLE, opened.problem)
            return None
        if not any(page.words for page in opened.pages):
            self._leave_out(document, Why.NO_WORDS)
            return None
        self._keep(sha256, opened.pages)
        known = printed(document, opened.pages)
        path = self._shown(document.path)
        self.left_out += [LeftOut(path, name, why) for name, why in known.lost]
        return Subject(path, sha256, opened.pages, document.schema, known, document.origin)

    def _keep(self, sha256: str, pages: Iterable[Page]) -> None:
        for page in pages:
            packed = self._settings.words.get(sha256, {}).get(page.number) or pack(page)
            if packed is not None:
                self.kept.setdefault(sha256, {})[page.number] = packed

    def _leave_out(self, document: Labelled, why: Why, detail: str = "") -> None:
        self.left_out.append(LeftOut(self._shown(document.path), "", why, detail))

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._folder)).as_posix()


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def taught_kinds(items: Iterable[Item]) -> Counter[ItemKind]:
    """Return how many questions of each kind there are."""
    return Counter(item.kind for item in items)
