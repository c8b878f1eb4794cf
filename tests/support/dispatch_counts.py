"""How often torch calls each of its operators, a stand-in for what a GPU launches.

Knows nothing of models. torch has no public way to see every call. Proved on torch 2.13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

WAITS = {"_local_scalar_dense", "nonzero", "item", "equal", "is_nonzero", "masked_select"}
"""Calls that make the host wait for the device."""
_VIEWS = {
    "view", "_unsafe_view", "expand", "permute", "transpose", "t", "slice", "select", "unsqueeze",
    "squeeze", "alias", "detach", "reshape", "split", "split_with_sizes", "unfold", "as_strided",
    "unbind", "_reshape_alias", "lift_fresh", "empty", "scalar_tensor", "chunk",
}  # fmt: skip
"""Calls that launch nothing."""


def count_calls(work: Callable[[], Any]) -> Counter[str]:
    """Return how often each operator is called while work is done."""
    from torch.utils._python_dispatch import TorchDispatchMode

    counts: Counter[str] = Counter()

    class Count(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            counts[func.__name__.split(".")[0]] += 1
            return func(*args, **(kwargs or {}))

    with Count():
        work()
    return counts


def num_launches(counts: Counter[str]) -> int:
    """Return how many of the calls a GPU would launch something for."""
    return sum(number for name, number in counts.items() if name not in _VIEWS)
