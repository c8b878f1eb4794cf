"""The decoding benchmark runs, all ways give the dictated answers, and slots save passes."""

from __future__ import annotations

import argparse
import importlib
import sys

import pytest

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def found(root):
    import torch

    sys.path.insert(0, str(root / "benchmarks"))
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        decode = importlib.import_module("decode")
        yield {name: decode.measure(name, decode.SMALL) for name in ("batched", "slots", "sparse")}
    finally:
        torch.set_num_threads(num_threads)
        sys.path.pop(0)


def test_a_run_on_a_played_device(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "benchmarks")
    side_by_side = importlib.import_module("side_by_side")
    options = argparse.Namespace(documents=4, slots=2, small=True)
    found = side_by_side.measure(0, options)
    assert found.num_steps > 50
    assert 1 < found.rows_a_step <= 2


def test_same_answers_in_fewer_passes(found):
    slots, batched = found["slots"], found["batched"]
    assert slots.num_tokens == batched.num_tokens > 500
    assert batched.num_forwards >= 1.6 * slots.num_forwards


def test_sparse_answers_take_far_fewer_tokens(found):
    slots, sparse = found["slots"], found["sparse"]
    assert slots.num_tokens > 1.5 * sparse.num_tokens
    assert slots.num_fed > sparse.num_fed
    assert sparse.num_forwards < 1.1 * slots.num_forwards


def test_the_rest_is_measured_too(found):
    for item in found.values():
        assert 0 < item.model_s < item.cpu_s
        assert item.num_fed > item.num_tokens
        assert item.peak_mib > 50
