"""Attention for tokens of several rows packed into one sequence, each looking at its own slot.

Knows nothing of grammars or pages. Rows of a step are of uneven length: packed, the linear layers
see no padding, and only attention, a small part of the work, sees rows side by side. Queries that
share a key head stand below each other, so keys and values are never copied for each query head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

_NAME = "docextract_slots"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one slot is fed in a step.

    Attributes:
        slot: whose keys and values it sees.
        start: position of its first token.
        tokens: at least one.
        asked: offsets of the tokens after which logits are wanted.
    """

    slot: int
    start: int
    tokens: Sequence[int]
    asked: Sequence[int]


@dataclass(frozen=True, slots=True)
class StepShape:
    """The sizes of a step.

    Attributes:
        num_rows: first slots it runs over.
        width: tokens of a row, padding included.
        num_tokens: of all rows, packed; padding at the end.
        num_seen: positions of a slot that attention looks at.
    """

    num_rows: int
    width: int
    num_tokens: int
    num_seen: int


@dataclass(frozen=True, slots=True)
class StepLayout:
    """Where the packed tokens of a step belong; tensors on the model's device.

    Attributes:
        shape: its sizes.
        ids: [num_tokens].
        slots: [num_tokens], the row each token is of.
        columns: [num_tokens], its place in the row.
        positions: [num_tokens], its place in the slot.
        packed: [num_rows, width], which packed token stands there; the first where none does.
        mask: added to attention scores, [num_rows, 1, query heads per key head x width or 1,
            num_seen].
    """

    shape: StepShape
    ids: Any
    slots: Any
    columns: Any
    positions: Any
    packed: Any
    mask: Any


def lay_out(chunks: Sequence[Chunk], shape: StepShape, trash: int, device: Any) -> tuple[Any, Any]:
    """Return all that tells a step from others of its shape, and which tokens it is asked about.

    Args:
        chunks: what slots are fed.
        shape: that all of them fit into.
        trash: the position padding is written to, never read.
        device: of the model.

    Returns:
        [4 x num_tokens + num_rows x width] for ``layout_of``, and [asked] packed tokens.
    """
    import torch

    padding = [0] * (shape.num_tokens - sum(len(chunk.tokens) for chunk in chunks))
    packed = [0] * (shape.num_rows * shape.width)
    asked, first = [], 0
    for chunk in chunks:
        place, length = chunk.slot * shape.width, len(chunk.tokens)
        packed[place : place + length] = range(first, first + length)
        asked += [first + offset for offset in chunk.asked]
        first += length
    lists = [
        [*chain.from_iterable(chunk.tokens for chunk in chunks), *padding],
        [*chain.from_iterable([chunk.slot] * len(chunk.tokens) for chunk in chunks), *padding],
        [*chain.from_iterable(range(len(chunk.tokens)) for chunk in chunks), *padding],
        [*chain.from_iterable(map(_positions, chunks)), *[trash] * len(padding)],
        packed,
        asked,
    ]
    # One transfer to the device for all of them.
    whole = torch.tensor(list(chain.from_iterable(lists)), dtype=torch.long, device=device)
    return whole.split([len(whole) - len(asked), len(asked)])  # type: ignore[no-any-return]


def layout_of(given: Any, shape: StepShape, num_groups: int, like: Any) -> StepLayout:
    """Return the layout of a step; nothing of it is computed on the host.

    Args:
        given: of ``lay_out``.
        shape: the same.
        num_groups: query heads per key head.
        like: a tensor of the model's dtype, on its device.
    """
    num_places = shape.num_rows * shape.width
    *each, packed = given.split([shape.num_tokens] * 4 + [num_places])
    ids, slots, columns, positions = each
    packed = packed.view(shape.num_rows, shape.width)
    mask = _mask(positions[packed], shape, num_groups, like)
    return StepLayout(shape, ids, slots, columns, positions, packed, mask)


def _positions(chunk: Chunk) -> range:
    return range(chunk.start, chunk.start + len(chunk.tokens))


def _mask(positions: Any, shape: StepShape, num_groups: int, like: Any) -> Any:
    """Return minus infinity where a token must not look; a boolean mask costs more per layer."""
    import torch

    # Rows of a ramp: each begins as far from its infinities as its token may look.
    ramp = torch.zeros(2 * shape.num_seen, dtype=like.dtype, device=like.device)
    ramp[shape.num_seen :] = float("-inf")
    num_hidden = (shape.num_seen - 1 - positions).clamp_(min=0)
    if shape.width > 1:
        num_hidden = num_hidden.repeat(1, num_groups)
    rows = ramp.unfold(0, shape.num_seen, 1).index_select(0, num_hidden.flatten())
    return rows.view(*num_hidden.shape, -1)[:, None]


def use_slot_attention(decoder: Any) -> None:
    """Let a decoder of transformers attend by layout where one is given, else by ``sdpa``."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(_NAME, attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    decoder.set_attn_implementation(_NAME)


def attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    layout: StepLayout | None = None,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Any, None]:
    """Return what each token gathers from its slot.

    Args:
        module: the attention layer.
        query: [1, heads, num_tokens, head_dim].
        key: [num_rows, key heads, num_seen, head_dim].
        value: the same shape.
        attention_mask: the layout's.
        layout: of the step, None for a page.
        scaling: of the scores.
        options: what transformers gives besides.

    Returns:
        [1, num_tokens, heads, head_dim], and no weights.
    """
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if layout is None:
        done: tuple[Any, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return done
    num_rows, num_kv, _, head_dim = key.shape
    width, num_heads = layout.shape.width, query.shape[1]
    rows = query[0].transpose(0, 1)[layout.packed].view(num_rows, width, num_kv, -1, head_dim)
    rows = rows.permute(0, 2, 3, 1, 4).reshape(num_rows, num_kv, -1, head_dim)
    out = scaled_dot_product_attention(rows, key, value, attn_mask=attention_mask, scale=scaling)
    out = out.view(num_rows, num_kv, -1, width, head_dim)[layout.slots, :, :, layout.columns]
    return out.reshape(1, -1, num_heads, head_dim), None
