"""Greedy decoding of one page's answer under a grammar, with a probability for every leaf.

Knows nothing of documents or stores. This is the plain loop of ``transformers.generate``
with a grammar mask; forced tokens still cost a forward pass each.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from itertools import accumulate
from typing import Any

from docextract.engine.base import Answer, StopReason
from docextract.engine.llava.answer_format import AnswerReader, answer_schema
from docextract.engine.llava.model import LoadedModel
from docextract.errors import EngineError, Reason
from docextract.records import Page
from docextract.schema.fields import Schema


class Decoder:
    """Holds what is compiled once: the tokenizer's trie and one grammar per schema."""

    def __init__(self, loaded: LoadedModel, max_new_tokens: int) -> None:
        import llguidance.hf

        self._loaded = loaded
        self._max_new_tokens = max_new_tokens
        self._vocabulary = loaded.model.get_output_embeddings().weight.shape[0]
        self._tokenizer = llguidance.hf.from_tokenizer(
            loaded.processor.tokenizer, n_vocab=self._vocabulary
        )
        self._grammar = lru_cache(maxsize=32)(self._compile)

    def close(self) -> None:
        """Drop compiled grammars."""
        self._grammar.cache_clear()

    def answer(self, page: Page, prompt: str, schema: Schema) -> Answer:
        """Return the answer for one page.

        Raises:
            EngineError: the page has no image, or the model gave nothing readable.
        """
        inputs = self._inputs(page, prompt)
        mask = _GrammarMask(self._grammar(schema.id, json.dumps(answer_schema(schema))), self)
        tokens, log_probs = self._generate(inputs, mask)
        return self._read(tokens, log_probs, mask.is_finished)

    def _compile(self, schema_id: str, grammar_json: str) -> Any:
        from llguidance import LLMatcher

        grammar = LLMatcher.grammar_from_json_schema(
            json.loads(grammar_json), overrides={"whitespace_flexible": False}
        )
        matcher = LLMatcher(self._tokenizer, grammar)
        if matcher.is_error():
            raise EngineError(
                Reason.ENGINE_FAILED,
                f"schema {schema_id} has no grammar: {matcher.get_error()}",
            )
        return matcher

    def _inputs(self, page: Page, prompt: str) -> Any:
        from PIL import Image

        if page.image is None or page.size is None:
            raise EngineError(Reason.ENGINE_FAILED, "the page came without its image")
        image = Image.frombytes("RGB", page.size, page.image)
        content = [{"type": "image"}, {"type": "text", "text": prompt}]
        processor = self._loaded.processor
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True,
            tokenize=False,
        )
        # The chat template writes the BOS token itself.
        inputs = processor(images=image, text=text, return_tensors="pt", add_special_tokens=False)
        model = self._loaded.model
        return inputs.to(model.device, dtype=model.dtype)

    def _generate(self, inputs: Any, mask: _GrammarMask) -> tuple[list[int], list[float]]:
        import torch
        from transformers import LogitsProcessorList, StoppingCriteriaList

        with torch.inference_mode():
            out = self._loaded.model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=self._max_new_tokens,
                logits_processor=LogitsProcessorList([mask]),
                stopping_criteria=StoppingCriteriaList([mask.stop]),
            )
        tokens = out[0, inputs["input_ids"].shape[1] :].tolist()
        return mask.accepted(tokens), mask.log_probs(tokens)

    def _read(self, tokens: list[int], log_probs: list[float], is_finished: bool) -> Answer:
        pieces = [self._tokenizer.decode_bytes([token]) for token in tokens]
        text = b"".join(pieces).decode("utf-8", errors="replace")
        reader = AnswerReader(text)
        ends = list(accumulate(_num_chars(piece) for piece in pieces))
        probabilities = {
            path: _joint(ends, log_probs, start, end) for path, (start, end) in reader.spans.items()
        }
        stop = StopReason.END if is_finished and reader.is_complete else StopReason.LENGTH
        usage = {"completion_tokens": float(len(tokens))}
        return Answer(reader.tree, probabilities, {}, stop, usage)


def _num_chars(piece: bytes) -> int:
    """Count characters that begin in a piece: every byte but UTF-8 continuation bytes."""
    return sum(byte & 0xC0 != 0x80 for byte in piece)


def _joint(ends: list[int], log_probs: list[float], start: int, end: int) -> float:
    """Return the joint probability of the tokens that overlap characters start to end."""
    begins = [0, *ends[:-1]]
    total = sum(
        log_prob
        for first, last, log_prob in zip(begins, ends, log_probs, strict=True)
        if first < end and last > start
    )
    return math.exp(total)


class _GrammarMask:
    """A logits processor that allows only tokens the grammar does, and remembers their odds."""

    def __init__(self, matcher: Any, decoder: Decoder) -> None:
        import llguidance.torch

        self._torch_bindings = llguidance.torch
        self._matcher = matcher.deep_copy()
        self._width = decoder._vocabulary
        self._bitmask = llguidance.torch.allocate_token_bitmask(1, self._width)
        self._seen: int | None = None
        self._kept: list[Any] = []

    @property
    def is_finished(self) -> bool:
        """Whether the JSON is closed."""
        return bool(self._matcher.is_stopped())

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        self._consume(input_ids)
        if self.is_finished:
            return scores
        self._torch_bindings.fill_next_token_bitmask(self._matcher, self._bitmask, 0)
        shifts = torch.arange(32, dtype=torch.int32)
        bits = ((self._bitmask[:, :, None] >> shifts) & 1).view(1, -1)[:, : self._width].bool()
        masked = scores.masked_fill(~bits.to(scores.device), float("-inf"))
        self._kept.append(torch.log_softmax(masked.float(), -1)[0])
        return masked

    def stop(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Stop as soon as the grammar is satisfied."""
        import torch

        self._consume(input_ids)
        return torch.full((1,), self.is_finished, device=input_ids.device)

    def _consume(self, input_ids: Any) -> None:
        length = input_ids.shape[1]
        if self._seen is not None and length > self._seen and not self.is_finished:
            self._matcher.consume_token(int(input_ids[0, -1]))
        self._seen = length

    def accepted(self, tokens: list[int]) -> list[int]:
        """Return the tokens chosen under the grammar."""
        return tokens[: len(self._kept)]

    def log_probs(self, tokens: list[int]) -> list[float]:
        """Return each chosen token's log-probability among the allowed ones."""
        return [float(kept[token]) for kept, token in zip(self._kept, tokens, strict=False)]
