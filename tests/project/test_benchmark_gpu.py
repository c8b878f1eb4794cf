"""The GPU benchmark runs on a CPU at a tiny size, on the engine's own path, and adds up."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace

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
    found = gpu.measure(gpu.sizes()["tiny"], 600)
    gpu.report(found)
    slots, plain, *others = found
    assert [item.name for item in others] == ["none fused slots 2", "none captured slots 2"]
    assert {(it.counts["step"], it.num_pages) for it in others} == {(slots.counts["step"], 2)}
    assert plain.num_pages == plain.counts["page"] == 1
    assert slots.num_pages == slots.counts["page"] == 2
    # The plain loop decodes its last token's successor and no token in a group.
    assert plain.counts["step"] == plain.num_tokens
    assert slots.counts["step"] < plain.counts["step"]
    for item in found:
        assert item.bound_s > 0
        assert 0 < sum(item.seconds.values()) < item.wall_s
    assert "x the plain loop's pages a second" in capsys.readouterr().out


def test_what_fails_is_told_and_the_rest_is_measured_and_kept(gpu, capsys, monkeypatch, tmp_path):
    def broken(ways):
        raise RuntimeError("no kernel image\nis available")

    monkeypatch.setattr(gpu.Ways, "plain", broken)
    monkeypatch.setattr(gpu, "build_on_device", without_4_bits(gpu.build_on_device))
    size = replace(gpu.sizes()["tiny"], quantizations=("nf4", "none"))
    found = gpu.measure(size, 600, tmp_path / "found.json")
    gpu.report(found)
    told = capsys.readouterr().out
    assert "nf4: failed, OutOfMemoryError" in told
    assert "none plain: failed, RuntimeError: no kernel image\n" in told
    assert [item.name for item in found] == [
        "none slots 2",
        "none fused slots 2",
        "none captured slots 2",
    ]
    kept, *_ = json.loads((tmp_path / "found.json").read_text())
    assert kept["name"] == "none slots 2" and kept["bound_s"] > 0


def without_4_bits(build):
    """Return a build that finds no memory for 4 bits."""
    import torch

    def one(footprint, quantization, *rest):
        if quantization == "nf4":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return build(footprint, quantization, *rest)

    return one


def test_a_quick_visit_is_one_model_one_way_and_the_plain_loop(gpu):
    quick = gpu.quick(gpu.sizes()["full"])
    assert (quick.quantizations, quick.slots, quick.num_plain) == (("none",), (8,), 1)
    names = [name for name, *_ in gpu._ways(quick)]
    assert names == ["slots 8", "plain", "fused slots 8", "captured slots 8"]


def test_out_of_time_nothing_more_is_begun(gpu, capsys):
    assert gpu.measure(gpu.sizes()["tiny"], 0) == []
    assert capsys.readouterr().out.count("left out, no time") == 4
