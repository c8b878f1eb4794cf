"""One call of ``ask`` and the world: which documents there are, where replies and messages go.

Knows nothing of what is asked, nor of who replies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from docextract.ask.replies.reply import Reply
from docextract.core import HINTS, ErrorItem, ReadOptions, RecordStatus
from docextract.documents.discovery.discover import Found
from docextract.pipeline.unpacking import Unpacking
from docextract.storage.given_inputs import BorrowedInputs
from docextract.store import Tally
from docextract.workers import Failed, Stop

_MAX_TOLD = 20


@dataclass(frozen=True, slots=True)
class Call:
    """What is the same for all questions of one call.

    Attributes:
        write: takes each reply.
        tell: takes messages for people.
        stop: tells of a signal.
        stdin: where the input ``-`` reads its list of paths.
        tally: counts documents found and, by status, replies.
        borrowed: where inputs come from.
    """

    write: Callable[[Reply], None]
    tell: Callable[[str], None]
    stop: Stop
    stdin: BinaryIO | None = None
    tally: Tally = field(default_factory=Tally)
    borrowed: BorrowedInputs = field(default_factory=BorrowedInputs)

    def find(self, inputs: tuple[str, ...], max_bytes: int) -> Iterator[Found | None]:
        """Yield each document; then tell which inputs matched nothing and what was passed over.

        None is yielded while there is none for now. Files over ``max_bytes`` are found as errors.
        """
        with Unpacking(ReadOptions(max_bytes=max_bytes)) as look_inside:
            given = self.borrowed.inputs(inputs, max_bytes, self.stdin, look_inside)
            yield from given.as_they_come()
        for pattern in given.unmatched:
            self.tell(f"{pattern} matched nothing")
        for line in given.passed_over.told(_MAX_TOLD):
            self.tell(line)

    def deliver(self, replies: Iterable[Reply]) -> None:
        """Count replies and hand them out."""
        for reply in replies:
            status = RecordStatus.FAILED if reply.is_failed else RecordStatus.OK
            self.tally.by_status[status] += 1
            self.write(reply)


def error_of(event: Failed) -> ErrorItem:
    """Return why a worker could not open a document, as replies and records say it."""
    hint = event.hint or HINTS[event.reason]
    return ErrorItem("open", event.reason.value, event.message, hint, event.page)
