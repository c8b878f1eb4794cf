"""A run of tokens that looks like a value of some kind.

Knows nothing of how it was found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from docextract.engine.text.layout import Segment, Token
from docextract.schema import Kind


@dataclass(eq=False, slots=True)
class Candidate:
    """A run of tokens that looks like a value of some kind.

    Attributes:
        kind: what it looks like; MONEY for any number.
        tokens: the tokens it is printed in.
        text: as printed; shorter than the tokens where OCR glued them to others.
        segment: where it stands.
        value: hundredths for numbers, yyyymmdd (a guess) for dates, else 0.
        num_decimals: printed decimals of a number.
        currency: sign or code printed at a number.
    """

    kind: Kind
    tokens: list[Token]
    text: str
    segment: Segment
    value: int = 0
    num_decimals: int = 0
    currency: str = ""
    currency_token: Token | None = field(default=None, repr=False)

    @property
    def left(self) -> float:
        """Left edge in the page's unit."""
        return self.tokens[0].left

    @property
    def right(self) -> float:
        """Right edge in the page's unit."""
        return self.tokens[-1].right

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever found it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)
