"""Plans of views equal what the processors of transformers do, and cover what they show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.library_counts import num_features, num_onevision_features

from docextract.core import Box, ModelLoadError
from docextract.engine.llava.vision.image_spec import ImageLayout, grids_of, read_layout
from docextract.engine.llava.vision.views import WHOLE, best_grid, plan_view

pytestmark = pytest.mark.model

STOCK = ((1, 2), (2, 1), (2, 2), (3, 1), (1, 3))
NEXT = ImageLayout(336, 14, STOCK)
LLAVA_15 = ImageLayout(336, 14)

sides = st.integers(20, 4000)
grids = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=12, unique=True
)
tiles = st.sampled_from([(336, 14), (56, 14), (384, 14), (224, 16)])


def pinpoints_of(grids, tile_px):
    return [[rows * tile_px, cols * tile_px] for rows, cols in grids]


def next_processor(pinpoints, tile_px, patch_px):
    from transformers import LlavaNextProcessor
    from transformers.models.llava_next.image_processing_pil_llava_next import (
        LlavaNextImageProcessorPil,
    )

    processor = LlavaNextProcessor.__new__(LlavaNextProcessor)
    processor.image_processor = LlavaNextImageProcessorPil(
        size={"shortest_edge": tile_px},
        crop_size={"height": tile_px, "width": tile_px},
        image_grid_pinpoints=pinpoints,
    )
    processor.patch_size = patch_px
    processor.num_additional_image_tokens = 1
    return processor


class TestEqualsTheProcessor:
    @given(sides, sides, grids, tiles)
    @settings(max_examples=200, deadline=None)
    def test_grid_and_tokens(self, width, height, grids, tile):
        from transformers.models.llava_next.modeling_llava_next import (
            get_anyres_image_grid_shape,
            image_size_to_num_patches,
        )

        tile_px, patch_px = tile
        pinpoints = pinpoints_of(grids, tile_px)
        layout = ImageLayout(tile_px, patch_px, grids_of(pinpoints, tile_px))
        view = plan_view((width, height), layout)
        processor = next_processor(pinpoints, tile_px, patch_px)
        assert view.num_tokens == num_features(processor, (width, height), tile_px) - 1
        shape = get_anyres_image_grid_shape((height, width), pinpoints, tile_px)
        assert view.grid == shape
        num_tiles = image_size_to_num_patches((height, width), pinpoints, tile_px)
        assert view.num_tiles == num_tiles

    @given(sides, sides, grids)
    @settings(max_examples=100, deadline=None)
    def test_pooled_tokens_of_onevision(self, width, height, grids):
        pinpoints = pinpoints_of(grids, 384)
        layout = ImageLayout(384, 14, grids_of(pinpoints, 384), max_pooled_tiles=4)
        processor = next_processor(pinpoints, 384, 14)
        processor.vision_aspect_ratio = "anyres_max_4"
        processor.num_image_tokens = 27**2
        counted = num_onevision_features(processor, (width, height), 384)
        assert plan_view((width, height), layout).num_tokens == counted

    def test_figures_of_real_pages(self):
        assert plan_view((1240, 1754), NEXT).num_tokens == 2256
        assert plan_view((1275, 1650), NEXT).num_tokens == 2448
        assert plan_view((400, 1600), NEXT).num_tokens == 1944
        assert plan_view((1240, 1754), LLAVA_15).num_tokens == 576


class TestGeometry:
    @given(sides, sides, st.tuples(*[st.floats(0, 1)] * 4))
    def test_a_region_of_whole_pixels_holds_its_box(self, width, height, edges):
        left, right = sorted(edges[:2])
        top, bottom = sorted(edges[2:])
        view = plan_view((width, height), NEXT, box=Box(left, top, right, bottom))
        region = view.region
        assert 0 <= region.left < region.right <= width
        assert 0 <= region.top < region.bottom <= height
        assert region.left <= left * width <= width
        assert region.right >= min(right * width, width) - 1e-6
        assert region.bottom >= min(bottom * height, height) - 1e-6

    @given(sides, sides)
    def test_tiles_cover_the_view_without_gaps(self, width, height):
        view = plan_view((width, height), NEXT)
        base, *cells = view.tile_boxes
        assert base == WHOLE
        assert len(cells) == view.num_tiles - 1
        area = sum(max(0.0, cell.width) * max(0.0, cell.height) for cell in cells)
        assert area == pytest.approx(1.0, abs=1e-6)

    @given(sides, sides)
    def test_what_is_pasted_fits_the_grid(self, width, height):
        view = plan_view((width, height), NEXT)
        assert 1 <= view.resized.rows <= view.canvas.rows
        assert 1 <= view.resized.cols <= view.canvas.cols
        assert view.resized.rows == view.canvas.rows or view.resized.cols == view.canvas.cols

    def test_an_a4_page_is_seen_at_57_dpi_and_its_quadrant_at_115(self):
        whole = plan_view((1240, 1754), NEXT, dpi=150)
        assert whole.effective_dpi == pytest.approx(57.5, abs=0.5)
        quadrant = plan_view((1240, 1754), NEXT, box=Box(0, 0, 0.5, 0.5), dpi=150)
        assert quadrant.effective_dpi == pytest.approx(115, abs=1)
        assert plan_view((1240, 1754), NEXT).effective_dpi is None

    def test_enlarging_buys_no_larger_grid(self):
        assert best_grid(200, 300, NEXT) == (1, 2)

    def test_a_line_of_one_pixel_still_has_a_plan(self):
        assert plan_view((5000, 1), NEXT).num_tiles > 1
        assert plan_view((1, 5000), LLAVA_15).num_tiles == 1

    def test_a_grid_of_broken_tiles_is_refused(self):
        with pytest.raises(ModelLoadError, match="400x672"):
            grids_of([[336, 672], [400, 672]], 336)


class TestLayout:
    def test_is_read_from_a_model(self):
        from transformers import LlavaConfig, LlavaNextConfig, LlavaOnevisionConfig
        from transformers.models.llava_next.image_processing_pil_llava_next import (
            LlavaNextImageProcessorPil,
        )

        processor = LlavaNextImageProcessorPil()
        layout = read_layout(LlavaNextConfig(), processor)
        assert (layout.tile_px, layout.patch_px) == (336, 14)
        assert layout.grids == ((1, 2), (2, 1), (2, 2), (3, 1), (1, 3))
        assert layout.max_pooled_tiles is None
        assert layout.mean == pytest.approx((0.481, 0.458, 0.408), abs=1e-3)
        assert read_layout(LlavaConfig(), processor).grids == ()
        onevision = read_layout(LlavaOnevisionConfig(), processor)
        assert onevision.max_pooled_tiles == 9
        assert len(onevision.grids) == 36

    def test_other_resizing_is_refused(self):
        from transformers import LlavaNextConfig
        from transformers.models.llava_next.image_processing_pil_llava_next import (
            LlavaNextImageProcessorPil,
        )

        with pytest.raises(ModelLoadError, match="bicubic"):
            read_layout(LlavaNextConfig(), LlavaNextImageProcessorPil(resample=2))
