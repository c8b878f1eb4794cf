"""One answer while it is decoded: its tokens, what must still be fed, and when to stop.

Knows nothing of models, caches or other rows; a chosen token in, tokens to feed out.
A value that loops is taken back and read anew at a rising temperature; one that still loops
is given up as null and the answer goes on, so one bad value does not cost the others.
"""

from __future__ import annotations

import math

from docextract.engine.base import StopReason
from docextract.engine.llava.decode.answer_limits import Limits, StringWatch, is_looping
from docextract.engine.llava.decode.grammar import RowGrammar
from docextract.engine.llava.decode.prompt_lookup import Printed

_NUM_PLACE = 2
"""Last tokens that tell a place between values. On the invoices of ``benchmarks/decode.py`` one
gives 3 % more passes, by mistaking places, and three 4 % more, by not knowing them."""

_MOST_COPIED = 4
"""Tokens guessed from a page at once: with the one before them they fit the fused 4-bit kernels of
an H100. On the invoices of ``benchmarks/decode.py`` eight save 5 % more passes for 12 % more
tokens fed."""


class Row:
    """An answer in the making.

    Attributes:
        index: which request it answers.
        tokens: the answer so far.
        log_probs: of each token among those the grammar allowed; 0 where it was forced,
            minus infinity where a value was given up.
        pending: the last tokens, not fed to the model yet.
        num_prompt_tokens: length of what stands before the answer.
        num_reused_tokens: how many of these came from an earlier prefill of the same page.
        num_forced: tokens that needed no decision.
        num_retries: values read anew because they looped.
        temperature: at which the next token is to be drawn; 0 is greedy.
        stop: why the answer ended, None while it goes on.
    """

    def __init__(
        self, index: int, grammar: RowGrammar, limits: Limits, page: Printed | None = None
    ) -> None:
        self.index = index
        self.tokens: list[int] = []
        self.log_probs: list[float] = []
        self.pending: list[int] = []
        self.num_prompt_tokens = 0
        self.num_reused_tokens = 0
        self.num_forced = 0
        self.num_retries = 0
        self.temperature = 0.0
        self.stop: StopReason | None = None
        self.grammar = grammar
        self._limits = limits
        self._page = page or Printed()
        self._watch = StringWatch()
        self._last_prompt_id = 0
        self._attempts = 0
        self._retried_leaf: int | None = None
        self._given_up: StopReason | None = None

    @property
    def length(self) -> int:
        """How many positions of the cache it has filled; the next token goes there."""
        return self.num_prompt_tokens + len(self.tokens) - len(self.pending)

    @property
    def seed(self) -> int:
        """Of the next token's draw: the same whatever stands in other slots."""
        return len(self.tokens) + 100_000 * self.num_retries

    def begin(self, num_prompt_tokens: int, last_prompt_id: int) -> None:
        """Set what stands before the answer; forced first tokens become pending."""
        self.num_prompt_tokens = num_prompt_tokens
        self._last_prompt_id = last_prompt_id
        self.pending = self._accept_forced()

    def draft(self, max_tokens: int) -> list[tuple[int, ...]]:
        """Guess how the answer goes on after what is pending, from the page and answers before it.

        A value goes on as the page's words do. Between values answers of one schema are alike: the
        same fields are null, the same tokens open and close them. A guess costs nothing but its
        place in the next pass; it counts only where the model chooses the same.

        Returns:
            One or more chosen tokens, each with what it forces, of so many tokens at most.
        """
        if self.temperature:
            return []
        if self._watch.opened_at is not None:
            return self._copied(max_tokens)
        drafts: list[tuple[int, ...]] = []
        place = self._place()
        while place is not None and (guess := self.grammar.habits.get(place)):
            max_tokens -= len(guess)
            if max_tokens < 0:
                break
            drafts.append(guess)
            place = (*place, *guess)[-_NUM_PLACE:]
        return drafts

    def _copied(self, max_tokens: int) -> list[tuple[int, ...]]:
        """Return how the open value goes on if it was copied off the page."""
        try:
            rest = self._page.after(self._watch.text.decode())
        except UnicodeDecodeError:  # a character that is not whole yet
            return []
        tokens = self.grammar.tokens_of(rest.encode()) if rest else []
        return [(token,) for token in tokens[: min(max_tokens, _MOST_COPIED)]]

    def accept(self, token: int, log_prob: float) -> None:
        """Append a chosen token and all that the grammar forces after it."""
        place = self._place()
        self.grammar.accept(token)
        self._append([token], log_prob)
        self.pending = [token, *self._accept_forced()]
        if place is not None:
            self.grammar.habits[place] = tuple(self.pending)
        self._guard()
        if self.stop is None:
            self.stop = self._end()

    def cut(self) -> None:
        """End here because there is no room for more, unless it has ended."""
        self.stop = self.stop or StopReason.LENGTH

    def _place(self) -> tuple[int, ...] | None:
        """Return by what habits go, None where the answer is the page's alone."""
        if self.temperature or self._watch.opened_at is not None:
            return None
        return tuple(self.tokens[-_NUM_PLACE:])

    def _accept_forced(self) -> list[int]:
        forced = self.grammar.accept_forced()
        self.num_forced += len(forced)
        self._append(forced, 0.0)
        return forced

    def _append(self, tokens: list[int], log_prob: float) -> None:
        self.tokens += tokens
        self.log_probs += [log_prob] * len(tokens)
        for token in tokens:
            self._watch.feed(self.grammar.text_of(token))

    def _end(self) -> StopReason | None:
        if self.grammar.is_finished:
            return self._given_up or StopReason.END
        most = self._limits.max_new_tokens
        return StopReason.LENGTH if most is not None and len(self.tokens) >= most else None

    def _guard(self) -> None:
        watch, limits = self._watch, self._limits
        if self._retried_leaf is not None and watch.num_leaves > self._retried_leaf:
            self._retried_leaf, self._attempts, self.temperature = None, 0, 0.0
        if watch.opened_at is None:
            return
        if len(self.tokens) - watch.opened_at > limits.max_field_tokens:
            self._give_up(watch.opened_at, StopReason.LENGTH)
        elif is_looping(bytes(watch.text), limits.min_loop_bytes):
            self._read_anew(watch.opened_at)

    def _read_anew(self, opened_at: int) -> None:
        temperatures = self._limits.temperatures
        if self._attempts == len(temperatures) or self.num_retries == self._limits.max_retries:
            self._give_up(opened_at, StopReason.REPETITION)
            return
        self.temperature = temperatures[self._attempts]
        self._attempts += 1
        self.num_retries += 1
        self._retried_leaf = self._watch.num_leaves
        self._take_back(opened_at)

    def _give_up(self, opened_at: int, reason: StopReason) -> None:
        lead = self._watch.lead
        self._take_back(opened_at)
        # A sparse answer has no null outside rows; an empty value is none either.
        nulls = self.grammar.accept_text(lead + b"null") or self.grammar.accept_text(lead + b'""')
        if not nulls:
            self.stop = reason
            return
        if self._given_up is not StopReason.REPETITION:
            self._given_up = reason
        self._append(nulls, -math.inf)
        self.pending += [*nulls, *self._accept_forced()]
        self._retried_leaf, self._attempts, self.temperature = None, 0, 0.0

    def _take_back(self, num_kept: int) -> None:
        """Return to an earlier token; its successor's logits need the last kept one again."""
        num_fed = len(self.tokens) - len(self.pending)
        self.grammar.go_back(len(self.tokens) - num_kept)
        kept, log_probs = self.tokens[:num_kept], self.log_probs[:num_kept]
        self.pending = kept[min(num_fed, num_kept - 1) :] if kept else [self._last_prompt_id]
        self.tokens, self.log_probs, self._watch = [], [], StringWatch()
        self._append(kept, 0.0)
        self.log_probs = log_probs
