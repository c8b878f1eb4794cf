"""Brings the channels of a model's values to a like size, so that one step suits them all.

Knows nothing of detectors or pages. What a layer gives is divided, and the weights of layers it
goes into are multiplied by as much, so that the model gives the same (Nagel et al., 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from integers_graph import Graph, Numbers

_CHANNEL_BY_CHANNEL = ("Add", "Mul", "GlobalAveragePool", "Relu", "MaxPool", "Resize")
_USUAL = 0.9999
"""A channel is as large as all but so few of its values."""
_SMALLEST = 1e-3


def even_out(graph: Graph, rows: dict[str, Numbers]) -> None:
    """Change weights, and what values are by them: rows of channels, by name."""
    widths = {name: some.shape[1] for name, some in rows.items()}
    for group in _groups(graph):
        factors = _factors([rows[name] for name in group])
        for layer in graph.of("Conv"):
            if layer.output[0] in group:
                _divide(graph, layer, factors)
            for first in _places(graph, layer.input[0], group, widths):
                _multiply(graph, layer, factors, first)
        for name in group:
            rows[name] = rows[name] / factors
    for node in graph.of("Concat"):
        rows[node.output[0]] = np.concatenate([rows[name] for name in node.input], axis=1)


def _factors(values: Sequence[Numbers]) -> Numbers:
    """Return what to divide channels by; a mean over a page has too few rows to count."""
    most = max(map(len, values))
    kept = [rows for rows in values if len(rows) == most]
    sizes = np.max([_sizes(rows) for rows in kept], axis=0)
    largest = max(np.abs(rows).max() for rows in kept)
    factors: Numbers = (np.sqrt(sizes + _SMALLEST) * largest).astype(np.float32)
    return factors


def _places(graph: Graph, name: str, group: set[str], widths: dict[str, int]) -> Iterator[int]:
    """Yield the first channel of each part of a value that is of a group."""
    maker = graph.maker(name)
    parts = maker.input if maker is not None and maker.op_type == "Concat" else [name]
    first = 0
    for part in parts:
        if part in group:
            yield first
        first += widths.get(part, 0)


def _sizes(rows: Numbers) -> Numbers:
    largest: Numbers = np.quantile(np.abs(rows), _USUAL, axis=0)
    relative: Numbers = largest / max(largest.max(), 1e-9)
    return relative


def _groups(graph: Graph) -> list[set[str]]:
    """Return names of values that have to be divided alike, where none needs to stay as it is."""
    groups = {name: {name} for node in graph.of("Conv") for name in (node.input[0], node.output[0])}
    for node in graph.of(*_CHANNEL_BY_CHANNEL):
        _join(groups, [node.output[0], *_divided(graph, node)])
    apart = {id(group): group for group in groups.values()}
    return [group for group in apart.values() if _is_free(graph, group)]


def _divided(graph: Graph, node: Any) -> list[str]:
    """Return what goes into a node channel by channel; shares of channels are not divided."""
    given = node.input[:1] if node.op_type == "Resize" else node.input
    shares = {share.output[0] for share in graph.of("HardSigmoid")}
    return [name for name in given if name not in shares and name not in graph.numbers]


def _join(groups: dict[str, set[str]], names: Iterable[str]) -> None:
    joined = set().union(*(groups.get(name, {name}) for name in names))
    for name in joined:
        groups[name] = joined


def _is_free(graph: Graph, group: set[str]) -> bool:
    makers = {getattr(graph.maker(name), "op_type", "") for name in group}
    users = {user.op_type for name in group for user in graph.users(name)}
    known = {"Conv", *_CHANNEL_BY_CHANNEL}
    return makers <= known and users <= known | {"Concat"}


def _divide(graph: Graph, layer: Any, factors: Numbers) -> None:
    name, *biases = layer.input[1:]
    graph.add(name, graph.numbers[name] / factors.reshape(-1, 1, 1, 1))
    for bias in biases:
        graph.add(bias, graph.numbers[bias] / factors)


def _multiply(graph: Graph, layer: Any, factors: Numbers, first: int) -> None:
    weights = graph.numbers[layer.input[1]].copy()
    if weights.shape[1] == 1:
        weights *= factors.reshape(-1, 1, 1, 1)
    else:
        weights[:, first : first + len(factors)] *= factors.reshape(1, -1, 1, 1)
    graph.add(layer.input[1], weights)
