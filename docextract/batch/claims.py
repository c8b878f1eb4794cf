"""Decides for each document found whether it needs work, by what is stored and was found.

Knows nothing of workers, records or exports, and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from docextract.core import ANSWER_STAGE, Document, Reason, RecordStatus, is_transient
from docextract.documents.discovery.discover import Found
from docextract.documents.discovery.seen_keys import Remembered
from docextract.store import Outcome, StoredRecords, record_key


class Need(StrEnum):
    """What a document that was found is in need of."""

    WORK = "work"
    NEWS = "news"
    DUPLICATE = "duplicate"
    DONE = "done"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be done with a document.

    Attributes:
        need: ``work``: it is to be read; ``news``: it cannot be, and that is to be stored;
            ``duplicate``: another input has its bytes; ``done``: its outcome is stored;
            ``seen``: this very path with these very bytes came before.
        status: the stored outcome of one that is done.
        twin: shown path of the other input.
        is_given_up: whether it failed and was tried as often as allowed.
        parts: keys and stored outcomes of the documents of a file that was cut.
    """

    need: Need
    status: RecordStatus | None = None
    twin: str = ""
    is_given_up: bool = False
    parts: tuple[tuple[str, RecordStatus], ...] = ()


@dataclass(frozen=True, slots=True)
class Redo:
    """Which outcomes are not final.

    Attributes:
        is_forced: none is.
        is_retrying: failures are not, be it of one page or question, until they were tried
            ``max_attempts`` times.
        max_attempts: over all runs, for the same bytes and fingerprint.
    """

    is_forced: bool = False
    is_retrying: bool = False
    max_attempts: int = 3


class Claims:
    """Keeps in mind which bytes were found where.

    Args:
        store: outcomes of earlier runs, or None where there are none.
        fingerprint: of this run; outcomes under another do not count.
        redo: which outcomes are not final.
    """

    def __init__(self, store: StoredRecords | None, fingerprint: str, redo: Redo) -> None:
        self._store = store
        self._fingerprint = fingerprint
        self._redo = redo
        self._claimed = Remembered()

    def claim(self, found: Found) -> Claim:
        """Return what is to be done with a document, and keep its bytes in mind."""
        document = found.document
        key = record_key(document)
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        twin = self._claimed.add(digest, b"\0".join((document.raw_path, document.path.encode())))
        if twin is not None and not found.error:
            raw_path, _, path = twin.partition(b"\0")
            is_same = raw_path == document.raw_path
            return Claim(Need.SEEN) if is_same else Claim(Need.DUPLICATE, twin=path.decode())
        return self._by_store(key, found)

    def needs_bytes(self, document: Document) -> bool:
        """Return whether a document is to be read, going by its hash; nothing is kept in mind."""
        return self._by_store(record_key(document), Found(document)).need is Need.WORK

    def _by_store(self, key: str, found: Found) -> Claim:
        fresh = Claim(Need.NEWS if found.error else Need.WORK)
        if self._store is None:
            return fresh
        outcome = self._store.outcome_of(key, self._fingerprint)
        if outcome is None:
            return self._of_parts(key) or fresh
        status, errors, _ = outcome
        if found.error:
            # Looked at anew each time; only news is worth a row.
            is_known = errors[:1] == ((found.error.stage, found.error.reason),)
            return Claim(Need.DONE, status) if is_known else fresh
        if self._redo.is_forced or _is_of_today(outcome):
            return fresh
        if not self._redo.is_retrying or not _has_failed(status, errors):
            return Claim(Need.DONE, status)
        num_attempts = self._store.num_attempts(key, self._fingerprint)
        if num_attempts < self._redo.max_attempts:
            return fresh
        return Claim(Need.DONE, status, is_given_up=True)

    def _of_parts(self, key: str) -> Claim | None:
        """Return that a file is done which was cut, if all its documents are; they go together."""
        assert self._store is not None
        found = self._store.part_outcomes(key, self._fingerprint)
        if not found or self._redo.is_forced:
            return None
        is_open = any(map(_is_of_today, found.values()))
        if is_open or (self._redo.is_retrying and self._is_worth_trying(found)):
            return None
        return Claim(Need.DONE, parts=tuple((part, it.status) for part, it in found.items()))

    def _is_worth_trying(self, found: Mapping[str, Outcome]) -> bool:
        assert self._store is not None
        return any(
            _has_failed(outcome.status, outcome.errors)
            and self._store.num_attempts(key, self._fingerprint) < self._redo.max_attempts
            for key, outcome in found.items()
        )


def _is_of_today(outcome: Outcome) -> bool:
    """Whether the next run may see another outcome, as the fault lay outside the document.

    It did, whatever the engine said, where a run ended because the engine only failed.
    """
    is_of_broken_engine = outcome.stopped_by == "engine" and any(
        stage == ANSWER_STAGE for stage, _ in outcome.errors
    )
    return is_of_broken_engine or any(is_transient(*error) for error in outcome.errors)


def _has_failed(status: RecordStatus, errors: Sequence[tuple[str, str]]) -> bool:
    """Whether a document, a page or a question failed; an answer cut short comes out so again."""
    is_partly = any(reason != Reason.TRUNCATED_ANSWER for _, reason in errors)
    return status is RecordStatus.FAILED or is_partly
