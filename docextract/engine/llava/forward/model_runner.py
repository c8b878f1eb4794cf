"""The forward passes of the language model over a slot cache, and the choice of tokens.

Knows nothing of grammars, schemas or which answer a row belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from docextract.engine.llava.forward.attention import (
    Chunk,
    StepShape,
    lay_out,
    layout_of,
    use_slot_attention,
)
from docextract.engine.llava.forward.cache_name import cache_keyword
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.forward.kv_cache import CacheShape, SlotCache

_SEEN_STEP = 128
_TOKEN_STEP = 8
_CAPTURED_SEEN_STEP, _CAPTURED_TOKEN_STEP = 1024, 64
"""Coarser where each shape has a recording. Up to some hundred tokens a step takes as long as its
weights take to be moved."""
_MOST_UNPADDED = 12
"""Steps of so few tokens are not padded. bitsandbytes 0.50 has fused 4-bit kernels for few tokens
and unpacks the weights for more, by its own dispatch: up to 5 (``down``) or 7 on an H100, up to 12
(keys and values) on an L4 or RTX 4090; its limits beyond that are multiples of 8."""


class LanguageModel:
    """The decoder and its head; the head sees the last token of each row only.

    Attributes:
        num_tokens: width of the logits.
        max_length: longest context.
        cache_shape: what a position of a slot takes.
        num_forwards: passes through the decoder so far, pages and steps.
        captured: recordings of steps, None where each step is run by Python.
    """

    def __init__(self, model: Any, captured: CapturedSteps | None = None) -> None:
        """Take the parts of a transformers image-text-to-text model.

        Args:
            model: in eval mode.
            captured: takes recordings of steps.
        """
        self.captured = captured
        self._decoder = model.model.language_model
        self._head = model.get_output_embeddings()
        self._embed = model.get_input_embeddings()
        text_config = model.config.get_text_config()
        self._cache_keyword = cache_keyword(self._decoder)
        use_slot_attention(self._decoder)
        self.num_tokens = int(self._head.weight.shape[0])
        self.max_length = int(text_config.max_position_embeddings)
        embedding = self._embed.weight
        self.device = embedding.device
        self.cache_shape = CacheShape.of(text_config, embedding.dtype, embedding.device)
        # Granite's, which transformers leaves out where the decoder stands in a LLaVA-NeXT: the
        # likeliest token is the same, and every probability another.
        self._logits_scaling = float(getattr(text_config, "logits_scaling", 1.0))
        self._num_groups = text_config.num_attention_heads // self.cache_shape.num_heads
        self.num_forwards = 0

    def embed(self, tokens: Sequence[int]) -> Any:
        """Return token embeddings, [tokens, hidden]."""
        import torch

        return self._embed(torch.tensor(tokens, dtype=torch.long, device=self.device))

    def read_page(
        self, cache: SlotCache, slot: int, start: int, embeddings: Any, asked: Sequence[int]
    ) -> Any:
        """Write one row into a slot, from a position on.

        Args:
            cache: where its keys and values go.
            slot: of the row.
            start: positions that are there already.
            embeddings: [tokens, hidden] of what follows.
            asked: which of these tokens logits are wanted after.

        Returns:
            Logits, [asked, num_tokens].
        """
        import torch

        cache.begin_page(slot, start)
        options: dict[str, Any] = {}
        if start:
            # Without a mask attention would take the row's tokens to be all there is.
            end = start + embeddings.shape[0]
            positions = torch.arange(start, end, device=self.device)[None]
            seen = torch.arange(end, device=self.device)
            options = {
                "position_ids": positions,
                "attention_mask": seen <= positions[:, None, :, None],
            }
        self.num_forwards += 1
        hidden = self._run(cache, embeddings[None], options)
        return self._logits(hidden[0, list(asked)])

    def step(self, cache: SlotCache, chunks: Sequence[Chunk], num_rows: int) -> Any:
        """Feed a few tokens to each of some slots.

        Args:
            cache: whose slots are decoded.
            chunks: in the order of their slots.
            num_rows: first slots to run over, all of the chunks' among them.

        Returns:
            Logits after the tokens asked for, chunk after chunk, [asked, num_tokens].
        """
        shape = self.step_shape(cache, chunks, num_rows)
        given, asked = lay_out(chunks, shape, cache.length, self.device)
        self.num_forwards += 1
        if self.captured is None:
            return self._logits(self._step(cache, shape, given)[asked])
        # All tokens go through the head, so that what is asked makes no shapes of its own.
        logits = self.captured.run(
            cache.memory, shape, lambda held: self._logits(self._step(cache, shape, held)), given
        )
        return logits[asked]

    def _step(self, cache: SlotCache, shape: StepShape, given: Any) -> Any:
        """Return hidden states of packed tokens, [num_tokens, hidden]."""
        layout = layout_of(given, shape, self._num_groups, self._embed.weight)
        cache.begin_step(layout)
        options = {
            "attention_mask": layout.mask,
            "position_ids": layout.positions[None],
            "layout": layout,
        }
        return self._run(cache, self._embed(layout.ids)[None], options)[0]

    def step_shape(self, cache: SlotCache, chunks: Sequence[Chunk], num_rows: int) -> StepShape:
        """Return the sizes that a step of these chunks takes, rounded up where few are wanted."""
        lengths = [len(chunk.tokens) for chunk in chunks]
        end = max(chunk.start + length for chunk, length in zip(chunks, lengths, strict=True))
        width = _bucket(max(lengths), self._is_rounded)
        if self.captured is None:
            num_tokens, seen_step = _padded(sum(lengths), self._is_rounded), _SEEN_STEP
        else:
            num_tokens = min(num_rows * width, _round_up(sum(lengths), _CAPTURED_TOKEN_STEP))
            seen_step = _CAPTURED_SEEN_STEP
        num_seen = min(cache.length, _round_up(end, seen_step))
        return StepShape(num_rows, width, num_tokens, num_seen)

    @property
    def has_static_shapes(self) -> bool:
        """Whether shapes are rounded up, so that a GPU meets few of them; a CPU pays for each."""
        return str(self.device.type) == "cuda"

    @property
    def _is_rounded(self) -> bool:
        return self.captured is not None or self.has_static_shapes

    def num_rows_for(self, num_used: int, num_slots: int) -> int:
        """Return how many of the first slots a step runs over when ``num_used`` are taken."""
        return min(num_slots, _bucket(num_used, self._is_rounded))

    def _logits(self, hidden: Any) -> Any:
        logits = self._head(hidden)
        return logits if self._logits_scaling == 1 else logits / self._logits_scaling

    def _run(self, cache: SlotCache, embeddings: Any, options: dict[str, Any]) -> Any:
        options = {**options, self._cache_keyword: cache}
        return self._decoder(inputs_embeds=embeddings, use_cache=True, **options).last_hidden_state


def _round_up(size: int, step: int) -> int:
    return -(-size // step) * step


def _padded(num_tokens: int, is_rounded: bool) -> int:
    """Round up tokens of a step, where asked and where no kernel is lost by it."""
    is_few = num_tokens <= _MOST_UNPADDED
    return num_tokens if is_few or not is_rounded else _round_up(num_tokens, _TOKEN_STEP)


def _bucket(size: int, is_rounded: bool) -> int:
    """Round up to a power of two, where asked."""
    return 1 << (size - 1).bit_length() if is_rounded else size


def choose_tokens(
    logits: Any, masks: Any, temperatures: Sequence[float], seeds: Sequence[int]
) -> list[tuple[int, float]]:
    """Return the next token of each row and its log-probability among the allowed ones.

    The log-probability is NaN where the scores are; the token then means nothing.

    Args:
        logits: [rows, num_tokens].
        masks: bits of allowed tokens, [rows, num_tokens / 32] int32, on the host.
        temperatures: 0 takes the likeliest token; else one is drawn.
        seeds: of each row's draw, so that it does not depend on the other rows.
    """
    import torch

    num_tokens = logits.shape[1]
    bits = torch.ones(32, dtype=torch.int32, device=logits.device) << torch.arange(
        32, dtype=torch.int32, device=logits.device
    )
    is_forbidden = (masks.to(logits.device)[:, :, None] & bits) == 0
    allowed = logits.float().masked_fill_(is_forbidden.flatten(1)[:, :num_tokens], float("-inf"))
    log_probs = torch.log_softmax(allowed, -1)
    best, tokens = log_probs.max(-1)
    # One transfer, hence one wait for the device, per step; float64 holds any token id.
    chosen = [
        (int(token), float(log_prob))
        for token, log_prob in torch.stack([tokens.double(), best.double()], 1).tolist()
    ]
    for row, temperature in enumerate(temperatures):
        if temperature and math.isfinite(chosen[row][1]):
            chosen[row] = _draw(log_probs[row], temperature, seeds[row])
    return chosen


def _draw(log_probs: Any, temperature: float, seed: int) -> tuple[int, float]:
    import torch

    generator = torch.Generator().manual_seed(seed)
    weights = torch.softmax(log_probs / temperature, -1).cpu()
    token = int(torch.multinomial(weights, 1, generator=generator))
    return token, float(log_probs[token])
