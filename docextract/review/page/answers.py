"""What the page asks and is told: the queue, a sheet, a picture, and what a person did.

Knows nothing of HTTP. Threads may share it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from docextract.core import Box, OptionError, Tree, UsageError
from docextract.normalise import NO_EVIDENCE, LocaleEvidence, gather_evidence
from docextract.review.desk.sayings import Saying
from docextract.review.desk.typed_input import read_typed
from docextract.review.labels.label import NOWHERE, Action, Label, Spot
from docextract.review.page.sheets import brief_of, sheet_of
from docextract.review.pictures.page_pictures import PagePictures, Picture
from docextract.review.queue.waiting import Waiting, in_order, sampled, waiting_of
from docextract.schema import Schema
from docextract.store import StoredDocument


class Desk(Protocol):
    """Where a person says things; see ``docextract.review.desk.desk``."""

    @property
    def schema(self) -> Schema:
        """Of the records."""

    @property
    def reviewer(self) -> str:
        """Who says things."""

    def documents(self) -> Iterator[StoredDocument]:
        """Yield every document as it stands."""

    def record(self, sha256: str) -> StoredDocument:
        """Return a document as it stands."""

    def labels(self, sha256: str | None = None) -> list[Label]:
        """Return all that anybody said."""

    def say(self, sha256: str, *sayings: Saying) -> list[Label]:
        """Keep what the person did."""

    def undo(self, sha256: str) -> Label:
        """Take back what the person did last."""


@dataclass(slots=True)
class Answers:
    """Answers a browser about one desk.

    Attributes:
        desk: where the person sits.
        pictures: of the pages.
        only: hashes of a random sample, all of which is looked at; None for what is in doubt.
    """

    desk: Desk
    pictures: PagePictures
    only: frozenset[str] | None = None
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    _num_seen: int = 0
    _is_complete: bool = False
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def look_through(self) -> None:
        """Go through all records for those in doubt; the queue grows meanwhile."""
        for stored in self.desk.documents():
            sha256 = stored.tree["document"]["sha256"]
            if self.only is not None and sha256 not in self.only:
                continue
            self._note(sha256, stored.tree)
            self._num_seen += 1
        self._is_complete = True

    def queue(self) -> Tree:
        """Return the documents in doubt, in order, and how much is left."""
        with self._alone:
            waiting = in_order(self._waiting.values())
        left = [item for item in waiting if item.left]
        return {
            "reviewer": self.desk.reviewer,
            "schema": self.desk.schema.name,
            "items": [brief_of(item) for item in waiting],
            "num_left": len(left),
            "seconds": sum(item.seconds for item in left),
            "num_seen": self._num_seen,
            "is_complete": self._is_complete,
        }

    def sheet(self, sha256: str) -> Tree:
        """Return a document as it stands.

        Raises:
            OptionError: there is none.
        """
        labels = self.desk.labels(sha256)
        tree = self.desk.record(sha256).tree
        waiting = self._note(sha256, tree)
        newest = max((label.id for label in labels), default=0)
        return sheet_of(tree, waiting, self.desk.schema, newest)

    def picture(self, sha256: str, number: int) -> Picture:
        """Return a page.

        Raises:
            OptionError: there is no such document.
            DocumentError: the page cannot be drawn.
        """
        self.desk.record(sha256)
        return self.pictures.picture(sha256, number)

    def words(self, sha256: str, number: int) -> list[list[str | float]]:
        """Return the words of a page: text, left, top, right, bottom.

        Raises:
            DocumentError: the page cannot be read.
        """
        found = self.picture(sha256, number)
        return [[word.text, *(round(edge, 5) for edge in word.box)] for word in found.words]

    def say(self, asked: Tree) -> Tree:
        """Keep what the person did, and return the document as it then stands.

        Args:
            asked: ``sha256``, ``path``, ``action``, ``seen``; for a correction ``text``; where
                it was pointed at ``page``, ``box`` and ``quote``.

        Raises:
            UsageError: it is not clear, or does not hold any more.
        """
        sha256, path, spot = str(asked["sha256"]), str(asked["path"]), _spot(asked)
        action = Action(asked["action"])
        value = None
        if action is Action.CORRECT:
            value = self._typed(sha256, path, str(asked["text"]), spot)
        saying = Saying(path, action, value, spot, int(asked["seen"]))
        self.desk.say(sha256, saying)
        return self.sheet(sha256)

    def undo(self, asked: Tree) -> Tree:
        """Take back what the person did last to a document, and return it as it then stands.

        Raises:
            UsageError: there is nothing, or somebody has built upon it.
        """
        sha256 = str(asked["sha256"])
        label = self.desk.undo(sha256)
        return self.sheet(sha256) | {"undone": label.path}

    def _typed(self, sha256: str, path: str, text: str, spot: Spot) -> str:
        found = self.desk.schema.of(self.desk.record(sha256).tree).field_at(path)
        if found is None:
            raise OptionError(f"{path or 'the document'} has no value of its own")
        return read_typed(text, found, self._habits(sha256, spot))

    def _habits(self, sha256: str, spot: Spot) -> LocaleEvidence:
        """Return how the page that was pointed at writes; what is typed is read by itself."""
        if spot.page is None:
            return NO_EVIDENCE
        words = self.picture(sha256, spot.page).words
        return gather_evidence([" ".join(word.text for word in words)])

    def _note(self, sha256: str, tree: Tree) -> Waiting | None:
        schema = self.desk.schema
        waiting = waiting_of(tree, schema) if self.only is None else sampled(tree, schema)
        with self._alone:
            if waiting is None:
                self._waiting.pop(sha256, None)
            else:
                self._waiting[sha256] = waiting
        return waiting


def _spot(asked: Tree) -> Spot:
    """Return what was pointed at.

    Raises:
        UsageError: it lies on no page.
    """
    if asked.get("page") is None:
        return NOWHERE
    box = Box(*(float(edge) for edge in asked["box"]))
    if not (0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1):
        raise UsageError("a box lies outside its page")
    return Spot(int(asked["page"]), box, str(asked.get("quote") or "") or None)
