"""A model as a graph that can be rewritten, over the package ``onnx``.

Knows nothing of detectors, recognisers or integers.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from docextract.documents.ocr.model_files.own_layers import MADE_FROM

Numbers = NDArray[Any]
MICROSOFT = "com.microsoft"
"""ONNX Runtime's own operations, which it has had since before 1.20."""

_MOST = 255
_CUTS = np.linspace(0.4, 1, 7)
"""Shares of a range that are tried: what is cut off loses more, what is left loses less."""
_NUM_WEIGHED = 400_000


class Graph:
    """A model's nodes, in an order in which makers come before users, and its numbers."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.nodes: list[Any] = list(model.graph.node)
        self.opset = next((one.version for one in model.opset_import if not one.domain), 0)
        self.numbers: dict[str, Numbers] = {
            one.name: numpy_helper.to_array(one) for one in model.graph.initializer
        }

    @classmethod
    def folded(cls, path: Path) -> Graph:
        """Return a model after ONNX Runtime's exact rewriting: sums become biases of layers."""
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "folded.onnx"
            options = onnxruntime.SessionOptions()
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
            options.optimized_model_filepath = str(written)
            onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            return cls(onnx.load(written))

    def add(self, name: str, numbers: Any) -> str:
        """Keep numbers under a name, and return it."""
        self.numbers[name] = np.asarray(numbers)
        return name

    def of(self, *operations: str) -> list[Any]:
        """Return the nodes of some operations."""
        return [node for node in self.nodes if node.op_type in operations]

    def users(self, name: str) -> list[Any]:
        """Return the nodes into which a value goes."""
        return [node for node in self.nodes if name in node.input]

    def maker(self, name: str) -> Any:
        """Return the node out of which a value comes; None where it is given."""
        return next((node for node in self.nodes if name in node.output), None)

    def replace(self, old: Sequence[Any], *new: Any) -> None:
        """Put nodes in the place of others."""
        place = self.nodes.index(old[0])
        self.nodes = [node for node in self.nodes if node not in old]
        self.nodes[place:place] = new

    def rename(self, name: str, new: str) -> None:
        """Give a value another name wherever it comes out or goes in."""
        for node in self.nodes:
            for names in (node.input, node.output):
                renamed = [new if one == name else one for one in names]
                del names[:]
                names.extend(renamed)

    def gelus(self) -> Iterator[tuple[str, list[Any], str]]:
        """Yield what goes into each GELU, the five nodes it is written as, and what comes out."""
        for erf in self.of("Erf"):
            divided = self.maker(erf.input[0])
            (plus,) = self.users(erf.output[0])
            (times,) = self.users(plus.output[0])
            (halved,) = self.users(times.output[0])
            yield divided.input[0], [divided, erf, plus, times, halved], halved.output[0]

    def finished(self, made_from: Path) -> Any:
        """Return the model that can be written, which says what it was made of."""
        graph = self.model.graph
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self.nodes)
        read = {name for node in self.nodes for name in node.input}
        graph.initializer.extend(
            numpy_helper.from_array(numbers, name)
            for name, numbers in self.numbers.items()
            if name in read
        )
        domains = [helper.make_opsetid("", self.opset), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=domains, ir_version=8)
        origin = hashlib.sha256(made_from.read_bytes()).hexdigest()
        helper.set_model_props(model, {MADE_FROM: origin})
        return model


def session_of(model: Any) -> Any:
    """Return ONNX Runtime's session of a model, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    data = model.SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def with_outputs(graph: Graph, names: Sequence[str], made_from: Path) -> Any:
    """Return a session that gives the values of these names."""
    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    copy = Graph(model)
    copy.nodes, copy.numbers, copy.opset = graph.nodes, graph.numbers, graph.opset
    model = copy.finished(made_from)
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, 1, None) for name in names)
    return session_of(model)


def least_lossy_step(values: Numbers, cuts: Numbers = _CUTS) -> tuple[np.float32, np.uint8]:
    """Return the step and the zero of values in 8 bits, by the least mean square error."""
    some = values.ravel()[:: max(1, values.size // _NUM_WEIGHED)]
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))

    def error(cut: tuple[float, float]) -> float:
        step, zero = _step(low * cut[0], high * cut[1])
        back = (np.clip(np.round(some / step) + zero, 0, _MOST) - float(zero)) * step
        return float(np.square(back - some).mean())

    best = min(product(cuts, cuts), key=error)
    return _step(low * best[0], high * best[1])


def _step(low: float, high: float) -> tuple[np.float32, np.uint8]:
    step = (high - low) / _MOST or 1.0
    return np.float32(step), np.uint8(round(-low / step))
