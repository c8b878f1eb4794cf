"""Features of views equal the model's own, whatever the batch, and are not computed twice."""

from __future__ import annotations

import random

import pytest
from support.page_images import page_of, printed
from support.tiny_llava import PATCH, TILE, build_tiny_llava

from docextract.core import Box
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.vision.feature_cache import FeatureCache, view_keys
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels
from docextract.engine.llava.vision.views import plan_view
from docextract.engine.llava.weights.load import LoadedModel, load_model

pytestmark = pytest.mark.model

SIZES = [(200, 283), (283, 200), (60, 300), (150, 150), (90, 60)]
VISION = {
    "image_size": TILE, "patch_size": PATCH, "hidden_size": 32, "intermediate_size": 64,
    "num_hidden_layers": 3, "num_attention_heads": 2,
}  # fmt: skip
TEXT = {
    "vocab_size": 128, "hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 1,
    "num_attention_heads": 2, "num_key_value_heads": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load_model(build_tiny_llava(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def pages():
    return [page_of(printed(*size, seed)) for seed, size in enumerate(SIZES)]


def features_of(encoder, pages, **plan):
    views = [plan_view(page.size, encoder.layout, **plan) for page in pages]
    prepared = [encoder.prepare(page, [view]) for page, view in zip(pages, views, strict=True)]
    return encoder.encode([item for of_page in prepared for item in of_page])


def model_features(loaded, pages, layout, **plan):
    """Return the model's own features of the same tiles, page by page."""
    import torch

    found = []
    for page in pages:
        view = plan_view(page.size, layout, **plan)
        pixels = normalised(cut_tiles(page_pixels(page), view, layout), layout, torch.float32)
        sizes = torch.tensor([[view.region.height, view.region.width]])
        options = {"image_sizes": sizes} if layout.grids else {}
        with torch.inference_mode():
            found.append(loaded.model.get_image_features(pixels, **options).pooler_output[0])
    return found


def assert_equal(ours, theirs):
    import torch

    assert [one.shape for one in ours] == [one.shape for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=2e-6)


class TestEqualsTheModel:
    @pytest.mark.parametrize("max_tiles", [1, 3, 100])
    def test_next_in_batches_of_any_size(self, loaded, pages, max_tiles):
        encoder = Encoder(loaded, max_tiles=max_tiles)
        ours = features_of(encoder, pages)
        assert_equal(ours, model_features(loaded, pages, encoder.layout))
        for page, features in zip(pages, ours, strict=True):
            assert len(features) == plan_view(page.size, encoder.layout).num_tokens

    def test_a_region_of_a_page(self, loaded, pages):
        encoder, box = Encoder(loaded), Box(0.1, 0.3, 0.8, 0.6)
        ours = features_of(encoder, pages, box=box)
        assert_equal(ours, model_features(loaded, pages, encoder.layout, box=box))

    def test_the_processor_and_forward_of_transformers(self, loaded, pages):
        """The whole way: PIL pixels through processor and model, within resizing differences."""
        import torch
        from PIL import Image

        ours = features_of(Encoder(loaded), pages)
        for page, features in zip(pages, ours, strict=True):
            image = Image.frombytes("RGB", page.size, page.image)
            inputs = loaded.processor(images=image, text="<image>", return_tensors="pt")
            placeholder = loaded.model.config.image_token_index
            assert int((inputs["input_ids"] == placeholder).sum()) == len(features)
            with torch.inference_mode():
                theirs = loaded.model.get_image_features(
                    inputs["pixel_values"], inputs["image_sizes"]
                ).pooler_output[0]
            assert float((features - theirs).abs().max()) < 0.05 * float(theirs.abs().max())

    @pytest.mark.parametrize("layer", [-1, -2, 1, [-2, -1]])
    def test_every_choice_of_vision_layer(self, pages, layer):
        from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig
        from transformers import LlavaForConditionalGeneration as Model

        config = LlavaConfig(
            vision_config=CLIPVisionConfig(**VISION), text_config=LlamaConfig(**TEXT),
            vision_feature_layer=layer,
            image_token_index=7,
        )  # fmt: skip
        loaded = in_memory(Model, config)
        encoder = Encoder(loaded, max_tiles=4)
        assert encoder.layout.grids == ()
        ours = features_of(encoder, pages)
        assert_equal(ours, model_features(loaded, pages, encoder.layout))
        assert {len(one) for one in ours} == {(TILE // PATCH) ** 2}

    @pytest.mark.parametrize("most", [1, 9])
    def test_onevision_pools_large_grids(self, pages, most):
        from transformers import LlavaOnevisionConfig, Qwen2Config, SiglipVisionConfig
        from transformers import LlavaOnevisionForConditionalGeneration as Model

        pinpoints = [[TILE * rows, TILE * cols] for rows in (1, 2, 3) for cols in (1, 2, 3)]
        config = LlavaOnevisionConfig(
            vision_config=SiglipVisionConfig(**VISION), text_config=Qwen2Config(**TEXT),
            image_token_index=7,
            image_grid_pinpoints=pinpoints, vision_aspect_ratio=f"anyres_max_{most}",
        )  # fmt: skip
        loaded = in_memory(Model, config)
        encoder = Encoder(loaded)
        ours = features_of(encoder, pages)
        assert_equal(ours, model_features(loaded, pages, encoder.layout))
        views = [plan_view(page.size, encoder.layout) for page in pages]
        assert [len(one) for one in ours] == [view.num_tokens for view in views]
        assert any(view.pooled != view.unpadded for view in views) == (most == 1)

    def test_sixteen_bits(self, pages):
        import torch
        from transformers import CLIPVisionConfig, LlavaNextConfig, MistralConfig
        from transformers import LlavaNextForConditionalGeneration as Model

        config = LlavaNextConfig(
            vision_config=CLIPVisionConfig(**VISION), text_config=MistralConfig(**TEXT),
            image_token_index=7, image_grid_pinpoints=[[TILE, 2 * TILE], [2 * TILE, TILE]],
        )  # fmt: skip
        loaded = in_memory(Model, config)
        exact = features_of(Encoder(loaded), pages)
        loaded.model.to(torch.bfloat16)
        for one, other in zip(features_of(Encoder(loaded), pages), exact, strict=True):
            assert one.dtype == torch.bfloat16
            # bfloat16 keeps 8 bits: a few thousandths of the largest value.
            assert float((one - other).abs().max()) < 0.03 * float(other.abs().max())


class Processor:
    """The one part of a processor that the vision side reads."""

    def __init__(self):
        from transformers import CLIPImageProcessor

        self.image_processor = CLIPImageProcessor()


def in_memory(model_class, config):
    import torch

    torch.manual_seed(0)
    return LoadedModel(model_class(config).eval(), Processor(), "none", "")


class TestCounts:
    def test_a_page_asked_twice_passes_the_tower_once(self, loaded, pages):
        encoder, seen = Encoder(loaded), []
        layout = encoder.layout
        hook = loaded.model.model.vision_tower.register_forward_pre_hook(
            lambda module, given: seen.append(len(given[0]))
        )
        first = features_of(encoder, pages)
        num_tiles = sum(plan_view(page.size, layout).num_tiles for page in pages)
        assert encoder.num_tiles_encoded == sum(seen) == num_tiles
        again = features_of(encoder, pages)
        assert encoder.num_tiles_encoded == sum(seen) == num_tiles
        hook.remove()
        assert_equal(first, again)

    def test_equal_views_in_one_call_are_encoded_once(self, loaded, pages):
        encoder = Encoder(loaded, cache_bytes=0)
        one, two = features_of(encoder, [pages[0], pages[0]])
        assert one is two
        assert encoder.num_tiles_encoded == plan_view(pages[0].size, encoder.layout).num_tiles
        features_of(encoder, [pages[0]])
        assert encoder.num_tiles_encoded == 2 * plan_view(pages[0].size, encoder.layout).num_tiles

    def test_prepared_twice_before_encoding_is_still_encoded_once(self, loaded, pages):
        encoder = Encoder(loaded)
        view = plan_view(pages[0].size, encoder.layout)
        prepared = [encoder.prepare(pages[0], [view]) for _ in range(2)]
        for items in prepared:
            encoder.encode(items)
        assert encoder.num_tiles_encoded == view.num_tiles

    def test_the_unused_layer_does_not_run_and_the_model_keeps_it(self, loaded, pages):
        layers, ran = loaded.model.model.vision_tower.encoder.layers, []
        hooks = [layer.register_forward_hook(lambda *_: ran.append(1)) for layer in layers]
        features_of(Encoder(loaded), pages[:1])
        for hook in hooks:
            hook.remove()
        assert len(ran) == len(layers) - 1
        assert len(loaded.model.model.vision_tower.encoder.layers) == 3

    def test_a_new_view_of_a_known_page_costs_its_own_tiles(self, loaded, pages):
        encoder = Encoder(loaded)
        whole = plan_view(pages[0].size, encoder.layout)
        part = plan_view(pages[0].size, encoder.layout, box=Box(0, 0, 1, 0.5))
        encoder.encode(encoder.prepare(pages[0], [whole]))
        ours = encoder.encode(encoder.prepare(pages[0], [part, whole]))
        assert encoder.num_tiles_encoded == whole.num_tiles + part.num_tiles
        assert [len(one) for one in ours] == [part.num_tokens, whole.num_tokens]

    def test_nothing_in_nothing_out(self, loaded):
        assert Encoder(loaded).encode([]) == []

    def test_closing_forgets(self, loaded, pages):
        encoder = Encoder(loaded)
        features_of(encoder, pages[:1])
        encoder.close()
        encoder.close()
        features_of(encoder, pages[:1])
        assert encoder.num_tiles_encoded == 2 * plan_view(pages[0].size, encoder.layout).num_tiles


def key_of(page, view):
    (key,) = view_keys(page, [view])
    return key


class TestCache:
    layout = ImageLayout(TILE, PATCH, ((2, 2),))

    def key(self, number):
        page = page_of(printed(20, 30 + number, number))
        return key_of(page, plan_view(page.size, self.layout))

    def test_memory_is_bounded_and_the_oldest_goes_first(self):
        import torch

        cache, rng = FeatureCache(1000), random.Random(0)
        keys = [self.key(number) for number in range(12)]
        for _ in range(300):
            key = rng.choice(keys)
            if cache.get(key) is None:
                cache.put(key, torch.zeros(rng.randrange(1, 120), dtype=torch.float32))
            assert cache.num_bytes <= 1000
        cache.clear()
        for key in keys[:3]:
            cache.put(key, torch.zeros(100))
        assert cache.get(keys[0]) is None or cache.num_bytes > 800
        cache.put(keys[4], torch.zeros(1000))
        assert cache.get(keys[4]) is None

    def test_use_keeps_features(self):
        import torch

        cache, keys = FeatureCache(800), [self.key(number) for number in range(3)]
        for key in keys[:2]:
            cache.put(key, torch.zeros(100))
        assert cache.get(keys[0]) is not None
        cache.put(keys[2], torch.zeros(100))
        assert cache.get(keys[0]) is not None
        assert cache.get(keys[1]) is None

    def test_other_pixels_or_other_plans_have_other_keys(self):
        page, other = page_of(printed(40, 60, 1)), page_of(printed(40, 60, 2))
        view = plan_view(page.size, self.layout)
        part = plan_view(page.size, self.layout, box=Box(0, 0, 1, 0.5))
        assert key_of(page, view) == key_of(page, plan_view(page.size, self.layout))
        assert len({key_of(page, view), key_of(other, view), key_of(page, part)}) == 3
