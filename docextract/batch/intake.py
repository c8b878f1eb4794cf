"""Yields the documents that need work, and brings the others to their end.

Knows nothing of workers or engines, nor of how documents are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from docextract.batch.claims import Claims, Need
from docextract.batch.limits import Limits
from docextract.batch.recorder import Recorder
from docextract.core import Document, Reason, RemoteError, RunOptions
from docextract.documents.containers.found_inside import LookInside
from docextract.documents.discovery.discover import Found
from docextract.documents.discovery.passed_over import PassedOverFiles
from docextract.documents.discovery.quiet_period import SettledFiles
from docextract.storage.given_inputs import GivenInputs, Storage
from docextract.workers import Stop

_MAX_TOLD = 20
"""Files passed over that are told by name; run.json names them all."""


class Intake:
    """What one run takes in.

    Args:
        options: the inputs, and whether they are watched.
        claims: decides what needs work.
        limits: decides when nothing more is taken in.
        recorder: takes the documents that need none.
        stop: is told which limit was reached, and may tell of a signal.
        look_inside: tells what a container holds.
        storage: where documents are found that do not lie on this machine.

    Attributes:
        passed_over: files that are no documents.
        lost: what took storage from the run, if anything did; what was begun then ends well.
    """

    def __init__(
        self,
        options: RunOptions,
        claims: Claims,
        limits: Limits,
        recorder: Recorder,
        stop: Stop,
        look_inside: LookInside,
        storage: Storage,
    ) -> None:
        self.passed_over = PassedOverFiles()
        self.lost: RemoteError | None = None
        self._look_inside = look_inside
        self._storage = storage
        self._options = options
        self._claims = claims
        self._limits = limits
        self._recorder = recorder
        self._reporter = recorder.reporter
        self._tally = recorder.tally
        self._stop = stop

    def documents(self, stdin: BinaryIO | None) -> Iterator[Document | None]:
        """Yield each document that needs work; None where there is none for now."""
        settle_s = self._options.settle_s
        if settle_s is None:
            try:
                yield from self._all_there_are(stdin)
            except RemoteError as error:
                self.lost = error
                self._stop.reason = self._stop.reason or "storage"
        else:
            self._reporter.message(f"watching: files are read {settle_s:g} s after the last write")
            yield from self._as_they_settle(SettledFiles(settle_s))

    def _all_there_are(self, stdin: BinaryIO | None) -> Iterator[Document | None]:
        discovery = self._discovery(stdin=stdin)
        expected = discovery.count_ahead()
        if expected is not None:
            self._tally.num_expected = expected
            self._reporter.found(expected, True)
        for found in discovery.as_they_come():
            if self._should_stop():
                return
            if found is None:
                yield None
                continue
            document = self._taken(found)
            if expected is None:
                self._reporter.found(self._tally.num_found, False)
            if document is not None:
                yield document
        num_found, by_name = self._tally.num_found, self._tally.num_expected
        if expected is not None and num_found != by_name:
            self._reporter.message("that count went by names alone; now all were looked at")
        if expected is None or num_found != by_name:
            self._reporter.found(num_found, True)
        self._tell_what_was_passed_over(discovery)

    def _as_they_settle(self, files: SettledFiles) -> Iterator[Document | None]:
        """Look at the inputs again and again until a limit or a signal ends it."""
        while not self._should_stop():
            if not files.is_due():
                yield None
                continue
            files.begin()
            discovery = self._discovery(files)
            for found in discovery.as_they_come():
                if self._should_stop():
                    return
                document = None if found is None or _is_gone(found) else self._taken(found)
                if document is not None or found is None:
                    with files.aside():
                        yield document
            files.end()
            self.passed_over.update(discovery.passed_over)
            self._reporter.found(self._tally.num_found, False)

    def _discovery(
        self, files: SettledFiles | None = None, stdin: BinaryIO | None = None
    ) -> GivenInputs:
        is_wanted = (lambda path: True) if files is None else files.take
        needs_bytes = self._claims.needs_bytes
        return self._storage.inputs(needs_bytes, is_wanted, stdin, self._look_inside)

    def _taken(self, found: Found) -> Document | None:
        """Count a document; return it if it needs work."""
        claim = self._claims.claim(found)
        self._tally.num_found += claim.need is not Need.SEEN
        if claim.need is Need.WORK:
            self._tally.num_begun += 1
            return found.document
        self._recorder.settle(found, claim)
        self._storage.release(found.document)
        return None

    def _should_stop(self) -> bool:
        """Note and return whether no further document may begin."""
        self._stop.reason = self._stop.reason or self._limits.reached(self._tally)
        return bool(self._stop.reason)

    def _tell_what_was_passed_over(self, discovery: GivenInputs) -> None:
        for pattern in discovery.unmatched:
            self._reporter.message(f"{pattern} matched nothing")
        self.passed_over.update(discovery.passed_over)
        for line in self.passed_over.told(_MAX_TOLD):
            self._reporter.message(line)
        if counts := self._storage.counts:
            self._reporter.message(
                f"in storage: {counts['num_listed']} documents, {counts['num_fetched']} fetched"
            )
        if not self._tally.num_found and self._storage.num_elsewhere:
            self._tally.has_empty_shard = True
            shard = self._options.shard
            self._reporter.message(f"all that is there is of other shards than {shard}")
        if self._tally.num_given_up:
            self._reporter.message(
                f"left alone, as they failed {self._options.max_attempts} times (--max-attempts): "
                f"{self._tally.num_given_up}"
            )


def _is_gone(found: Found) -> bool:
    """Whether somebody took a file away before it was read: in a watched folder no failure."""
    return found.error is not None and found.error.reason == Reason.VANISHED
