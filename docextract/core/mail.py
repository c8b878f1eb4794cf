"""What is known of the mail that a document came in.

Knows nothing of how mails are read or what hangs on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail that holds a document, of nested ones the innermost; empty where it does not say.

    Attributes:
        sender: as its ``From`` line has it, decoded. Anybody can write anything there.
        subject: decoded.
        date: ISO 8601 with its zone where the mail gives one.
    """

    sender: str = ""
    subject: str = ""
    date: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a record has it; null where the mail does not say."""
        return {
            "from": self.sender or None,
            "subject": self.subject or None,
            "date": self.date or None,
        }

    @classmethod
    def from_json(cls, tree: dict[str, Any]) -> Mail:
        """Return what ``to_json`` gave."""
        return cls(tree["from"] or "", tree["subject"] or "", tree["date"] or "")
