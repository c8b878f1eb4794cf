"""Writes layers of the detector in a way that costs less and gives the same, in floats.

Knows nothing of pages. What each step saves is told in docs/design-notes.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from integers_graph import Graph, Numbers
from onnx import helper

_LANES = 16
"""ONNX Runtime keeps so many channels side by side; it copies values of other numbers of them."""

_ONE_PIXEL = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0] * 4, "group": 1}


def rewritten_layers(path: Path) -> Any:
    """Return the detector, written otherwise, without the weights that its file has as well."""
    graph = Graph.folded(path)
    _average_whole_channels(graph)
    _widen_first_layers(graph)
    _weigh_channels_once(graph)
    _look_before_enlarging(graph)
    _step_up_by_products(graph)
    _leave_out_known(graph, Graph(onnx.load(path)).numbers)
    return graph.finished(path)


def _leave_out_known(graph: Graph, known: Mapping[str, Numbers]) -> None:
    """Keep numbers that a file does not have, under names that it does not have."""
    for name in sorted(graph.numbers.keys() & known.keys()):
        numbers = graph.numbers.pop(name)
        if not np.array_equal(numbers, known[name]):
            graph.rename(name, graph.add(f"{name}.changed", numbers))


def _average_whole_channels(graph: Graph) -> None:
    for node in graph.of("ReduceMean"):
        node.op_type = "GlobalAveragePool"
        del node.attribute[:]


def _widen_first_layers(graph: Graph) -> None:
    """Give the first layers outputs that are always 0, so that none has to be copied."""
    layers = graph.of("Conv")[:3]
    wider = graph.nodes[: graph.nodes.index(graph.of("Concat")[0])]
    for layer in layers:
        for name in layer.input[1:]:
            graph.add(name, _padded(graph.numbers[name], 0))
    for layer in layers[1:]:
        graph.add(layer.input[1], _padded(graph.numbers[layer.input[1]], 1))
    _add_instead_of_joining(graph)
    for name in [node.output[0] for node in wider]:
        graph.rename(name, f"{name}.wider")


def _add_instead_of_joining(graph: Graph) -> None:
    """Write the fourth layer, of two values side by side, as the sum of a layer of each."""
    joined, fourth = graph.of("Concat")[0], graph.of("Conv")[3]
    (cut,) = graph.users(fourth.output[0])
    weights = graph.numbers[fourth.input[1]]
    pooled, other = np.split(weights, 2, axis=1)
    given = [joined.input[0], graph.add("stem.pooled.weights", _padded(pooled, 1))]
    one = helper.make_node("Conv", given, ["stem.pooled"], name="stem.pooled")
    one.attribute.extend(fourth.attribute)
    graph.add(fourth.input[1], _padded(other, 1))
    fourth.input[0], fourth.output[0] = joined.input[1], "stem.other"
    both = helper.make_node("Add", ["stem.pooled", "stem.other"], ["stem"], name="stem")
    cut.input[0] = "stem"
    graph.replace([joined, fourth], one, fourth, both)


def _padded(numbers: Numbers, axis: int) -> Numbers:
    empty = -numbers.shape[axis] % _LANES
    return np.pad(numbers, [(0, empty if place == axis else 0) for place in range(numbers.ndim)])


def _weigh_channels_once(graph: Graph) -> None:
    """Write ``x + x * share`` as ``x * (1 + share)``: the sum is of one number a channel."""
    one = graph.add("one", np.float32(1))
    for sigmoid in graph.of("HardSigmoid"):
        (share,) = sigmoid.output
        (times,) = graph.users(share)
        plus, *others = graph.users(times.output[0])
        value = times.input[0]
        if others or value not in plus.input:
            continue
        more = f"{share}.and_one"
        graph.replace(
            [times, plus],
            helper.make_node("Add", [share, one], [more], name=more),
            helper.make_node("Mul", [value, more], plus.output, name=plus.name),
        )


def _look_before_enlarging(graph: Graph) -> None:
    """Apply the last layer of 3 by 3 to three of its four parts before these are enlarged by two.

    Each of the four pixels that one becomes sees 2 by 2 others only, so two layers of 2 by 3, which
    give the left and the right pixel of a row, on a quarter of the pixels take its place.
    """
    (joined,) = [node for node in graph.of("Concat") if len(node.input) == 4]
    (layer,) = graph.users(joined.output[0])
    (cut,) = graph.users(layer.output[0])
    first, second, third = (graph.maker(name) for name in joined.input[:3])
    weights = graph.numbers[layer.input[1]]
    coarse, fine = np.split(weights, [weights.shape[1] * 3 // 4], axis=1)
    halves = [_enlarged_less(graph, first), _enlarged_less(graph, second)]
    names = [halves[0].output[0], halves[1].output[0], third.input[0]]
    given = [joined.input[3], graph.add("fine.weights", fine), layer.input[2]]
    cut.input[0] = "look"
    graph.replace(
        [first, second, third, joined, layer],
        *halves,
        helper.make_node("Concat", names, ["halves"], name="halves", axis=1),
        *_rows(graph, coarse),
        helper.make_node("Concat", ["rows0", "rows1"], ["rows"], name="rows", axis=1),
        helper.make_node("DepthToSpace", ["rows"], ["coarse"], name="coarse", blocksize=2),
        _layer(given, "fine", (3, 3), [1] * 4),
        helper.make_node("Add", ["fine", "coarse"], ["look"], name="look"),
    )


def _enlarged_less(graph: Graph, step: Any) -> Any:
    """Return a node that enlarges by half as much as another."""
    value, region, scales = step.input
    name = f"{step.output[0]}.half"
    halved = graph.numbers[scales] / np.array([1, 1, 2, 2], np.float32)
    given = [value, region, graph.add(f"{name}.scales", halved)]
    less = helper.make_node("Resize", given, [name], name=name)
    less.attribute.extend(step.attribute)
    return less


def _rows(graph: Graph, weights: Numbers) -> list[Any]:
    """Return the layers that give the upper and the lower pixels, the left ones' channels first."""
    nodes = []
    for down in (0, 1):
        rows = _seen(weights, 2, down)
        left, right = (_seen(rows, 3, phase) for phase in (0, 1))
        wide = [np.pad(left, [(0, 0)] * 3 + [(0, 1)]), np.pad(right, [(0, 0)] * 3 + [(1, 0)])]
        given = ["halves", graph.add(f"rows{down}.weights", np.concatenate(wide))]
        nodes.append(_layer(given, f"rows{down}", (2, 3), [1 - down, 1, down, 1]))
    return nodes


def _seen(weights: Numbers, axis: int, phase: int) -> Numbers:
    """Return weights of two pixels for three, two of which were the same one."""
    first, middle, last = np.split(weights, 3, axis=axis)
    pair = (first + middle, last) if phase else (first, middle + last)
    return np.concatenate(pair, axis=axis)


def _layer(given: Sequence[str], name: str, size: Sequence[int], pads: Sequence[int]) -> Any:
    how = {"kernel_shape": list(size), "strides": [1, 1], "pads": list(pads), "group": 1}
    return helper.make_node("Conv", list(given), [name], name=name, **how)


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
