"""Inputs of both kinds together: files of this machine, then documents in storage.

Knows nothing of runs or of what is done with a document.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from docextract.core import Document, RunOptions, Scratch, is_uri
from docextract.documents.containers.found_inside import LookInside
from docextract.documents.discovery.discover import Discovery, Found, may_hold_documents
from docextract.documents.discovery.passed_over import PassedOverFiles
from docextract.storage.known_objects import FILE_NAME, Ledger
from docextract.storage.remote_documents import RemoteDocuments
from docextract.storage.spool import Spool
from docextract.storage.upload import upload_folder

MAX_SPOOL_BYTES = 4 * 2**30
"""Held by documents at work and those fetched ahead of them."""


class GivenInputs:
    """Iterates over all documents of a run's inputs as ``Discovery`` does over files.

    Attributes:
        remote: the documents in storage; None where no input lies there.
    """

    def __init__(
        self, local: Discovery, remote: RemoteDocuments | None, num_shards: int = 1
    ) -> None:
        self.remote = remote
        self._local = local
        self._num_shards = num_shards

    def __iter__(self) -> Iterator[Found]:
        """Yield each document once."""
        return (found for found in self.as_they_come() if found is not None)

    def as_they_come(self) -> Iterator[Found | None]:
        """Yield each document; None while the next is not there yet.

        Raises:
            RemoteError: storage does not answer, or not any more.
        """
        yield from self._local.as_they_come()
        if self.remote is not None:
            yield from self.remote.as_they_come()

    def as_listed(self) -> Iterator[Found]:
        """Yield each document once; of those in storage what listing tells.

        Raises:
            RemoteError: a place cannot be listed.
        """
        yield from self._local
        if self.remote is not None:
            yield from self.remote.as_listed()

    def count_ahead(self) -> int | None:
        """Return about how many there are; None where only reading or listing tells."""
        found = None if self.remote is not None else self._local.count_ahead()
        return None if found is None else -(-found // self._num_shards)

    @property
    def passed_over(self) -> PassedOverFiles:
        """What is no document."""
        found = PassedOverFiles()
        found.update(self._local.passed_over)
        if self.remote is not None:
            found.update(self.remote.passed_over)
        return found

    @property
    def unmatched(self) -> list[str]:
        """Patterns and addresses that named nothing."""
        return self._local.unmatched + ([] if self.remote is None else self.remote.unmatched)


class Storage:
    """What a run has to do with storage; use it as a context manager.

    Nothing is opened where no input lies there and no export goes there.

    Args:
        options: the inputs, the shard and where exports go.
        folder: where the spool and the ledger of what was fetched lie.
        max_spool_bytes: most bytes of the spool.

    Attributes:
        num_elsewhere: documents and containers, by their names, that belong to other shards.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(
        self, options: RunOptions, folder: Path, max_spool_bytes: int = MAX_SPOOL_BYTES
    ) -> None:
        self.num_elsewhere = 0
        self._options = options
        self._remote = [name for name in options.inputs if is_uri(name)]
        self._documents: RemoteDocuments | None = None
        is_used = bool(self._remote) or options.upload is not None
        self._ledger = Ledger(folder) if is_used else None
        self._spool = Spool(folder / "spool", max_spool_bytes) if self._remote else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.ExitStack() as stack:
            if self._ledger is not None:
                stack.callback(self._ledger.close)
            if self._spool is not None:
                stack.callback(self._spool.close)

    def inputs(
        self,
        needs_bytes: Callable[[Document], bool],
        is_wanted: Callable[[bytes], bool] = lambda path: True,
        stdin: BinaryIO | None = None,
        look_inside: LookInside | None = None,
    ) -> GivenInputs:
        """Return the documents of this run's shard.

        Args:
            needs_bytes: see ``RemoteDocuments``.
            is_wanted: asked about every file of this machine before it is opened.
            stdin: where the input ``-`` reads its list of paths.
            look_inside: tells what a container of this machine holds.
        """
        options = self._options
        local = Discovery(
            [name for name in options.inputs if not is_uri(name)],
            stdin=stdin,
            exclude=options.out,
            max_bytes=options.read.max_bytes,
            is_wanted=lambda path: self._is_ours(_absolute(path)) and is_wanted(path),
            look_inside=look_inside,
        )
        num_shards = 1 if options.shard is None else options.shard.count
        return GivenInputs(local, self._remote_documents(needs_bytes), num_shards)

    def _remote_documents(self, needs_bytes: Callable[[Document], bool]) -> RemoteDocuments | None:
        if self._ledger is None or self._spool is None:
            return None
        self._documents = RemoteDocuments(
            self._remote,
            self._ledger,
            self._spool,
            needs_bytes=needs_bytes,
            is_wanted=self._is_ours,
            max_bytes=self._options.read.max_bytes,
        )
        return self._documents

    def _is_ours(self, path: bytes) -> bool:
        if self._options.shard is None or self._options.shard.holds(path):
            return True
        self.num_elsewhere += may_hold_documents(path)
        return False

    def release(self, document: Document) -> None:
        """Let go of a document's bytes: nothing more is done with it."""
        if self._spool is not None and document.spooled:
            self._spool.release(document.spooled)

    def put_exports(self, out: Path) -> int:
        """Put exports to where they are asked to go; return how many files were put.

        Raises:
            OptionError: one must be new there and is not.
            RemoteError: storage does not answer or takes nothing.
        """
        options = self._options
        if options.upload is None:
            return 0
        return upload_folder(out, options.upload, options.upload_mode, self._ledger)

    @property
    def counts(self) -> dict[str, int]:
        """How many documents were listed and fetched, for ``run.json``."""
        found = self._documents
        if found is None:
            return {}
        return {"num_listed": found.num_listed, "num_fetched": found.num_fetched}


class BorrowedInputs:
    """Inputs of a command that keeps nothing; use it as a context manager.

    What lies in storage is fetched into a folder that goes with the command.

    Args:
        known: folder of a run, whose ledger tells what objects held that it fetched.
    """

    def __init__(self, known: Path | None = None) -> None:
        self._known = known
        self._stack = contextlib.ExitStack()
        self._fetched: tuple[Ledger, Spool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def inputs(
        self,
        names: Sequence[str],
        max_bytes: int,
        stdin: BinaryIO | None = None,
        look_inside: LookInside | None = None,
        exclude: Path | None = None,
        is_list: bool = False,
    ) -> GivenInputs:
        """Return the documents that are named; see ``Discovery``.

        Args:
            names: files, folders and addresses.
            max_bytes: larger ones are errors.
            stdin: where the input ``-`` reads its list of paths.
            look_inside: tells what a container of this machine holds.
            exclude: folder that is passed over.
            is_list: whether they will only be listed.

        Raises:
            OptionError: an address is wrong.
        """
        local = Discovery(
            [name for name in names if not is_uri(name)],
            stdin=stdin,
            exclude=exclude,
            max_bytes=max_bytes,
            look_inside=look_inside,
        )
        remote = [name for name in names if is_uri(name)]
        return GivenInputs(local, self._remote(remote, max_bytes, is_list) if remote else None)

    def _remote(self, names: Sequence[str], max_bytes: int, is_list: bool) -> RemoteDocuments:
        if self._fetched is None:
            folder = self._stack.enter_context(Scratch()).path
            for path in self._known.glob(f"{FILE_NAME}*") if self._known is not None else ():
                shutil.copy(path, folder)
            ledger, spool = Ledger(folder), Spool(folder / "spool", MAX_SPOOL_BYTES)
            self._stack.callback(ledger.close)
            self._fetched = ledger, spool
        return RemoteDocuments(
            names,
            *self._fetched,
            needs_bytes=lambda document: not is_list,
            is_wanted=lambda path: True,
            max_bytes=max_bytes,
        )

    def release(self, document: Document) -> None:
        """Let go of a document's bytes: nothing more is done with it."""
        if self._fetched is not None and document.spooled:
            self._fetched[1].release(document.spooled)


def _absolute(path: bytes) -> bytes:
    # As Document.raw_path has it: links are not followed.
    return os.path.abspath(path)  # noqa: PTH100
