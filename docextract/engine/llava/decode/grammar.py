"""Grammars of answers, compiled once per schema, and one answer's place in its grammar.

Knows nothing of models or pages: token ids and bytes only. Grammars come from JSON Schema
through llguidance with compact separators, because flexible whitespace costs a third more
decoding steps. A blank may stand before the JSON, where a chat template has one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from docextract.core import FULL, EngineError, Reason
from docextract.engine.answers.answer_form import written_schema
from docextract.schema import Schema

_NUM_KEPT = 32
_NUM_TRIES = 2

Habits = dict[tuple[int, ...], tuple[int, ...]]
"""By the last two tokens outside a value: what an answer went on with there last time, a chosen
token and all that it forced. There are about as many as the schema has fields."""


class Grammars:
    """The tokenizer's trie and one compiled grammar per schema.

    Attributes:
        num_tokens: width of the logits, padded rows of the head included.
        lead: what stands before the JSON of each answer.
        form: how answers are written.
    """

    def __init__(self, tokenizer: Any, num_tokens: int, lead: str = "", form: str = FULL) -> None:
        """Read the tokenizer, once in a process: it takes a second for 128,000 tokens.

        Args:
            tokenizer: a fast tokenizer of transformers.
            num_tokens: width of the logits.
            lead: what stands before the JSON of each answer.
            form: how answers are written.
        """
        self.num_tokens = num_tokens
        self.lead = lead
        self.form = form
        self._trie = _trie(_written(tokenizer), num_tokens, tokenizer.eos_token_id)
        self._compiled = lru_cache(maxsize=_NUM_KEPT)(self._compile)

    def start(self, schema: Schema) -> RowGrammar:
        """Return a fresh place at the start of the schema's answer.

        Raises:
            EngineError: the schema cannot be made a grammar.
        """
        matcher, habits = self._compiled(schema.id, json.dumps(written_schema(schema, self.form)))
        return RowGrammar(matcher.deep_copy(), self._trie, habits)

    def text_of(self, tokens: list[int]) -> list[bytes]:
        """Return the bytes of each token."""
        return [bytes(self._trie.decode_bytes([token])) for token in tokens]

    def close(self) -> None:
        """Drop compiled grammars."""
        self._compiled.cache_clear()

    def _compile(self, schema_id: str, grammar_json: str) -> tuple[Any, Habits]:
        from llguidance import LLMatcher

        shape = {**json.loads(grammar_json), "x-guidance": {"whitespace_flexible": False}}
        lark = f"start: {json.dumps(self.lead)} answer\nanswer: %json {json.dumps(shape)}\n"
        matcher = LLMatcher(self._trie, LLMatcher.grammar_from_lark(lark))
        if matcher.is_error():
            raise EngineError(
                Reason.ENGINE_FAILED,
                f"schema {schema_id} has no grammar: {matcher.get_error()}",
            )
        return matcher, {}


@lru_cache(maxsize=_NUM_TRIES)
def _trie(tokenizer_json: str, num_tokens: int, eos_token: int) -> Any:
    """Return llguidance's form of a tokenizer, which has no form on disk that could be kept."""
    from llguidance import LLTokenizer

    return LLTokenizer(tokenizer_json, n_vocab=num_tokens, eos_token=eos_token)


def _written(tokenizer: Any) -> str:
    """Return a tokenizer as JSON, added tokens included, without padding and truncation.

    Only where it pads or truncates is it copied first, as ``llguidance.hf`` always does: for
    128,000 tokens a copy takes as long as half of the rest.
    """
    backend = tokenizer.backend_tokenizer
    if backend.padding is not None or backend.truncation is not None:
        backend = copy(backend)
        backend.no_padding()
        backend.no_truncation()
    return str(backend.to_str())


class RowGrammar:
    """Where one answer stands in its grammar: what may follow, and what must.

    Attributes:
        habits: shared by all answers of the grammar.
    """

    def __init__(self, matcher: Any, trie: Any, habits: Habits) -> None:
        self.habits = habits
        self._matcher = matcher
        self._trie = trie

    @property
    def is_finished(self) -> bool:
        """Whether the JSON is closed, so that nothing may follow."""
        return bool(self._matcher.is_stopped())

    def accept(self, token: int) -> None:
        """Go on by one token.

        Raises:
            EngineError: the grammar does not allow it here.
        """
        if not self._matcher.consume_token(token):
            raise EngineError(
                Reason.ENGINE_FAILED, f"token {token} breaks the grammar: {self._error()}"
            )

    def accept_text(self, text: bytes) -> list[int]:
        """Go on by text and return its tokens, none where the grammar does not allow it."""
        tokens = self.tokens_of(text)
        if self._matcher.validate_tokens(tokens) < len(tokens):
            return []
        self._matcher.consume_tokens(tokens)
        return tokens

    def accept_forced(self) -> list[int]:
        """Go on by all that the grammar leaves no choice about, and return those tokens.

        A last token that could merge with what follows is held back, so the answer is
        tokenized as the tokenizer itself would.
        """
        tokens: list[int] = self._matcher.compute_ff_tokens()
        if tokens:
            self._matcher.consume_tokens(tokens)
        return tokens

    def go_back(self, num_tokens: int) -> None:
        """Take back the last tokens accepted."""
        if num_tokens and not self._matcher.rollback(num_tokens):
            raise EngineError(Reason.ENGINE_FAILED, f"no way back: {self._error()}")

    def fill_mask(self, mask: Any, row: int) -> None:
        """Write which tokens may follow into a row of a bit mask, 32 tokens per int32."""
        # Not ``llguidance.torch``: it compiles on import, which takes seconds.
        import llguidance.numpy

        llguidance.numpy.fill_next_token_bitmask(self._matcher, mask.numpy(), row)

    def fill_masks(self, masks: Any, first: int, drafts: Sequence[Sequence[int]]) -> None:
        """Write what may follow now, and after each draft in turn, from a row of masks on.

        From a draft on that the grammar does not allow nothing is written.
        """
        self.fill_mask(masks, first)
        num_accepted = 0
        for row, draft in enumerate(drafts, first + 1):
            num_accepted += self._accept_as_far(draft)
            if num_accepted < sum(map(len, drafts[: row - first])):
                break
            self.fill_mask(masks, row)
        self.go_back(num_accepted)

    def _accept_as_far(self, tokens: Sequence[int]) -> int:
        """Go on by as many tokens as the grammar allows, and return how many."""
        return int(self._matcher.try_consume_tokens(list(tokens)))

    def tokens_of(self, text: bytes) -> list[int]:
        """Return the tokens of some text."""
        tokens: list[int] = self._trie.tokenize_bytes(text)
        return tokens

    def text_of(self, token: int) -> bytes:
        """Return the bytes of a token."""
        return bytes(self._trie.decode_bytes([token]))

    def _error(self) -> str:
        return str(self._matcher.get_error() or "it ended here")
