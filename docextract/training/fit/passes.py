"""One step in passes that fit memory: items together or one after the other give the same loss.

Knows nothing of models beyond what they return, nor of optimisers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import torch

from docextract.core import DeviceError
from docextract.training.examples.example import Example

_LOG = logging.getLogger(__name__)


class StepLoss(NamedTuple):
    """What a step came to.

    Attributes:
        mean: cross entropy for each token of the answers, over the whole step.
        accuracy: share of tokens that would have been chosen.
        num_tokens: positions that were read.
    """

    mean: float
    accuracy: float
    num_tokens: int


def grouped(examples: Sequence[Example], most_tokens: int) -> Iterator[list[Example]]:
    """Yield examples of like length together, each group padded to so many positions at most.

    One that is longer stands alone.
    """
    group: list[Example] = []
    for example in sorted(examples, key=lambda one: (one.num_tokens, one.item_id)):
        if group and (len(group) + 1) * example.num_tokens > most_tokens:
            yield group
            group = []
        group.append(example)
    if group:
        yield group


class Passes:
    """Runs steps, in smaller passes where the device has too little memory.

    Attributes:
        most_tokens: positions in one pass; halved when memory runs out.
    """

    def __init__(self, most_tokens: int) -> None:
        self.most_tokens = most_tokens

    def step(
        self,
        model: Any,
        examples: Sequence[Example],
        backward: Callable[[Any], object],
        cast: Callable[[], AbstractContextManager[Any]],
    ) -> StepLoss:
        """Add the gradients of a step.

        The sum over all tokens is divided by their number in the whole step, so that the loss
        does not depend on how the step was cut.

        Args:
            model: an ``AnsweringModel``.
            examples: of the step.
            backward: takes a loss.
            cast: the context in which the forward pass runs.

        Raises:
            DeviceError: not even one example fits.
        """
        while True:
            try:
                return self._step(model, examples, backward, cast)
            except torch.OutOfMemoryError as error:
                problem = error
            # Only after the failed pass is left do its tensors count as free.
            model.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            self._halve(examples, problem)

    def _halve(self, examples: Sequence[Example], problem: Exception) -> None:
        longest = max(example.num_tokens for example in examples)
        if self.most_tokens <= longest:
            raise DeviceError(
                f"one question of {longest} tokens does not fit the GPU's memory",
                "Use --method qlora, a smaller model or --detail low; see docextract train check.",
            ) from problem
        self.most_tokens = max(longest, self.most_tokens // 2)
        _LOG.warning("out of memory; going on with %d tokens at once", self.most_tokens)

    def _step(
        self,
        model: Any,
        examples: Sequence[Example],
        backward: Callable[[Any], object],
        cast: Callable[[], AbstractContextManager[Any]],
    ) -> StepLoss:
        num_taught = sum(len(example.answer_ids) for example in examples)
        total, num_right = 0.0, 0
        for group in grouped(examples, self.most_tokens):
            with cast():
                found = model(group)
            backward(found.total / num_taught)
            total += float(found.total.detach())
            num_right += found.num_right
        num_tokens = sum(example.num_tokens for example in examples)
        return StepLoss(total / num_taught, num_right / num_taught, num_tokens)
