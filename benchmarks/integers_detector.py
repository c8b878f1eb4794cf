"""Turns the detector into integers: layers in 8 bits, weights in 7.

Knows nothing of pages. What pays, what has to stay in floats, and what it loses, is told in
docs/design-notes.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from integers_graph import MICROSOFT, Graph, Numbers, least_lossy_step, with_outputs
from onnx import helper

LARGEST_WEIGHT = 64
"""255 times two such weights fit into 16 bits, in which older processors add them."""

_LARGEST_ALONE = 127
"""A layer of one channel into one is summed in 32 bits by all."""

_OPSET = 13
"""The first in which each row of weights has a step of its own."""

_NUM_PER_PAGE = 20_000
_IN_INTEGERS = ("Conv", "Add", "Mul", "Concat", "GlobalAveragePool", "Resize")
_SMALLEST_SCALE = 1e-4
_NUM_SECOND_LAYER = 16
_ONE_PIXEL = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0] * 4, "group": 1}

Steps = Mapping[str, tuple[np.float32, np.uint8]]


def integer_detector(path: Path, pages: Sequence[Numbers]) -> Any:
    """Return the detector of a file in integers, whose steps are those that lose least on pages."""
    graph = rewritten(Graph.folded(path))
    return quantised(graph, steps_of(graph, pages, path)).finished(path)


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


def steps_of(graph: Graph, pages: Sequence[Numbers], path: Path) -> Steps:
    """Return the step and the zero of each value, by some of what it is on pages."""
    names = [node.output[0] for node in graph.nodes]
    session, rng = with_outputs(graph, names, path), np.random.default_rng(0)
    kept: dict[str, list[Numbers]] = {name: [] for name in names}
    for page in pages:
        for name, value in zip(names, session.run(names, {"x": page}), strict=True):
            kept[name].append(value.ravel()[rng.integers(value.size, size=_NUM_PER_PAGE)])
    return {name: least_lossy_step(np.concatenate(values)) for name, values in kept.items()}


def quantised(graph: Graph, steps: Steps) -> Graph:
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
            scale = steps[node.input[0]][0]
            given[1:] = _layer(result, node, scale)
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


def _layer(result: Graph, node: Any, scale: np.float32) -> list[str]:
    """Add a layer's weights in 7 bits and its bias in 32; return what goes into the node."""
    weights = result.numbers[node.input[1]]
    largest = _LARGEST_ALONE if weights.shape[1] == 1 else LARGEST_WEIGHT
    steps = np.abs(weights).reshape(len(weights), -1).max(1) / largest
    steps = np.maximum(steps, steps.max() * _SMALLEST_SCALE).astype(np.float32)
    codes = np.round(weights / steps.reshape(-1, 1, 1, 1)).astype(np.int8)
    given = [_constant(result, f"{node.name}.whole", codes, steps)]
    if len(node.input) > 2:
        bias = np.round(result.numbers[node.input[2]] / (steps * scale)).astype(np.int32)
        given.append(_constant(result, f"{node.name}.whole_bias", bias, steps * scale))
    return given


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
