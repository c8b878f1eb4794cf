"""The device a model runs on: which it is, how much of it is free, and its floats.

Knows nothing of models.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Gpu:
    """A CUDA device.

    Attributes:
        name: as its driver calls it.
        free_bytes: memory nobody holds now.
        total_bytes: all of its memory.
    """

    name: str
    free_bytes: int
    total_bytes: int


def is_gpu_available() -> bool:
    """Return whether torch is installed and sees a CUDA device."""
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


def find_gpu() -> Gpu | None:
    """Return the current CUDA device, or None."""
    if not is_gpu_available():
        return None
    import torch

    free, total = torch.cuda.mem_get_info()
    return Gpu(torch.cuda.get_device_name(), free, total)


def compute_dtype(quantization: str) -> Any:
    """Return the torch dtype that activations and unquantised weights have.

    bfloat16 where the card itself computes in it; float16 on older ones, where torch says
    yes too but emulates it, and for int8, whose kernels take nothing else; float32 on a CPU.
    """
    import torch

    if quantization == "int8":
        return torch.float16
    if not torch.cuda.is_available():
        return torch.float32
    has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has_bf16 else torch.float16


GIB = 2**30
RESERVED_BYTES = int(1.5 * GIB)
"""CUDA context, activations of one prefill and the buffer that weights are unpacked into."""
TEXT_TOKENS = 500
"""What a page costs beside its image: a prompt of 300 tokens and an answer of 200."""
_USABLE_SHARE = 0.94
"""Of a card's nominal size: a 24 GB card with error correction shows 22.5 GiB."""
_WEIGHT_BYTES = {
    # 4 bits, one 8-bit scale per 64 weights, one 32-bit scale per 256 scales (QLoRA, section 3).
    "nf4": 0.5 + 1 / 64 + 4 / (64 * 256),
    "int8": 1.0,
    "none": 2.0,
}


@dataclass(frozen=True, slots=True)
class Decoder:
    """Shape of a Llama-like language model."""

    num_layers: int
    hidden_size: int
    intermediate_size: int
    num_heads: int
    num_kv_heads: int
    vocabulary_size: int
    has_tied_embeddings: bool = False

    @property
    def num_linear(self) -> int:
        """Weights in attention and feed-forward layers: those that are quantised."""
        kv_size = self.hidden_size // self.num_heads * self.num_kv_heads
        attention = 2 * self.hidden_size * (self.hidden_size + kv_size)
        return self.num_layers * (attention + 3 * self.hidden_size * self.intermediate_size)

    @property
    def num_embedding(self) -> int:
        """Weights of the token embedding and the head: always 16-bit."""
        tables = 1 if self.has_tied_embeddings else 2
        return tables * self.vocabulary_size * self.hidden_size

    @property
    def kv_bytes_per_token(self) -> int:
        """16-bit keys and values of one token."""
        head_size = self.hidden_size // self.num_heads
        return 2 * 2 * self.num_layers * self.num_kv_heads * head_size


@dataclass(frozen=True, slots=True)
class Vision:
    """Shape of a CLIP-like or SigLIP-like tower."""

    num_layers: int
    hidden_size: int
    intermediate_size: int
    image_size: int
    patch_size: int

    @property
    def num_weights(self) -> int:
        """Weights of its layers and its patch and position embeddings."""
        attention = 4 * self.hidden_size**2
        layer = attention + 2 * self.hidden_size * self.intermediate_size
        num_patches = (self.image_size // self.patch_size) ** 2
        return self.num_layers * layer + self.hidden_size * (3 * self.patch_size**2 + num_patches)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one model needs of a GPU.

    Attributes:
        decoder: its language model.
        vision: its tower.
        projector_layers: linear layers from one to the other.
        feature_layers: how many layers of the tower are read, side by side.
    """

    decoder: Decoder
    vision: Vision
    projector_layers: int = 2
    feature_layers: int = 1

    @property
    def num_kept(self) -> int:
        """Weights that stay 16-bit: tower, projector, embedding and head."""
        hidden = self.decoder.hidden_size
        features = self.feature_layers * self.vision.hidden_size
        projector = hidden * (features + (self.projector_layers - 1) * hidden)
        return self.vision.num_weights + projector + self.decoder.num_embedding

    @property
    def num_parameters(self) -> int:
        """All weights, but for norms and biases, which are under 0.1 %."""
        return self.decoder.num_linear + self.num_kept

    def weight_bytes(self, quantization: str) -> int:
        """Return what the weights take on the device.

        Args:
            quantization: ``nf4`` (with double quantization), ``int8`` or ``none`` (16-bit).
        """
        return int(self.decoder.num_linear * _WEIGHT_BYTES[quantization] + 2 * self.num_kept)

    def page_bytes(self, image_tokens: int) -> int:
        """Return the keys and values of one page with its prompt and answer."""
        return (image_tokens + TEXT_TOKENS) * self.decoder.kv_bytes_per_token

    def num_pages(self, quantization: str, image_tokens: int, memory_bytes: int) -> int:
        """Return how many pages can be answered at once in so much memory; 0 if it is too small."""
        left = memory_bytes - RESERVED_BYTES - self.weight_bytes(quantization)
        return max(0, left // self.page_bytes(image_tokens))


def usable_bytes(card_gb: float) -> int:
    """Return what a card sold as ``card_gb`` GB leaves to a program, in bytes."""
    return int(card_gb * _USABLE_SHARE * GIB)
