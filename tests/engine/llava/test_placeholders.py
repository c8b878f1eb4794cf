"""Features land exactly where a prompt has its images, and no other text brings an image in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.page_images import page_of, printed
from support.tiny_llava import build_tiny_llava

from docextract.core import EngineError
from docextract.engine.llava.prompt.placeholders import defused, embedded, expanded, special_texts
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.vision.views import plan_view
from docextract.engine.llava.weights.load import load_model

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load_model(build_tiny_llava(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def tokenizer(loaded):
    return loaded.processor.tokenizer


@pytest.fixture(scope="module")
def image_token(loaded):
    return loaded.model.config.image_token_index


class TestInjection:
    pieces = st.lists(
        st.one_of(
            st.sampled_from(["<image>", "<s>", "</s>", "<pad>", "<unk>", "<", ">", "image", "im"]),
            st.text(max_size=5),
        ),
        max_size=8,
    )

    @given(pieces)
    @settings(deadline=None)
    def test_no_text_becomes_a_special_token(self, tokenizer, image_token, pieces):
        text = "".join(pieces)
        safe = defused(text, special_texts(tokenizer, image_token))
        ids = tokenizer(safe, add_special_tokens=False)["input_ids"]
        # A character the vocabulary lacks is no injection.
        assert not set(ids) & (set(tokenizer.all_special_ids) - {tokenizer.unk_token_id})
        assert safe.replace(" ", "") == text.replace(" ", "")

    def test_an_attack_works_without_it(self, tokenizer, image_token):
        attack = "total <image><image> 5"
        ids = tokenizer(attack, add_special_tokens=False)["input_ids"]
        assert ids.count(image_token) == 2
        with pytest.raises(EngineError, match="2 image tokens for 1 views"):
            expanded(ids, image_token, [3])
        safe = defused(attack, special_texts(tokenizer, image_token))
        assert tokenizer(safe, add_special_tokens=False)["input_ids"].count(image_token) == 0

    def test_other_text_is_left_alone(self, tokenizer, image_token):
        text = "a < b > c, <b>bold</b> {json: 1}"
        assert defused(text, special_texts(tokenizer, image_token)) == text

    def test_the_image_token_is_special(self, tokenizer, image_token):
        assert "<image>" in special_texts(tokenizer, image_token)


class TestExpanding:
    @given(st.lists(st.integers(0, 5), max_size=20), st.data())
    def test_each_image_token_becomes_as_many_as_its_view_has(self, ids, data):
        image = 3
        counts = [data.draw(st.integers(1, 9)) for _ in range(ids.count(image))]
        grown = expanded(ids, image, counts)
        assert grown.count(image) == sum(counts)
        assert [one for one in grown if one != image] == [one for one in ids if one != image]
        with pytest.raises(EngineError, match="image tokens"):
            expanded(ids, image, [*counts, 1])


class TestEmbedding:
    def test_equals_what_transformers_embeds(self, loaded, tokenizer, image_token):
        """Same logits as the model's own forward on the same tiles."""
        import torch

        from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels

        encoder, page = Encoder(loaded), page_of(printed(300, 420, 4))
        view = plan_view(page.size, encoder.layout)
        ids = tokenizer("<s>[INST] <image>\ntotal? [/INST]", add_special_tokens=False)["input_ids"]
        ids = expanded(ids, image_token, [view.num_tokens])
        features = encoder.encode(encoder.prepare(page, [view]))
        embeds = embedded(ids, image_token, features, loaded.model.get_input_embeddings())
        assert embeds.shape == (1, len(ids), 64)
        tiles = cut_tiles(page_pixels(page), view, encoder.layout)
        with torch.inference_mode():
            ours = loaded.model(inputs_embeds=embeds).logits
            theirs = loaded.model(
                input_ids=torch.tensor([ids]),
                pixel_values=normalised(tiles, encoder.layout, torch.float32),
                image_sizes=torch.tensor([[page.size[1], page.size[0]]]),
            ).logits
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-6)

    def test_counts_must_agree(self, loaded, image_token):
        import torch

        embedding = loaded.model.get_input_embeddings()
        with pytest.raises(EngineError, match="2 image tokens for 3 features"):
            embedded([1, image_token, image_token], image_token, [torch.zeros(3, 64)], embedding)
        assert embedded([1, 2], image_token, [], embedding).shape == (1, 2, 64)
