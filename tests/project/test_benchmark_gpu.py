"""The GPU benchmark runs on a CPU at a tiny size, on the engine's own path, and adds up."""

from __future__ import annotations

import importlib
import sys

import pytest

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def gpu(root):
    import torch

    sys.path.insert(0, str(root / "benchmarks"))
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield importlib.import_module("gpu")
    torch.set_num_threads(num_threads)
    sys.path.pop(0)


def test_tiny(gpu, capsys):
    found = gpu.measure(gpu.sizes()["tiny"])
    gpu.report(found)
    plain, slots = found
    assert plain.num_pages == plain.counts["page"] == 1
    assert slots.num_pages == slots.counts["page"] == 2
    # The plain loop decodes its last token's successor and no token in a group.
    assert plain.counts["step"] == plain.num_tokens
    assert slots.counts["step"] < plain.counts["step"]
    for item in found:
        assert item.bound_s > 0
        assert 0 < sum(item.seconds.values()) < item.wall_s
    assert "x the plain loop's pages a second" in capsys.readouterr().out
