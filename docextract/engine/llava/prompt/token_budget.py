"""What room a context leaves for image tokens, who gets how much, and the error of too little.

Knows nothing of pages, views or models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docextract.core import EngineError, Reason


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """What room a context leaves for images.

    Attributes:
        context: tokens the model can hold.
        num_text: tokens of the prompt without its images.
        num_answer: tokens kept free for the answer.
        limit: most image tokens wanted, None for as many as fit.
    """

    context: int
    num_text: int = 0
    num_answer: int = 0
    limit: int | None = None

    @property
    def num_free(self) -> int:
        """Image tokens that may be spent."""
        room = self.context - self.num_text - self.num_answer
        return room if self.limit is None else min(room, self.limit)


def no_room(num_tokens: int, budget: TokenBudget, page_number: int | None = None) -> EngineError:
    """Return the error that says how many image tokens were needed and could be had."""
    told = (
        f"{num_tokens} image tokens are needed and {max(0, budget.num_free)} can be had: the "
        f"context holds {budget.context}, the question takes {budget.num_text} and "
        f"{budget.num_answer} are kept for the answer"
    )
    if budget.limit is not None:
        told += f"; the budget allows {budget.limit}"
    return EngineError(
        Reason.TOO_LARGE,
        told,
        page=page_number,
        hint="Use a model with a longer context, a larger token budget or fewer fields.",
    )


def fair_shares(wanted: Sequence[int], total: int) -> list[int]:
    """Return what each gets of a total: nobody more than wanted, and the largest cut equally.

    This is max-min fairness (Bertsekas and Gallager, Data Networks, section 6.5.2).
    """
    shares = [0] * len(wanted)
    left = max(0, total)
    for rank, i in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        shares[i] = min(wanted[i], left // (len(wanted) - rank))
        left -= shares[i]
    return shares
