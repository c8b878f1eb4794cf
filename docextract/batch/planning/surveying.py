"""Walks the inputs as a run would, and opens a bounded number of documents to count pages.

Knows nothing of engines' answers or of how a plan is shown. Every file is hashed, as only
that tells duplicates and what is done; of what lies in storage the ledger of earlier runs tells
that, and nothing but a few are fetched. Memory grows by a hash and a path per file.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from docextract.batch.claims import Claims, Need, Redo
from docextract.batch.planning.estimate import Estimate, Plan
from docextract.batch.planning.history import Earlier
from docextract.core import Document, ReadOptions, RunOptions, is_uri, shown_uri
from docextract.documents.counting import Counted
from docextract.documents.discovery.discover import Found
from docextract.pipeline.unpacking import Unpacking
from docextract.storage.given_inputs import BorrowedInputs, GivenInputs
from docextract.workers import EventSink, Failed, Job, WorkerPool, drive, num_usable_cores

_COUNT = "docextract.documents.counting:count_job"
_MAX_OPENED = 2_000
_MAX_FETCHED = 50
"""Of a sample in storage: enough for a guess, and soon there."""
_MAX_COUNTING_S = 120.0
_SEED = 0
_MAX_COUNT_CPU_S = 5
_MAX_COUNT_S = 20.0
"""Counting pages takes milliseconds; what takes longer would not end well in a run either."""


@dataclass(slots=True)
class _Found:
    """What the walk has counted, and a random part of the documents that need work."""

    num_files: int = 0
    num_duplicates: int = 0
    again: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    to_open: Counter[str] = field(default_factory=Counter)
    sample: list[Document] = field(default_factory=list)


@dataclass(slots=True)
class _Opened(EventSink):
    """What opening the sample has shown, by media type where it matters."""

    num_documents: Counter[str] = field(default_factory=Counter)
    num_read: Counter[str] = field(default_factory=Counter)
    num_pages: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def message(self, key: Document, payload: object) -> None:
        """Count a document that opens, and its pages."""
        self.num_documents[key.media_type] += 1
        if isinstance(payload, Counted):
            self.num_read[key.media_type] += 1
            self.num_pages[key.media_type] += payload.num_pages

    def failed(self, event: Failed) -> None:
        """Count a document that does not open."""
        self.num_documents[event.key.media_type] += 1
        self.reasons[event.reason] += 1


def survey(options: RunOptions, earlier: Earlier, stdin: BinaryIO | None = None) -> Plan:
    """Return what a run with these options would find.

    Args:
        options: those of the run.
        earlier: what runs into its output folder have left.
        stdin: where ``-`` reads its list of paths.

    Raises:
        SetupError: worker processes do not start on this machine.
        StoreError: the store of earlier runs cannot be read.
    """
    redo = Redo(options.force, options.retry_failed, options.max_attempts)
    num_workers = options.num_workers or num_usable_cores()
    known = None if earlier.store is None else earlier.store.path.parent
    most, inputs, out = options.read.max_bytes, options.inputs, options.out
    with Unpacking(options.read) as look_inside, BorrowedInputs(known) as borrowed:
        given = borrowed.inputs(inputs, most, stdin, look_inside, out, is_list=True)
        claims = Claims(earlier.store, earlier.fingerprint, redo)
        found = _walk(given.as_listed(), claims, earlier)
        sample = _here(found.sample, inputs, borrowed, most)
        opened = _open(sample, options.read, num_workers)
    return _added_up(found, opened, given, earlier, num_workers)


def _here(
    sample: list[Document], inputs: Sequence[str], borrowed: BorrowedInputs, max_bytes: int
) -> list[Document]:
    """Return a sample with a part of what lies in storage, fetched."""
    given = {shown_uri(name): name for name in inputs if is_uri(name)}
    away = [given.get(it.source, it.source) for it in sample if it.source][:_MAX_FETCHED]
    fetched = [found.document for found in borrowed.inputs(away, max_bytes) if not found.error]
    return [it for it in sample if not it.source] + fetched


def _walk(discovery: Iterable[Found], claims: Claims, earlier: Earlier) -> _Found:
    found, chance = _Found(), random.Random(_SEED)
    for item in discovery:
        found.num_files += 1
        claim = claims.claim(item)
        if claim.need is Need.DUPLICATE:
            found.num_duplicates += 1
        elif claim.need is Need.DONE and claim.status is not None:
            found.done[claim.status.value] += 1
        elif claim.need is Need.NEWS and item.error is not None:
            found.reasons[item.error.reason] += 1
        else:
            found.to_open[item.document.media_type] += 1
            found.again.update(filter(None, (earlier.why_again(item.document),)))
            _maybe_keep(found, item.document, chance)
    chance.shuffle(found.sample)
    return found


def _maybe_keep(found: _Found, document: Document, chance: random.Random) -> None:
    """Keep each document with equal odds (Vitter 1985, algorithm R)."""
    if len(found.sample) < _MAX_OPENED:
        found.sample.append(document)
    elif (place := chance.randrange(found.to_open.total())) < _MAX_OPENED:
        found.sample[place] = document


def _open(sample: list[Document], read: ReadOptions, num_workers: int) -> _Opened:
    """Count pages in workers, in random order, until all are counted or time is up."""
    opened = _Opened()
    limits = replace(
        read,
        page_cpu_s=_MAX_COUNT_CPU_S,
        page_timeout_s=_MAX_COUNT_S,
        document_timeout_s=_MAX_COUNT_S,
    )
    with WorkerPool(num_workers, limits) as pool:
        drive(pool, _jobs(sample, limits), opened)
    return opened


def _jobs(sample: list[Document], limits: ReadOptions) -> Iterator[Job]:
    end_s = time.monotonic() + _MAX_COUNTING_S
    trial = Job("docextract.documents.opening:trial_job", (limits,), None)
    for document in sample:
        if time.monotonic() >= end_s:
            return
        yield Job(_COUNT, (document, limits), document, trial=trial)


def _added_up(
    found: _Found, opened: _Opened, given: GivenInputs, earlier: Earlier, num_workers: int
) -> Plan:
    num_to_open, num_opened = found.to_open.total(), opened.num_documents.total()
    factor = num_to_open / num_opened if num_opened else 0.0
    scaled = {reason: round(number * factor) for reason, number in opened.reasons.items()}
    pages = {kind: _scaled_pages(kind, found, opened) for kind in found.to_open}
    reasons = found.reasons + Counter(scaled)
    return Plan(
        num_files=found.num_files,
        num_to_read=num_to_open - sum(scaled.values()),
        num_pages=sum(pages.values()),
        num_duplicates=found.num_duplicates,
        done=dict(found.done),
        reasons=dict(reasons.most_common()),
        ignored=dict(given.passed_over.by_kind.most_common()),
        unmatched=tuple(given.unmatched),
        num_counted=num_opened,
        is_sampled=num_opened < num_to_open,
        compared_with=earlier.fingerprint,
        estimate=_estimate(pages, found, opened, earlier, num_workers),
        by_media_type=dict(found.to_open.most_common()),
        again=dict(found.again.most_common()),
    )


def _scaled_pages(kind: str, found: _Found, opened: _Opened) -> int:
    if not opened.num_documents[kind]:
        return found.to_open[kind]
    return round(opened.num_pages[kind] * found.to_open[kind] / opened.num_documents[kind])


def _estimate(
    pages: dict[str, int], found: _Found, opened: _Opened, earlier: Earlier, num_workers: int
) -> Estimate:
    # Bytes of no known format need no time.
    pages = {kind: number for kind, number in pages.items() if kind}
    speeds = {kind: earlier.seconds_per_page(kind) for kind in pages}
    # A document without pages, such as an e-invoice, takes its time too.
    units = {kind: number or found.to_open[kind] for kind, number in pages.items()}
    num_lanes = min(num_workers, max(1, found.to_open.total())) if earlier.is_parallel else 1
    seconds = sum(units[kind] * speeds[kind] for kind in pages) / num_lanes
    guessed = tuple(kind for kind in pages if kind not in earlier.speeds)
    return Estimate(seconds, num_lanes, speeds, earlier.num_measured_pages, guessed)
