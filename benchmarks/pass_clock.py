"""Times passes through a model's decoder and tower, and what they would take at the device's speed.

Knows nothing of who answers what. On a GPU passes are timed by events, which cost the host nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docextract.engine.llava.forward.cache_name import given_cache
from docextract.engine.llava.forward.kv_cache import CacheShape
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.weights.device import Footprint
from docextract.engine.llava.weights.load import LoadedModel


@dataclass
class Measured:
    """One way of answering pages.

    Attributes:
        name: of the way.
        num_pages: that were answered.
        num_tokens: of the answers.
        wall_s: from the first page to the last.
        seconds: by kind of pass: ``page``, ``step`` and ``vision``.
        counts: passes of each kind.
        peak_bytes: of device memory, weights included.
        bound_s: what these passes take at the device's own speed.
        busy: share of the time in which the device ran a kernel, where that was profiled.
    """

    name: str
    num_pages: int
    num_tokens: int
    wall_s: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    peak_bytes: int = 0
    bound_s: float = 0.0
    busy: float | None = None


@dataclass(frozen=True)
class Speed:
    """What the device does with large tensors: products a second and bytes a second."""

    flops: float
    bytes: float


class PassClock:
    """Times passes through decoder and tower, and adds up what each had to do at least.

    On a GPU by events, which cost the host nothing; the time between passes is the host's.
    """

    def __init__(self, loaded: LoadedModel, footprint: Footprint, speed: Speed) -> None:
        """Hook the model's parts."""
        self._speed, self._footprint = speed, footprint
        self._model = loaded.model
        self._is_cuda = self._model.device.type == "cuda"
        self._spans: list[tuple[str, Any, Any]] = []
        self._bound_s = 0.0
        decoder, head = self._model.model.language_model, self._model.get_output_embeddings()
        matrices = [head, *(layer for layer in decoder.layers)]
        self._step_bytes = sum(p.nbytes for part in matrices for p in part.parameters())
        text = self._model.config.get_text_config()
        shape = CacheShape.of(text, self._model.dtype, self._model.device)
        self._token_bytes = shape.token_bytes
        hooks = [
            *self._time(decoder, self._decoder_pass),
            *self._time(self._model.model.vision_tower, self._tower_pass),
        ]
        self._hooks = hooks
        # A recorded step passes by the decoder's hooks.
        self._plain_step = LanguageModel.step
        LanguageModel.step = self._timed_step()  # type: ignore[method-assign]

    def close(self) -> None:
        """Take the hooks off."""
        LanguageModel.step = self._plain_step  # type: ignore[method-assign]
        for hook in self._hooks:
            hook.remove()

    def read_into(self, found: Measured) -> None:
        """Add up the passes."""
        if self._is_cuda:
            import torch

            torch.cuda.synchronize()
        for kind, start, end in self._spans:
            took = start.elapsed_time(end) / 1000 if self._is_cuda else end - start
            found.seconds[kind] = found.seconds.get(kind, 0.0) + took
            found.counts[kind] = found.counts.get(kind, 0) + 1
        found.bound_s = self._bound_s

    def _timed_step(self) -> Callable[..., Any]:
        def step(model: LanguageModel, cache: Any, chunks: Any, num_rows: int) -> Any:
            shape = model.step_shape(cache, chunks, num_rows)
            num_tokens = sum(len(chunk.tokens) for chunk in chunks)
            self._add_bound(shape.num_rows, num_tokens, shape.num_seen, shape.num_seen)
            start = self._now()
            logits = self._plain_step(model, cache, chunks, num_rows)
            self._spans.append(("step", start, self._now()))
            return logits

        return step

    def _time(self, module: Any, look: Callable[[Any, dict[str, Any]], str]) -> list[Any]:
        opened: list[tuple[str, Any]] = []

        def before(_: Any, args: Any, options: dict[str, Any]) -> None:
            opened.append((look(args, options), self._now()))

        def after(*_: Any) -> None:
            kind, start = opened.pop()
            if kind:
                self._spans.append((kind, start, self._now()))

        return [
            module.register_forward_pre_hook(before, with_kwargs=True),
            module.register_forward_hook(after),
        ]

    def _now(self) -> Any:
        if not self._is_cuda:
            return time.perf_counter()
        import torch

        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def _decoder_pass(self, _: Any, options: dict[str, Any]) -> str:
        if "layout" in options:
            return ""
        rows, width = options["inputs_embeds"].shape[:2]
        is_step = width == 1
        num_seen = given_cache(options).get_seq_length() + width
        # A page's own tokens see half of each other.
        self._add_bound(rows, rows * width, num_seen, num_seen if is_step else num_seen / 2)
        return "step" if is_step else "page"

    def _add_bound(self, num_rows: int, num_tokens: int, num_seen: int, seen: float) -> None:
        """Add what a pass takes at least: its products, or moving weights, keys and values."""
        decoder = self._footprint.decoder
        products: float = 2 * decoder.num_linear * num_tokens
        products += 4 * decoder.num_layers * decoder.hidden_size * num_tokens * seen
        moved = self._step_bytes + num_rows * num_seen * self._token_bytes
        self._bound_s += max(products / self._speed.flops, moved / self._speed.bytes)

    def _tower_pass(self, args: Any, options: dict[str, Any]) -> str:
        num_tiles = (args[0] if args else options["pixel_values"]).shape[0]
        eyes = self._footprint.vision
        num_patches = (eyes.image_size // eyes.patch_size) ** 2
        self._bound_s += 2 * eyes.num_weights * num_patches * num_tiles / self._speed.flops
        return "vision"


def measure_speed(device: Any, dtype: Any) -> Speed:
    """Return how fast the device multiplies and moves large tensors."""
    import torch

    side, length = (8192, 2**29) if device.type == "cuda" else (512, 2**22)
    square = torch.randn(side, side, dtype=dtype, device=device)
    product_s = _seconds(lambda: square @ square, device)
    block = torch.zeros(length, dtype=torch.uint8, device=device)
    copy_s = _seconds(lambda: block.clone(), device)
    return Speed(2 * side**3 / product_s, 2 * length / copy_s)


def _seconds(work: Callable[[], Any], device: Any, count: int = 10) -> float:
    work()
    wait_for(device)
    start = time.perf_counter()
    for _ in range(count):
        work()
    wait_for(device)
    return (time.perf_counter() - start) / count


def wait_for(device: Any) -> None:
    """Return when a device has done all its work."""
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)
