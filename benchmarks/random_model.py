"""Builds a LLaVA-NeXT of any size with random weights straight on a device, 4-bit or plain.

Knows nothing of what is measured. The dense model lies nowhere: modules without weights are made
first, then each weight is drawn on the device and quantised there before the next is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from decode_model import build_processor, make_config, train_tokenizer

from docextract.engine.llava.weights.device import Footprint, compute_dtype
from docextract.engine.llava.weights.load import LoadedModel
from docextract.engine.llava.weights.quantization import (
    KEPT,
    check_packages,
    check_quantization,
    quantization_config,
)

_STD = 0.02
"""Of the weights, as transformers draws them: activations stay finite over 80 layers."""


def build_on_device(
    footprint: Footprint, quantization: str, device: Any, vocabulary: int
) -> LoadedModel:
    """Return a model that answers nonsense at full cost.

    Args:
        footprint: shapes of its layers.
        quantization: ``nf4`` or ``none``, which is the device's 16-bit type.
        device: where weights are drawn.
        vocabulary: of the tokenizer; the model's may be larger.

    Raises:
        torch.OutOfMemoryError: the weights do not fit.
    """
    import torch
    from transformers import LlavaNextForConditionalGeneration

    check_packages(quantization)
    torch.manual_seed(0)
    tokenizer = train_tokenizer(vocabulary)
    config = make_config(footprint, tokenizer)
    dtype = compute_dtype(quantization)
    with torch.device("meta"):
        model = LlavaNextForConditionalGeneration(config)
    if quantization == "nf4":
        model = _with_4bit_layers(model, dtype)
    with torch.no_grad():
        for module in model.modules():
            _draw_weights(module, dtype, device)
            _restore_buffers(module, device)
    check_quantization(model, quantization)
    return LoadedModel(model.eval(), build_processor(tokenizer, config), quantization, "random")


def _with_4bit_layers(model: Any, dtype: Any) -> Any:
    from transformers.integrations import replace_with_bnb_linear

    return replace_with_bnb_linear(
        model,
        modules_to_not_convert=list(KEPT),
        quantization_config=quantization_config("nf4", dtype),
    )


def _draw_weights(module: Any, dtype: Any, device: Any) -> None:
    import torch

    kind = type(module).__name__
    for name, empty in list(module.named_parameters(recurse=False)):
        weight = torch.empty(empty.shape, dtype=dtype, device=device)
        if name == "bias":
            weight.zero_()
        elif "norm" in kind.lower():
            weight.fill_(1.0)
        else:
            weight.normal_(0.0, _STD)
        if kind == "Linear4bit" and name == "weight":
            module.weight = _quantised(weight, module)
        else:
            setattr(module, name, torch.nn.Parameter(weight, requires_grad=False))


def _quantised(weight: Any, module: Any) -> Any:
    """Return a weight in 4 bits; moving it to its device is what quantises it."""
    import bitsandbytes

    packed = bitsandbytes.nn.Params4bit(
        weight, requires_grad=False, quant_type="nf4", compress_statistics=True, module=module
    )
    return packed.to(weight.device)


def _restore_buffers(module: Any, device: Any) -> None:
    """Compute what constructors compute: rotation frequencies and numbers of positions."""
    import torch

    for name, buffer in _made_anew(module):
        module.register_buffer(name, buffer.to(device), persistent=False)
    positions = getattr(module, "position_ids", None)
    if isinstance(positions, torch.Tensor):
        module.position_ids = torch.arange(positions.shape[-1], device=device)[None]


def _made_anew(module: Any) -> Iterator[tuple[str, Any]]:
    if type(module).__name__.endswith("RotaryEmbedding"):
        yield from type(module)(module.config).named_buffers()
