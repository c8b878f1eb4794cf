"""What memory training takes, by arithmetic: nothing here was measured.

Knows nothing of data beyond the length of its longest question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docextract.engine.llava.weights.device import (
    GIB,
    RESERVED_BYTES,
    Decoder,
    Footprint,
    Vision,
    usable_bytes,
)
from docextract.training.train_settings import Method

CARDS_GB = (16, 24, 40, 80)
_TRAINED_BYTES = 16
"""For each trained number: itself, its gradient and Adam's two moments, in 32 bits each."""


@dataclass(frozen=True, slots=True)
class TrainMemory:
    """What one way of training takes.

    Attributes:
        method: the way.
        weight_bytes: of the base.
        trained_bytes: of what is trained, its gradients and the optimiser.
        activation_bytes: of one question, the longest.
    """

    method: Method
    weight_bytes: int
    trained_bytes: int
    activation_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it, with the CUDA context."""
        weights = self.weight_bytes + self.trained_bytes
        return weights + self.activation_bytes + RESERVED_BYTES

    def smallest_card_gb(self) -> int | None:
        """Return the smallest card it fits, None where it fits none of them."""
        return next((gb for gb in CARDS_GB if self.total_bytes <= usable_bytes(gb)), None)

    def __str__(self) -> str:
        card = self.smallest_card_gb()
        told = f"a {card} GB card" if card else f"no card of {CARDS_GB[-1]} GB or less"
        return f"{self.method}: {self.total_bytes / GIB:.1f} GiB, {told}"


def footprint_of(config: Mapping[str, Any]) -> Footprint:
    """Return the shape that a model's config.json tells.

    Raises:
        KeyError: it lacks what every LLaVA tells.
    """
    text, vision = config["text_config"], config["vision_config"]
    num_heads = int(text.get("num_attention_heads", 32))
    decoder = Decoder(
        num_layers=int(text.get("num_hidden_layers", 32)),
        hidden_size=int(text.get("hidden_size", 4096)),
        intermediate_size=int(text.get("intermediate_size", 11008)),
        num_heads=num_heads,
        num_kv_heads=int(text.get("num_key_value_heads") or num_heads),
        vocabulary_size=int(text.get("vocab_size", 32064)),
        has_tied_embeddings=bool(text.get("tie_word_embeddings", False)),
    )
    tower = Vision(
        num_layers=int(vision.get("num_hidden_layers", 24)),
        hidden_size=int(vision.get("hidden_size", 1024)),
        intermediate_size=int(vision.get("intermediate_size", 4096)),
        image_size=int(vision.get("image_size", 336)),
        patch_size=int(vision.get("patch_size", 14)),
    )
    return Footprint(decoder, tower)


def train_memory(
    shape: Footprint, method: Method, rank: int, num_tokens: int, num_answer: int
) -> TrainMemory:
    """Return what training takes with layers checkpointed.

    Args:
        shape: of the model.
        method: what is trained.
        rank: of a LoRA.
        num_tokens: positions of the longest question with its answer.
        num_answer: of which so many are taught: logits are made for those alone.
    """
    quantization = "nf4" if method is Method.QLORA else "none"
    trained = _num_trained(shape, method, rank)
    return TrainMemory(
        method,
        shape.weight_bytes(quantization),
        _TRAINED_BYTES * trained,
        _activations(shape.decoder, num_tokens, num_answer),
    )


def _num_trained(shape: Footprint, method: Method, rank: int) -> int:
    decoder, hidden = shape.decoder, shape.decoder.hidden_size
    projector = hidden * (shape.vision.hidden_size + (shape.projector_layers - 1) * hidden)
    if method is Method.PROJECTOR:
        return projector
    if method is Method.FULL:
        return projector + decoder.num_linear + decoder.num_embedding
    kv_size = hidden // decoder.num_heads * decoder.num_kv_heads
    sides = 2 * (hidden + hidden) + 2 * (hidden + kv_size)
    sides += 3 * (hidden + decoder.intermediate_size)
    return projector + rank * sides * decoder.num_layers


def _activations(decoder: Decoder, num_tokens: int, num_answer: int) -> int:
    """Return bytes of one input of every layer, of one layer unfolded twice, and of logits."""
    kept = 2 * decoder.num_layers * num_tokens * decoder.hidden_size
    unfolded = 2 * num_tokens * (12 * decoder.hidden_size + 4 * decoder.intermediate_size)
    logits = 3 * 4 * num_answer * decoder.vocabulary_size
    return kept + 2 * unfolded + logits
