"""Our tiles equal those of transformers within two grey levels, whatever the page's shape.

Pillow before version 13 resizes tall pages in another order and differs from itself by more.
"""

from __future__ import annotations

import PIL
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.page_images import page_of, printed

from docextract.core import Box, EngineError, Page
from docextract.engine.llava.vision.image_spec import ImageLayout, grids_of
from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels
from docextract.engine.llava.vision.views import plan_view

pytestmark = pytest.mark.model
TILE = 56
GRID_SETS = [
    [(1, 2), (2, 1), (2, 2), (3, 1), (1, 3)],
    [(4, 3), (3, 4), (1, 4), (4, 1)],
    [(1, 1), (3, 3)],
]
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
sides = st.one_of(st.integers(8, 70), st.integers(50, 500))


def options():
    return {
        "size": {"shortest_edge": TILE},
        "crop_size": {"height": TILE, "width": TILE},
        "image_mean": list(MEAN),
        "image_std": list(STD),
    }


def num_levels_apart(ours, theirs):
    import torch

    apart = (ours - theirs).abs() * torch.tensor(STD)[:, None, None] * 255
    return float(apart.max()), float(apart.mean())


# Tiles do not depend on Pillow; the processor they are compared with does.
@pytest.mark.skipif(
    int(PIL.__version__.split(".")[0]) < 13, reason="Pillow 13 shrinks tall images in another order"
)
@given(sides, sides, st.sampled_from(GRID_SETS), st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_tiles_of_next_equal_the_processor(width, height, grids, seed):
    import torch
    from transformers.models.llava_next.image_processing_pil_llava_next import (
        LlavaNextImageProcessorPil,
    )

    pinpoints = [[rows * TILE, cols * TILE] for rows, cols in grids]
    layout = ImageLayout(TILE, 14, grids_of(pinpoints, TILE), mean=MEAN, std=STD)
    image = printed(width, height, seed)
    view = plan_view(image.size, layout)
    tiles = cut_tiles(page_pixels(page_of(image)), view, layout)
    assert tiles.dtype == torch.uint8
    processor = LlavaNextImageProcessorPil(image_grid_pinpoints=pinpoints, **options())
    theirs = processor(images=[image], return_tensors="pt")["pixel_values"][0]
    assert tiles.shape == theirs.shape == (view.num_tiles, 3, TILE, TILE)
    most, mean = num_levels_apart(normalised(tiles, layout, torch.float32), theirs)
    assert most <= 2.01
    assert mean < 0.05


@given(sides, sides, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_one_square_of_llava_15_equals_the_padding_processor(width, height, seed):
    import torch
    from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

    layout = ImageLayout(TILE, 14, mean=MEAN, std=STD)
    image = printed(width, height, seed)
    tiles = cut_tiles(page_pixels(page_of(image)), plan_view(image.size, layout), layout)
    processor = LlavaImageProcessorPil(do_pad=True, **options())
    theirs = processor(images=[image], return_tensors="pt")["pixel_values"]
    assert tiles.shape == theirs.shape
    most, mean = num_levels_apart(normalised(tiles, layout, torch.float32), theirs)
    assert most <= 2.01
    assert mean < 0.05


def test_a_region_is_cut_as_if_it_were_a_page():
    import torch

    layout = ImageLayout(TILE, 14, ((2, 2), (1, 2), (2, 1)), mean=MEAN, std=STD)
    image = printed(600, 800, 1)
    view = plan_view(image.size, layout, box=Box(0.1, 0.2, 0.7, 0.5))
    of_page = cut_tiles(page_pixels(page_of(image)), view, layout)
    alone = image.crop(tuple(view.region))
    of_crop = cut_tiles(page_pixels(page_of(alone)), plan_view(alone.size, layout), layout)
    assert torch.equal(of_page, of_crop)


def test_padding_is_black_before_it_is_normalised():
    layout = ImageLayout(TILE, 14, ((2, 2),), mean=MEAN, std=STD)
    white = Page(1, 100, 300, image=b"\xff" * 90000, size=(100, 300))
    tiles = cut_tiles(page_pixels(white), plan_view((100, 300), layout), layout)
    assert int(tiles[1, :, :, 0].max()) == 0
    assert int(tiles[1, :, :, -1].min()) == 255


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (Page(4, 10, 10), "without its image"),
        (Page(4, 10, 10, image=b"abc", size=(10, 10)), "3 bytes"),
    ],
)
def test_a_page_without_its_pixels_is_an_engine_error(page, told):
    with pytest.raises(EngineError, match=told) as error:
        page_pixels(page)
    assert error.value.page == 4


def test_a_strip_is_shrunk_before_it_is_padded():
    import torch

    layout = ImageLayout(TILE, 14, mean=MEAN, std=STD)
    image = printed(7200, 400, 3)
    pixels, view = page_pixels(page_of(image)), plan_view(image.size, layout)
    tile = cut_tiles(pixels, view, layout)[0].to(torch.int16)
    assert tile.shape == (3, TILE, TILE)
    colour = torch.tensor([int(part * 255) for part in MEAN])[:, None, None]
    rows = ((tile - colour).abs() > 3).any(0).any(1).nonzero().flatten()
    assert len(rows) <= view.resized.rows <= 4
    assert abs(float(rows.float().mean()) - TILE / 2) < 2
