"""Joins layers of a decoder that read the same input, and gives norms their one kernel.

Knows nothing of caches, steps or grammars. A step of few rows takes a GPU less time than Python
needs to launch it, so what counts is how many kernels there are. Not used by the engine yet: no GPU
was at hand to measure it; ``benchmarks/gpu.py`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_JOINED = (("self_attn", ("q_proj", "k_proj", "v_proj")), ("mlp", ("gate_proj", "up_proj")))


def fuse(decoder: Any) -> None:
    """Change a decoder of transformers in place: the same numbers of fewer kernels.

    Only plain linear layers are joined: 4-bit and 8-bit ones, and those with a LoRA beside them,
    stay as they are. While a layer is joined its weights lie there twice.

    Args:
        decoder: of Llama's shape, as Mistral's, Qwen2's and Granite's are.
    """
    for layer in decoder.layers:
        for name, names in _JOINED:
            _join(getattr(layer, name), names)
    for parent in list(decoder.modules()):
        for name, child in list(parent.named_children()):
            if type(child).__name__.endswith("RMSNorm"):
                setattr(parent, name, FusedNorm(child))


def _join(parent: Any, names: Sequence[str]) -> None:
    layers = [getattr(parent, name) for name in names]
    if any(type(layer) is not nn.Linear for layer in layers):
        return
    joined = Joined(layers)
    for index, name in enumerate(names):
        setattr(parent, name, JoinedPart(joined, index))


class FusedNorm(nn.Module):  # type: ignore[misc]
    """The root-mean-square norm of Llama and its like, in one call (Zhang and Sennrich, 2019)."""

    def __init__(self, norm: Any) -> None:
        """Take the weight of a norm of transformers; it is shared, not copied."""
        super().__init__()
        self.weight = norm.weight
        self._epsilon = float(norm.variance_epsilon)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the hidden states, [..., hidden], over their root mean square."""
        return functional.rms_norm(hidden, self.weight.shape, self.weight, self._epsilon)


class Joined:
    """Linear layers of one input as one product; they are asked in their order."""

    def __init__(self, layers: Sequence[Any]) -> None:
        """Join weights and biases."""
        self._sizes = [layer.out_features for layer in layers]
        self.weight = torch.cat([layer.weight.data for layer in layers])
        has_bias = layers[0].bias is not None
        self.bias = torch.cat([layer.bias.data for layer in layers]) if has_bias else None
        self._left: list[Tensor] = []

    def begin(self, hidden: Tensor) -> Tensor:
        """Multiply, return the first layer's outputs and keep those of the others."""
        whole = functional.linear(hidden, self.weight, self.bias)
        first, *self._left = whole.split(self._sizes, -1)
        return first

    def take(self) -> Tensor:
        """Return the next layer's outputs for the input that the first was given."""
        return self._left.pop(0)


class JoinedPart(nn.Module):  # type: ignore[misc]
    """Stands where one of the joined layers stood."""

    def __init__(self, joined: Joined, index: int) -> None:
        """Take its place among the joined."""
        super().__init__()
        self._joined = joined
        self._is_first = index == 0
        if self._is_first:
            # As parameters, so that they are counted and moved with the model.
            self.weight = joined.weight = nn.Parameter(joined.weight, requires_grad=False)
            if joined.bias is not None:
                self.bias = joined.bias = nn.Parameter(joined.bias, requires_grad=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return this layer's outputs."""
        return self._joined.begin(hidden) if self._is_first else self._joined.take()
