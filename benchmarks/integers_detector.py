"""Turns the detector into integers: layers in 8 bits, weights in 7.

Knows nothing of pages. What pays, what has to stay in floats, and what it loses, is told in
docs/design-notes.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from integers_even import even_out
from integers_graph import MICROSOFT, Graph, Numbers, least_lossy_step, with_outputs
from integers_rounding import LARGEST_WEIGHT, clipped, rounded, steps_of_columns
from onnx import helper

_LARGEST_ALONE = 127
"""A layer of one channel into one is summed in 32 bits by all."""

_OPSET = 13
"""The first in which each row of weights has a step of its own."""

_ROWS_PER_PAGE = 500
_CUTS = np.linspace(0.8, 1, 5)
"""Shares of a range that are tried."""
_IN_INTEGERS = ("Conv", "Add", "Mul", "Concat", "GlobalAveragePool", "Resize")
_NUM_SECOND_LAYER = 16
_ONE_PIXEL = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0] * 4, "group": 1}

Steps = Mapping[str, tuple[np.float32, np.uint8]]


def integer_detector(path: Path, pages: Sequence[Numbers]) -> Any:
    """Return the detector of a file in integers, whose steps are those that lose least on pages."""
    graph = rewritten(Graph.folded(path))
    rows = rows_of(graph, pages, path)
    even_out(graph, rows)
    steps = {name: least_lossy_step(some, _CUTS) for name, some in rows.items()}
    return quantised(graph, steps, rows).finished(path)


def rewritten(graph: Graph) -> Graph:
    """Return the same sums, written as ONNX Runtime has fast integers for."""
    graph.opset = _OPSET
    for node in graph.of("ReduceMean"):
        node.op_type = "GlobalAveragePool"
        del node.attribute[:]
    _widen_second_layer(graph)
    _step_up_by_products(graph)
    for before, nodes, after in list(graph.gelus()):
        gelu = helper.make_node("Gelu", [before], [after], name=f"{after}.gelu", domain=MICROSOFT)
        graph.replace(nodes, gelu)
    return graph


def _widen_second_layer(graph: Graph) -> None:
    """Give the second layer outputs that are always 0: with 12 it takes seven times as long."""
    second, third = graph.of("Conv")[1:3]
    empty = _NUM_SECOND_LAYER - len(graph.numbers[second.input[1]])
    for name, axis in ((second.input[1], 0), (second.input[2], 0), (third.input[1], 1)):
        numbers = graph.numbers[name]
        widths = [(0, empty if place == axis else 0) for place in range(numbers.ndim)]
        graph.add(name, np.pad(numbers, widths))


def _step_up_by_products(graph: Graph) -> None:
    """Write both last layers, each of which makes four pixels of one, as layers of one pixel.

    The first gives its four pixels as channels, the second gives sixteen of these, which are laid
    out last.
    """
    first, second = graph.of("ConvTranspose")
    end = graph.nodes[graph.nodes.index(first) :]
    one, many = graph.numbers[first.input[1]], graph.numbers[second.input[1]][:, 0]
    width, bias = one.shape[1], graph.numbers[end[1].input[1]].ravel()
    fourfold = one.transpose(2, 3, 1, 0).reshape(4 * width, -1, 1, 1)
    each = many.transpose(1, 2, 0).reshape(4, width)
    apart = np.zeros((4, 4, 4, width), np.float32)
    apart[range(4), :, range(4)] = each
    rows_first = apart.reshape(2, 2, 2, 2, 4 * width).transpose(0, 2, 1, 3, 4)
    graph.add("up.weights", fourfold)
    graph.add("up.bias", np.tile(bias, 4))
    graph.add("out.weights", rows_first.reshape(16, 4 * width, 1, 1))
    graph.add("out.bias", np.tile(graph.numbers[end[4].input[1]].ravel(), 16))
    up, out = ["up.weights", "up.bias"], ["out.weights", "out.bias"]
    graph.replace(
        end,
        helper.make_node("Conv", [first.input[0], *up], ["up"], name="up", **_ONE_PIXEL),
        helper.make_node("Relu", ["up"], ["up.above"], name="up.above"),
        helper.make_node("Conv", ["up.above", *out], ["out"], name="out", **_ONE_PIXEL),
        helper.make_node("Sigmoid", ["out"], ["out.shares"], name="out.shares"),
        helper.make_node("DepthToSpace", ["out.shares"], end[-1].output, name="laid", blocksize=4),
    )


def rows_of(graph: Graph, pages: Sequence[Numbers], path: Path) -> dict[str, Numbers]:
    """Return some of what each value is on pages: rows of channels."""
    names = [node.output[0] for node in graph.nodes]
    session, rng = with_outputs(graph, names, path), np.random.default_rng(0)
    kept: dict[str, list[Numbers]] = {name: [] for name in names}
    for page in pages:
        for name, value in zip(names, session.run(names, {"x": page}), strict=True):
            rows = value[0].reshape(value.shape[1], -1)
            size = min(rows.shape[1], _ROWS_PER_PAGE)
            kept[name].append(rows[:, rng.integers(rows.shape[1], size=size)].T)
    return {name: np.concatenate(rows) for name, rows in kept.items()}


def quantised(graph: Graph, steps: Steps, rows: Mapping[str, Numbers]) -> Graph:
    """Return the detector in integers, but for the parts that would lose by it."""
    floats = _in_floats(graph)
    whole = [node for node in graph.of(*_IN_INTEGERS) if node.name not in floats]
    result = Graph(graph.model)
    result.numbers, result.nodes, result.opset = dict(graph.numbers), [], graph.opset
    values = {name for node in whole for name in _values(graph, node)}
    exact = {name for node in graph.nodes if node not in whole for name in node.output}
    exact -= {node.output[0] for node in graph.of("Relu") if graph.maker(node.input[0]) in whole}
    for node in graph.nodes:
        is_whole = node in whole
        given = [
            f"{name}.floats" if name in values and (is_whole or name not in exact | {"x"}) else name
            for name in node.input
        ]
        if is_whole and node.op_type == "Conv":
            given[1:] = _layer(result, node, steps[node.input[0]], rows[node.input[0]])
        del node.input[:]
        node.input.extend(given)
        result.nodes.append(node)
        for name in values.intersection(node.output):
            _there_and_back(result, name, *steps[name])
    return result


def _in_floats(graph: Graph) -> set[str]:
    """Return the names of nodes that stay in floats.

    The first layer, what weighs channels, and the widest layer of 7 by 7 with what it goes into,
    which takes three times as long in integers.
    """
    first, *_ = graph.of("Conv")
    weighing = [
        node
        for node in graph.of("Conv")
        if getattr(graph.maker(node.input[0]), "op_type", "") == "GlobalAveragePool"
        or graph.users(node.output[0])[0].op_type == "HardSigmoid"
    ]
    widest = [node for node in graph.of("Conv") if graph.numbers[node.input[1]].shape[-1] == 7][-1]
    (narrowing,) = graph.users(widest.output[0])
    parts = [first, *weighing, widest, narrowing, *graph.users(narrowing.output[0])]
    return {node.name for node in parts}


def _values(graph: Graph, node: Any) -> list[str]:
    """Return what goes into a node and comes out; what is cut at 0 next counts when it is."""
    inputs = node.input[:1] if node.op_type in ("Conv", "Resize") else node.input
    users = graph.users(node.output[0])
    is_cut = node.op_type == "Conv" and [user.op_type for user in users] == ["Relu"]
    return [*inputs, users[0].output[0] if is_cut else node.output[0]]


def _layer(result: Graph, node: Any, step: tuple[np.float32, np.uint8], rows: Numbers) -> list[str]:
    """Add a layer's weights in 7 bits and its bias in 32; return what goes into the node.

    What weights and values lose in the mean is added to the bias.
    """
    scale, zero = step
    weights = result.numbers[node.input[1]]
    columns = weights.reshape(len(weights), -1).T.astype(np.float64)
    seen = (np.clip(np.round(rows / scale) + zero, 0, 255) - float(zero)) * scale
    largest = _LARGEST_ALONE if weights.shape[1] == 1 else LARGEST_WEIGHT
    steps = steps_of_columns(columns, largest)
    if weights.shape[1:] == (rows.shape[1], 1, 1):
        codes = rounded(columns, seen.T.astype(np.float64) @ seen, steps)
    else:
        codes = clipped(columns / steps, largest)
    codes = codes.T.reshape(weights.shape).astype(np.int8)
    given = [_constant(result, f"{node.name}.whole", codes, steps)]
    bias = result.numbers[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights))
    kept = codes * steps.reshape(-1, 1, 1, 1)
    bias = bias + _mean(weights, rows.mean(0)) - _mean(kept, seen.mean(0))
    whole = np.round(bias / (steps * scale)).astype(np.int32)
    given.append(_constant(result, f"{node.name}.whole_bias", whole, steps * scale))
    return given


def _mean(weights: Numbers, means: Numbers) -> Numbers:
    """Return what a layer gives in the mean, by what goes into it in the mean."""
    given = means[:, None] if weights.shape[1] == 1 else means
    total: Numbers = (weights.sum((2, 3)) * given).sum(1)
    return total


def _constant(result: Graph, name: str, codes: Numbers, steps: Numbers) -> str:
    """Add numbers that are integers, each row by its own step."""
    parts = {"integers": codes, "steps": steps, "zeros": np.zeros(len(codes), codes.dtype)}
    given = [result.add(f"{name}.{part}", numbers) for part, numbers in parts.items()]
    result.nodes.append(
        helper.make_node("DequantizeLinear", given, [name], name=f"{name}.floats", axis=0)
    )
    return name


def _there_and_back(result: Graph, name: str, scale: np.float32, zero: np.uint8) -> None:
    """Write a value as integers and floats again; ONNX Runtime leaves the floats out."""
    how = [result.add(f"{name}.scale", scale), result.add(f"{name}.zero", zero)]
    there, back = f"{name}.integers", f"{name}.floats"
    for operation, given, made in (
        ("QuantizeLinear", name, there),
        ("DequantizeLinear", there, back),
    ):
        result.nodes.append(helper.make_node(operation, [given, *how], [made], name=made))
