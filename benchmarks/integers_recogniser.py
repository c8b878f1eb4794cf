"""Turns the recogniser's large layers into integers: weights in 7 bits, values in 8.

Knows nothing of pages. Of three known ways to lose little: each channel is brought to a like size
first (SmoothQuant, Xiao et al., 2022), what rounding one weight loses is made good by the next
(GPTQ, Frantar et al., 2022), and what is lost in the mean is added to the bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from integers_graph import MICROSOFT, Graph, Numbers, least_lossy_step, with_outputs
from integers_rounding import rounded as rounded_weights
from integers_rounding import steps_of_columns
from onnx import helper

_ROWS_PER_LINE = 60
_USUAL = 0.9999
"""A channel is as large as all but so few of its values."""


class Block(NamedTuple):
    """Two layers of one pixel with a GELU between."""

    widening: Any
    narrowing: Any


@dataclass(frozen=True)
class Layer:
    """A layer in integers: ``(x * factors)`` rounded by scale and zero, times codes by steps."""

    factors: Numbers
    scale: np.float32
    zero: np.uint8
    codes: Numbers
    steps: Numbers
    bias: Numbers


def integer_layers(path: Path, lines: Sequence[Numbers]) -> Any:
    """Return the recogniser's blocks in integers, as a model of their own."""
    whole = Graph.folded(path)
    blocks = list(_blocks(whole))
    names = [layer.input[0] for block in blocks for layer in block]
    values = _values(whole, names, lines, path)
    result = Graph(_empty(blocks))
    result.opset = whole.opset
    for number, block in enumerate(blocks):
        layers = [
            fitted(whole.numbers[one.input[1]], whole.numbers[one.input[2]], values[one.input[0]])
            for one in block
        ]
        result.nodes += _written(result, f"block{number}", block, layers)
    return result.finished(path)


def _blocks(graph: Graph) -> Iterator[Block]:
    for before, _, after in graph.gelus():
        (narrowing,) = graph.users(after)
        yield Block(graph.maker(before), narrowing)


def _values(
    graph: Graph, names: Sequence[str], lines: Sequence[Numbers], path: Path
) -> dict[str, Numbers]:
    """Return what goes into layers on lines: rows of channels, some of each line."""
    session, rng = with_outputs(graph, names, path), np.random.default_rng(0)
    kept: dict[str, list[Numbers]] = {name: [] for name in names}
    for line in lines:
        for name, value in zip(names, session.run(names, {"x": line}), strict=True):
            rows = value[0].reshape(value.shape[1], -1).T
            some = rng.choice(len(rows), min(_ROWS_PER_LINE, len(rows)), replace=False)
            kept[name].append(rows[some])
    return {name: np.concatenate(rows) for name, rows in kept.items()}


def fitted(weights: Numbers, bias: Numbers, values: Numbers) -> Layer:
    """Return a layer of one pixel in integers, which loses least on such values."""
    floats = weights.reshape(len(weights), -1).T.astype(np.float64)
    sizes = np.sqrt(np.quantile(np.abs(values), _USUAL, axis=0) + 1e-6)
    sizes /= np.sqrt(np.abs(floats).max(1) + 1e-6)
    sizes /= np.exp(np.log(sizes).mean())
    even, scaled = values / sizes, floats * sizes[:, None]
    scale, zero = least_lossy_step(even)
    rounded = (np.clip(np.round(even / scale) + zero, 0, 255) - float(zero)) * scale
    steps = steps_of_columns(scaled)
    codes = rounded_weights(scaled, rounded.T @ rounded, steps)
    lost = (even @ scaled - rounded @ (codes * steps)).mean(0)
    factors, whole_bias = (1 / sizes).astype(np.float32), (bias + lost).astype(np.float32)
    return Layer(factors, scale, zero, codes, steps, whole_bias)


def _empty(blocks: Sequence[Block]) -> Any:
    """Return a model without nodes; in goes and out comes what does of blocks."""
    into = [block.widening.input[0] for block in blocks]
    out = [block.narrowing.output[0] for block in blocks]
    ends = [
        [helper.make_tensor_value_info(name, 1, None) for name in names] for names in (into, out)
    ]
    return helper.make_model(helper.make_graph([], "layers", *ends))


def _written(result: Graph, name: str, block: Block, layers: Sequence[Layer]) -> list[Any]:
    """Return the nodes of a block, channels last, as the products want them."""
    wide, narrow = layers
    after_wide, wide_nodes = _product(result, f"{name}.wide", f"{name}.rows", wide)
    after_narrow, narrow_nodes = _product(result, f"{name}.narrow", f"{name}.gelu", narrow)
    begin, end = list(block.widening.input[:1]), list(block.narrowing.output)
    return [
        helper.make_node("Transpose", begin, [f"{name}.rows"], perm=[0, 2, 3, 1]),
        *wide_nodes,
        helper.make_node("Gelu", [after_wide], [f"{name}.gelu"], domain=MICROSOFT),
        *narrow_nodes,
        helper.make_node("Transpose", [after_narrow], end, perm=[0, 3, 1, 2]),
    ]


def _product(result: Graph, name: str, given: str, layer: Layer) -> tuple[str, list[Any]]:
    """Return what a layer gives, and its nodes."""
    part = {key: result.add(f"{name}.{key}", numbers) for key, numbers in vars(layer).items()}
    even, rounded, made = f"{name}.even", f"{name}.integers", f"{name}.sums"
    scale, zero = part["scale"], part["zero"]
    into = [rounded, part["codes"], scale, part["steps"], zero, "", part["bias"]]
    return made, [
        helper.make_node("Mul", [given, part["factors"]], [even]),
        helper.make_node("QuantizeLinear", [even, scale, zero], [rounded]),
        helper.make_node("MatMulIntegerToFloat", into, [made], domain=MICROSOFT),
    ]
