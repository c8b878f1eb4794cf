"""Joins labelled documents to packets, as a scanner does, and counts how well they are parted.

Knows nothing of how boundaries are found or values read. Run:
``python benchmarks/packets.py FOLDER_OF_DATASETS --words KEPT [--markdown docs/splitting.md]``.
Packets are of one dataset, or of all; always the same ones. Single documents are looked at too:
none may be cut. A mixture is a part that holds pages of two documents; none may end ``ok``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import pickle
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accuracy import write_tables
from accuracy_cases import SCHEMAS, kept_path, opened, text_engine

from docextract.core import Document, Page, RecordStatus
from docextract.documents.pages import OpenedHeader
from docextract.engine.base import Engine
from docextract.evaluation import read_truth
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.splitting.boundaries import Boundaries, boundaries_of
from docextract.pipeline.splitting.cutting import cut
from docextract.schema import Schema
from docextract.schema.loading import load_schema

ALL = "all kinds"
BUNDLES = "receipt_bundle"
MIN_DOCUMENTS = 4
"""A dataset of fewer documents makes no packets of its own."""


@dataclass(frozen=True)
class Single:
    """One document: its pages, without pixels."""

    dataset: str
    file: str
    schema: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Packet:
    """Several documents behind each other, their pages numbered through."""

    kind: str
    schema: str
    pages: tuple[Page, ...]
    firsts: frozenset[int]
    """Pages on which a document begins, but for the first."""

    def spans(self) -> set[tuple[int, int]]:
        """Return first and last page of each document."""
        return set(spans_of(self.firsts, len(self.pages)))

    def is_mixture(self, pages: Sequence[Page]) -> bool:
        """Whether some of its pages are of two documents."""
        return any(page.number in self.firsts for page in pages[1:])


def spans_of(firsts: frozenset[int], num_pages: int) -> list[tuple[int, int]]:
    """Return first and last page of each document, from the pages they begin on."""
    starts = [1, *sorted(firsts)]
    return list(zip(starts, [*(first - 1 for first in starts[1:]), num_pages], strict=True))


def read_singles(folder: Path, words: Path) -> Iterator[Single]:
    """Yield every document that can be opened, but bundles of several."""
    for dataset in sorted(path.parent for path in folder.glob("*/truth.jsonl")):
        for labels in read_truth(dataset / "truth.jsonl"):
            pages = kept_pages(dataset, labels.file, words)
            if pages and labels.schema_name != BUNDLES:
                yield Single(dataset.name, labels.file, labels.schema_name, pages)


def kept_pages(dataset: Path, file: str, words: Path) -> tuple[Page, ...]:
    """Return a document's pages, opened once and kept in a folder."""
    kept = kept_path(words, dataset, file)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(opened(dataset / file)))
    parts = pickle.loads(kept.read_bytes())
    return tuple(part for part in parts if isinstance(part, Page))


def packets_of(singles: Sequence[Single], kind: str, number: int) -> Iterator[Packet]:
    """Yield packets of two to six documents, the same ones each time."""
    for seed in range(number):
        chance = random.Random(f"{kind}:{seed}")
        chosen = chance.sample(singles, min(len(singles), chance.randint(2, 6)))
        pages, firsts = list[Page](), list[int]()
        for single in chosen:
            firsts.append(len(pages) + 1)
            pages += single.pages
        through = (replace(page, number=number) for number, page in enumerate(pages, start=1))
        yield Packet(kind, chosen[0].schema, tuple(through), frozenset(firsts[1:]))


class Counts:
    """What one kind of packet came to."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def add(self, packet: Packet, found: Boundaries) -> None:
        """Count the boundaries of a packet, and its documents."""
        sure = frozenset(item.page for item in found.only_sure().found)
        told = frozenset(item.page for item in found.found)
        got = set(spans_of(sure, len(packet.pages)))
        self.of.update(
            packets=1, documents=len(packet.spans()), boundaries=len(packet.firsts),
            cut=len(sure), right=len(sure & packet.firsts), told=len(told),
            told_right=len(told & packet.firsts), whole=len(packet.spans() & got),
            exact=sure == packet.firsts,
        )  # fmt: skip

    def row(self, name: str) -> str:
        """Return a line of the table."""
        n = self.of
        cells = [
            name, str(n["packets"]), share(n["right"], n["cut"]),
            share(n["right"], n["boundaries"]), share(n["told_right"], n["told"]),
            share(n["told_right"], n["boundaries"]), share(n["whole"], n["documents"]),
            share(n["exact"], n["packets"]), str(n["mixtures"]), str(n["ok_mixtures"]),
        ]  # fmt: skip
        return f"| {' | '.join(cells)} |"


def share(part: int, whole: int) -> str:
    """Return a share with three decimals, or a dash of nothing."""
    return f"{part / whole:.3f}" if whole else "–"


def statuses(
    packet: Packet, schema: Schema, engine: Engine
) -> Iterator[tuple[Sequence[Page], RecordStatus]]:
    """Yield the pages and the status of each part that a packet is cut into."""
    header = OpenedHeader(Document("packet.pdf", b"/packet.pdf", "0" * 64), len(packet.pages))
    job = DocumentJob(schema, engine, "", dt.date.today())
    for parts in cut([header, *packet.pages], "sure"):
        pages = [part for part in parts if isinstance(part, Page)]
        if not packet.is_mixture(pages):
            continue
        assembly = Assembly(job)
        for part in parts:
            assembly.add(part)
        yield pages, assembly.record().status


def measure(packets: Mapping[str, list[Packet]], is_read: bool) -> dict[str, Counts]:
    """Return what became of the packets, by kind."""
    engine = text_engine()
    schemas = {name: load_schema(spec) for name, spec in SCHEMAS.items()}
    found: dict[str, Counts] = defaultdict(Counts)
    for kind, own in packets.items():
        for packet in own:
            found[kind].add(packet, boundaries_of(packet.pages))
            schema = schemas.get(packet.schema, schemas["invoice"])
            for pages, status in statuses(packet, schema, engine) if is_read else ():
                is_ok = status is RecordStatus.OK
                found[kind].of.update(mixtures=1, ok_mixtures=is_ok)
                if is_ok:
                    print(f"OK: {kind} {sorted(packet.firsts)} pages {[p.number for p in pages]}")
        engine.close()
    return found


def table(found: Mapping[str, Counts]) -> str:
    """Return the table of all kinds."""
    names = (
        "packets of", "packets", "cuts right", "cuts found", "cuts and doubts right",
        "cuts and doubts found", "whole documents", "packets exact",
        "mixtures left", "`ok` of them",
    )  # fmt: skip
    head = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*head, *(counts.row(kind) for kind, counts in found.items())])


def about_singles(singles: Sequence[Single]) -> str:
    """Return what is said of documents that are whole already."""
    longer = [single for single in singles if len(single.pages) > 1]
    found = [boundaries_of(single.pages) for single in longer]
    num_cut = sum(bool(item.only_sure().found) for item in found)
    num_told = sum(bool(item.found) for item in found)
    return (
        f"Of {len(singles)} documents that are one, {len(longer)} have several pages: {num_cut} are"
        f" cut, {num_told} are told to look like several."
    )


def main() -> None:
    """Join, part and count."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        singles = list(read_singles(options.folder, options.words or Path(temporary)))
    by_dataset: dict[str, list[Single]] = defaultdict(list)
    for single in singles:
        by_dataset[single.dataset].append(single)
    kinds = {ALL: singles} | {
        name: own for name, own in by_dataset.items() if len(own) >= MIN_DOCUMENTS
    }
    packets: dict[str, Any] = {
        kind: list(packets_of(own, kind, options.packets * (1 + 4 * (kind == ALL))))
        for kind, own in kinds.items()
    }
    text = f"{about_singles(singles)}\n\n{table(measure(packets, not options.no_records))}\n"
    if options.markdown:
        write_tables(options.markdown, text, "<!-- written by benchmarks/packets.py -->")
    else:
        print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, help="keep the words of pages in this folder")
    parser.add_argument(
        "--packets", type=int, default=40, help="of each dataset; of all five times"
    )
    parser.add_argument("--no-records", action="store_true", help="part them only, read no values")
    parser.add_argument("--markdown", type=Path, help="write the tables here, not to stdout")
    return parser.parse_args()


if __name__ == "__main__":
    main()
