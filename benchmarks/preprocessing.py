"""Measures how long a page takes to become tiles: ours against the processor of transformers.

Knows nothing of models. Run: ``python benchmarks/preprocessing.py [--rounds 7]``. Both get the
same RGB pixels and give normalised 32-bit floats, in turn, so that what else the machine does
falls on each alike; one thread, CPU time, best of the rounds.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image, ImageDraw
from transformers.models.llava_next.image_processing_pil_llava_next import (
    LlavaNextImageProcessorPil,
)

from docextract.core import Page
from docextract.engine.llava.vision.crop import printed_area
from docextract.engine.llava.vision.feature_cache import view_keys
from docextract.engine.llava.vision.image_spec import ImageLayout, grids_of
from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels
from docextract.engine.llava.vision.views import plan_view

TILE_PX, PATCH_PX = 336, 14
STOCK = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
UP_TO_4X4 = [[336 * rows, 336 * cols] for rows in range(1, 5) for cols in range(1, 5)][1:]
PAGES = {
    "A4 at 150 dpi": (1240, 1754),
    "A4 at 200 dpi": (1654, 2339),
    "receipt": (400, 1600),
    "photo of 12 megapixels": (3024, 4032),
}


def drawn_page(size: tuple[int, int]) -> Page:
    """Return a page full of text."""
    rng = random.Random(0)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for y in range(size[1] // 12, size[1] * 11 // 12, 22):
        text = " ".join(f"{rng.random() * 1000:.2f}" for _ in range(size[0] // 70))
        draw.text((size[0] // 12, y), text, fill="black")
    return Page(1, *size, image=image.tobytes(), size=size)


def best_ms(steps: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the least CPU time of each step in milliseconds, the steps run in turn."""
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for name, step in steps.items():
            started = time.process_time()
            step()
            best[name] = min(best[name], (time.process_time() - started) * 1000)
    return best


def measure(page: Page, pinpoints: list[list[int]], rounds: int) -> dict[str, float]:
    """Return milliseconds per page of the processor, of ours, and of what ours adds."""
    assert page.size is not None and page.image is not None
    image = Image.frombytes("RGB", page.size, page.image)
    processor = LlavaNextImageProcessorPil(
        size={"shortest_edge": TILE_PX},
        crop_size={"height": TILE_PX, "width": TILE_PX},
        image_grid_pinpoints=pinpoints,
    )
    layout = ImageLayout(
        TILE_PX,
        PATCH_PX,
        grids_of(pinpoints, TILE_PX),
        mean=tuple(processor.image_mean),
        std=tuple(processor.image_std),
    )
    view = plan_view(page.size, layout)
    tiles = cut_tiles(page_pixels(page), view, layout)
    ours = normalised(tiles, layout, torch.float32)
    theirs = processor(images=[image], return_tensors="pt")["pixel_values"][0]
    std = torch.tensor(layout.std)[:, None, None]
    levels = float(((ours - theirs).abs() * std).max()) * 255
    return {
        **best_ms(
            {
                "processor": lambda: processor(images=[image], return_tensors="pt"),
                "ours, as bytes": lambda: cut_tiles(page_pixels(page), view, layout),
                "normalising": lambda: normalised(tiles, layout, torch.float32),
                "trimming": lambda: printed_area(page, page_pixels(page)),
                "hashing": lambda: view_keys(page, [view]),
            },
            rounds,
        ),
        "levels apart": levels,
    }


def main() -> None:
    """Print one line per page and set of grids."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print("ms of CPU per page | processor | ours as bytes + floats = ratio | trim | hash | levels")
    for name, size in PAGES.items():
        page = drawn_page(size)
        for grids, pinpoints in (("stock", STOCK), ("up to 4x4", UP_TO_4X4)):
            found = measure(page, pinpoints, rounds)
            ours = found["ours, as bytes"] + found["normalising"]
            print(
                f"{name:24s} {grids:10s} | {found['processor']:6.1f} | "
                f"{found['ours, as bytes']:5.1f} + {found['normalising']:4.1f} = "
                f"{found['processor'] / ours:4.1f}x | {found['trimming']:4.1f} | "
                f"{found['hashing']:4.1f} | {found['levels apart']:.1f}"
            )


if __name__ == "__main__":
    main()
