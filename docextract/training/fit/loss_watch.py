"""Notices a loss that is no number, or that has left for good.

Knows nothing of models or optimisers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from docextract.core import DocextractError, ExitCode

_TIMES, _PATIENCE = 3.0, 50


class DivergedError(DocextractError):
    """The loss is no number, or stayed three times as high as at the start."""

    exit_code = ExitCode.ALL_FAILED
    hint = "Lower --lr, or look at the items named; run again to go on from the last checkpoint."


class LossWatch:
    """Follows the loss of one stage.

    Args:
        losses: of the steps before a resume.
    """

    def __init__(self, losses: Iterable[float] = ()) -> None:
        self._start: float | None = None
        self._num_high = 0
        for loss in losses:
            self._follow(loss)

    def see(self, loss: float, step: int, items: Sequence[str]) -> None:
        """Take the loss of a step.

        Raises:
            DivergedError: training makes nothing better any more.
        """
        named = ", ".join(items[:8])
        if not math.isfinite(loss):
            raise DivergedError(f"the loss of step {step} is no number; its items: {named}")
        self._follow(loss)
        if self._num_high >= _PATIENCE:
            raise DivergedError(
                f"the loss has been over {_TIMES:g} times that of the first step for {_PATIENCE} "
                f"steps, up to step {step}; its items: {named}"
            )

    def _follow(self, loss: float) -> None:
        self._start = loss if self._start is None else self._start
        self._num_high = self._num_high + 1 if loss > _TIMES * self._start else 0
