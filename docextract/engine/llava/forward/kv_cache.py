"""The keys and values of many answers at once: one slot per answer, one place per position.

Knows nothing of grammars or pages. It stands in for a cache of transformers, which asks it
``update``, ``get_mask_sizes`` and a few more; a page is written alone into its slot, then all
slots are decoded together. Nothing is ever shifted or padded: a token at position p lies at p.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docextract.engine.llava.forward.attention import StepLayout

Prefix = list[tuple[Any, Any]]
"""Keys and values of the first tokens of a slot, layer by layer, [heads, tokens, head_dim]."""


@dataclass(frozen=True, slots=True)
class _PageWrite:
    """One slot gets a run of positions."""

    slot: int
    start: int

    def put(self, store: Any, new: Any) -> Any:
        end = self.start + new.shape[2]
        store[self.slot, :, self.start : end] = new[0]
        return new if self.start == 0 else store[self.slot : self.slot + 1, :, :end]


@dataclass(frozen=True, slots=True)
class _StepWrite:
    """The first slots get a few positions each, packed as the layout says."""

    layout: StepLayout

    def put(self, store: Any, new: Any) -> Any:
        layout = self.layout
        store[layout.slots, :, layout.positions] = new[0].transpose(0, 1)
        return store[: layout.shape.num_rows, :, : layout.shape.num_seen]


class SlotCache:
    """Preallocated keys and values, [slots, heads, length + 1, head_dim] per layer.

    The place after the last is where padding of uneven steps is written and never read.

    Attributes:
        num_slots: answers that can be decoded at once.
        length: positions per slot.
        memory: another object once its tensors lie elsewhere.
    """

    is_compileable = False
    is_initialized = True

    def __init__(self, shape: CacheShape, num_slots: int, length: int) -> None:
        """Allocate; zeros, because a masked NaN would still spread.

        Raises:
            torch.OutOfMemoryError: the device has no room.
        """
        self.num_slots = num_slots
        self.length = length
        self.memory = object()
        self._shape = shape
        self._stores = [
            [self._allocate() for _ in range(shape.num_layers)] for _ in ("keys", "values")
        ]
        self.is_sliding = [False] * shape.num_layers
        self._write: _PageWrite | _StepWrite = _PageWrite(0, 0)

    def _allocate(self) -> Any:
        import torch

        shape = self._shape
        size = (self.num_slots, shape.num_heads, self.length + 1, shape.head_dim)
        return torch.zeros(size, dtype=shape.dtype, device=shape.device)

    def grow(self, length: int) -> None:
        """Make every slot longer, layer by layer so that one layer at a time lies there twice."""
        old, self.length = self.length, length
        self.memory = object()
        for stores in self._stores:
            for layer, store in enumerate(stores):
                stores[layer] = self._allocate()
                stores[layer][:, :, :old] = store[:, :, :old]
                del store

    def begin_page(self, slot: int, start: int) -> None:
        """The next forward pass is one row, whose tokens go to a slot from a position on."""
        self._write = _PageWrite(slot, start)

    def begin_step(self, layout: StepLayout) -> None:
        """The next forward pass is a few tokens for each of the first slots, packed."""
        self._write = _StepWrite(layout)

    def move(self, source: int, target: int, num_tokens: int) -> None:
        """Copy the first tokens of one slot into another."""
        for store in self._all():
            store[target, :, :num_tokens] = store[source, :, :num_tokens]

    def save_prefix(self, slot: int, num_tokens: int) -> Prefix:
        """Return a copy of the first tokens of a slot."""
        keys, values = self._stores
        return [
            (key[slot, :, :num_tokens].clone(), value[slot, :, :num_tokens].clone())
            for key, value in zip(keys, values, strict=True)
        ]

    def load_prefix(self, slot: int, prefix: Prefix) -> None:
        """Copy saved first tokens into a slot."""
        for stores, part in zip(self._stores, (0, 1), strict=True):
            for store, saved in zip(stores, prefix, strict=True):
                store[slot, :, : saved[part].shape[1]] = saved[part]

    def _all(self) -> Iterator[Any]:
        for stores in self._stores:
            yield from stores

    def update(self, keys: Any, values: Any, layer_idx: int, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Write one layer's new keys and values; return all that attention looks at."""
        stores = self._stores
        return (
            self._write.put(stores[0][layer_idx], keys),
            self._write.put(stores[1][layer_idx], values),
        )

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return how many positions stand before the next tokens, for one page alone."""
        write = self._write
        return write.start if isinstance(write, _PageWrite) else write.layout.shape.num_seen

    def get_query_offset(self, layer_idx: int = 0) -> int:
        """Return the position of the next token, for one page alone."""
        return self.get_seq_length(layer_idx)

    def get_mask_sizes(self, query_length: int, layer_idx: int = 0) -> tuple[int, int]:
        """Return how many positions attention looks at, and where they begin."""
        if isinstance(self._write, _PageWrite):
            return self._write.start + query_length, 0
        return self._write.layout.shape.num_seen, 0


@dataclass(frozen=True, slots=True)
class CacheShape:
    """What one position of one slot takes."""

    num_layers: int
    num_heads: int
    head_dim: int
    dtype: Any
    device: Any

    @classmethod
    def of(cls, text_config: Any, dtype: Any, device: Any) -> CacheShape:
        """Return the shape for a decoder's configuration."""
        num_queries = text_config.num_attention_heads
        head_dim = getattr(text_config, "head_dim", None) or text_config.hidden_size // num_queries
        num_heads = getattr(text_config, "num_key_value_heads", None) or num_queries
        return cls(text_config.num_hidden_layers, num_heads, head_dim, dtype, device)

    @property
    def token_bytes(self) -> int:
        """Bytes of the keys and values of one position."""
        return 2 * self.num_layers * self.num_heads * self.head_dim * int(self.dtype.itemsize)
