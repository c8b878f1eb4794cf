"""Measures a full-size LLaVA-NeXT of random weights on a GPU, next to the plain loop and a bound.

Knows nothing of accuracy: the answers are dictated, every pass is run. Needs no weights, no file.
Run: ``python benchmarks/gpu.py`` (under eight minutes on a large card; ``--quick`` under three),
or ``--size small`` on a CPU (about a minute). What fails is told and the rest is measured. The
bound is what the same passes would take if every weight, key and value were moved, and every
product computed, at the speed this device moves and multiplies large tensors.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from decode import Ways
from decode_model import make_questions, target_answers
from pass_clock import Measured, PassClock, Speed, measure_speed, wait_for
from random_model import build_on_device

from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.forward.fusing import FusedNorm, fuse
from docextract.engine.llava.weights.catalogue import get_model
from docextract.engine.llava.weights.device import GIB, Decoder, Footprint, Vision
from docextract.engine.llava.weights.load import LoadedModel

A4_150_DPI = (1240, 1754)
_TIME_LIMIT_S = 400
_QUICK_LIMIT_S = 120
"""No way is begun after so long, so that one run stays under eight minutes, or three."""

Way = tuple[str, int, Callable[[Ways], list[str]]]
"""Its name, how many pages it answers, and what runs it."""


@dataclass(frozen=True)
class Size:
    """How big the experiment is.

    Attributes:
        footprint: of the model.
        vocabulary: of the tokenizer trained for it.
        slots: answers at once, one way for each, what matters most first.
        num_plain: pages of the plain loop.
        pages_per_slot: of the other ways.
        page_size: of every page, in pixels.
        quantizations: one model for each, what matters most first.
    """

    footprint: Footprint
    vocabulary: int
    slots: tuple[int, ...]
    num_plain: int
    pages_per_slot: int
    page_size: tuple[int, int] = A4_150_DPI
    quantizations: tuple[str, ...] = ("none", "nf4")


def sizes() -> dict[str, Size]:
    """Return the sizes by name."""
    full = get_model("llava-next-llama3-8b").footprint
    small = Footprint(Decoder(4, 256, 704, 4, 1, 4096), Vision(3, 64, 128, 112, 14))
    tiny = Footprint(Decoder(1, 64, 128, 2, 1, 1024), Vision(2, 64, 64, 56, 14))
    return {
        "full": Size(full, 16_000, (8, 32, 1), 2, 2),
        "small": Size(small, 600, (2, 4, 1), 1, 1),
        "tiny": Size(tiny, 600, (2,), 1, 1, (62, 88), ("none",)),
    }


def quick(size: Size) -> Size:
    """Return what a visit of three minutes has time for."""
    return replace(size, slots=size.slots[:1], num_plain=1, quantizations=size.quantizations[:1])


def measure_model(
    size: Size, quantization: str, device: Any, has_time: Callable[[], bool]
) -> Iterator[Measured]:
    """Measure all ways with one model, those there is time for; what fails is told."""
    loaded = build_on_device(size.footprint, quantization, device, size.vocabulary)
    speed = measure_speed(device, loaded.model.dtype)
    print(
        f"{quantization}: {speed.flops / 1e12:.3g} Tflop/s, {speed.bytes / 1e9:.3g} GB/s measured"
    )
    attempt(f"{quantization} warm-up", lambda: _warm_up(loaded, size))
    for name, num_pages, run in _ways(size):
        whole = f"{quantization} {name}"
        if not has_time():
            print(f"{whole}: left out, no time")
            continue
        make = partial(_measure, whole, run, loaded, size, num_pages, speed)
        measured = attempt(whole, make)
        if measured is not None:
            print(line(measured), flush=True)
            yield measured


def _ways(size: Size) -> list[Way]:
    """Return the ways: the plain loop second, as it takes longest, what changes the model last."""
    slots: list[Way] = [
        (f"slots {num}", size.pages_per_slot * num, partial(_slots, num)) for num in size.slots
    ]
    most, num_pages, _ = slots[0]
    fused: Way = (f"fused {most}", num_pages, partial(_fused, size.slots[0]))
    captured: list[Way] = [
        (f"captured slots {num}", size.pages_per_slot * num, partial(_captured, num))
        for num in size.slots
    ]
    plain: Way = ("plain", size.num_plain, lambda ways: ways.plain())
    return [slots[0], plain, *slots[1:], fused, *captured]


def _slots(num_slots: int, ways: Ways) -> list[str]:
    return ways.slots(num_slots)


def _fused(num_slots: int, ways: Ways) -> list[str]:
    decoder = ways.loaded.model.model.language_model
    if not isinstance(decoder.norm, FusedNorm):
        fuse(decoder)
    return ways.slots(num_slots)


def _captured(num_slots: int, ways: Ways) -> list[str]:
    """Answer with fused layers and recorded steps; on a CPU a recording is the step itself."""
    is_cuda = ways.loaded.model.device.type == "cuda"
    captured = CapturedSteps(None if is_cuda else lambda run, held: lambda: run(held))
    decoder = ways.loaded.model.model.language_model
    if not isinstance(decoder.norm, FusedNorm):
        fuse(decoder)
    texts = ways.slots(num_slots, captured)
    if not captured.is_on:
        raise RuntimeError("steps could not be recorded, or gave other scores")
    return texts


def attempt(name: str, work: Callable[[], Any]) -> Any:
    """Return what work returns; None where it fails, which is told.

    A visit to a GPU is short: whatever goes wrong with one way, the others are measured.
    """
    try:
        return work()
    except Exception as error:
        told = str(error).strip().splitlines() or [""]
        print(f"{name}: failed, {type(error).__name__}: {told[0][:200]}", flush=True)
        return None


def _warm_up(loaded: LoadedModel, size: Size) -> None:
    """Answer one page with as little as can be said, so that kernels are loaded and chosen."""
    targets = target_answers(1, max_rows=0)
    Ways(loaded, make_questions(1, [size.page_size]), targets).slots(1)


def _measure(
    name: str,
    run: Callable[[Ways], list[str]],
    loaded: LoadedModel,
    size: Size,
    num_pages: int,
    speed: Speed,
) -> Measured:
    import torch

    device = loaded.model.device
    targets = target_answers(num_pages, max_rows=1)
    ways = Ways(loaded, make_questions(num_pages, [size.page_size]), targets)
    num_tokens = sum(map(len, loaded.processor.tokenizer(targets)["input_ids"]))
    found = Measured(name, num_pages, num_tokens)
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    clock = PassClock(loaded, size.footprint, speed)
    try:
        start = time.perf_counter()
        texts = run(ways)
        wait_for(device)
        found.wall_s = time.perf_counter() - start
        clock.read_into(found)
    finally:
        clock.close()
    if texts != targets:
        raise ValueError(f"{name} gave other answers than the targets")
    found.peak_bytes = _peak_bytes(device)
    if device.type == "cuda":
        found.busy = attempt(f"{name} profile", partial(_busy_share, loaded, size, run))
    return found


def _busy_share(loaded: LoadedModel, size: Size, run: Callable[[Ways], list[str]]) -> float:
    """Return the share of the time in which a kernel ran, for one more page each way.

    Spans between events hide the gaps between launches; the profiler sees kernels alone.
    """
    from torch.profiler import ProfilerActivity, profile

    ways = Ways(loaded, make_questions(1, [size.page_size]), target_answers(1, max_rows=0))
    wait_for(loaded.model.device)
    start = time.perf_counter()
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        run(ways)
        wait_for(loaded.model.device)
        wall_s = time.perf_counter() - start
    kernels = sum(event.self_device_time_total for event in seen.key_averages())
    return float(kernels) / 1e6 / wall_s


def _peak_bytes(device: Any) -> int:
    if device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


HEADER = (
    f"{'':24}{'pages':>6}{'pages/s':>9}{'tokens/s':>10}{'steps/page':>11}{'ms/step':>9}"
    f"{'pages %':>9}{'vision %':>9}{'between %':>10}{'busy %':>8}{'GiB':>7}{'of bound %':>11}"
)


def line(found: Measured) -> str:
    """Return one row of the table: shares are of the time from first page to last."""
    step_s, num_steps = found.seconds.get("step", 0.0), found.counts.get("step", 0)
    busy = "–" if found.busy is None else f"{100 * found.busy:.1f}"
    shares = {kind: 100 * took / found.wall_s for kind, took in found.seconds.items()}
    return (
        f"{found.name:24}{found.num_pages:6}{found.num_pages / found.wall_s:9.3f}"
        f"{found.num_tokens / found.wall_s:10.1f}{num_steps / found.num_pages:11.1f}"
        f"{1000 * step_s / max(1, num_steps):9.1f}{shares.get('page', 0.0):9.1f}"
        f"{shares.get('vision', 0.0):9.1f}{100 - sum(shares.values()):10.1f}{busy:>8}"
        f"{found.peak_bytes / GIB:7.2f}{100 * found.bound_s / found.wall_s:11.1f}"
    )


def report(found: Sequence[Measured]) -> None:
    """Print how many times the plain loop's pages a second each way gives."""
    for plain in (item for item in found if item.name.endswith("plain")):
        kind = plain.name.split()[0]
        for item in found:
            if item is not plain and item.name.startswith(f"{kind} "):
                gain = item.num_pages / item.wall_s * plain.wall_s / plain.num_pages
                print(f"{item.name}: {gain:.1f}x the plain loop's pages a second")


def measure(size: Size, limit_s: float, out: Path | None = None) -> list[Measured]:
    """Measure every model of a size on this machine's device.

    Args:
        size: of the experiment.
        limit_s: no way is begun after so long.
        out: a file for what was found, as JSON, written anew after each way.
    """
    import torch

    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", torch.cuda.current_device())
        print(torch.cuda.get_device_name(device))
    else:
        # On models this small a second thread costs more than it gives.
        torch.set_num_threads(1)
    end = time.monotonic() + limit_s
    print(HEADER)
    found: list[Measured] = []
    for quantization in size.quantizations:
        ways = measure_model(size, quantization, device, lambda: time.monotonic() < end)
        while (measured := attempt(quantization, partial(next, ways, None))) is not None:
            found.append(measured)
            if out is not None:
                out.write_text(json.dumps([asdict(one) for one in found], indent=2), "utf-8")
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()
    return found


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=tuple(sizes()), default="full")
    parser.add_argument("--quick", action="store_true", help="one model, one way and the plain")
    parser.add_argument("--json", type=Path, help="file for what was found")
    options = parser.parse_args()
    size = sizes()[options.size]
    if options.quick:
        report(measure(quick(size), _QUICK_LIMIT_S, options.json))
    else:
        report(measure(size, _TIME_LIMIT_S, options.json))


if __name__ == "__main__":
    main()
