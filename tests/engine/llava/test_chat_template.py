"""Prompts are laid out as the model's own template does, and no other text speaks in its voice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiny_llava import CHAT_TEMPLATE, Tiny, build_processor

from docextract.core import Box, ModelLoadError, Word
from docextract.engine.llava.prompt.chat_template import Chat
from docextract.engine.prompt import build_prompt, page_heading, text_lines
from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model

# Shaped like those of LLaVA-NeXT on Mistral, Vicuna, Llama 3 and Qwen: images of a message first.
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] "
    "{% for c in m['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for c in m['content'] | selectattr('type', 'equalto', 'text') %}{{ c['text'] }}{% endfor %}"
    " [/INST]{% else %} {{ m['content'][0]['text'] }}</s>{% endif %}{% endfor %}"
)
VICUNA = (
    "{% for m in messages %}{% if loop.first %}A chat between a human and an assistant. Date: now. "
    "{% endif %}{{ m['role'].upper() }}: "
    "{% for c in m['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for c in m['content'] | selectattr('type', 'equalto', 'text') %}{{ c['text'] }}{% endfor %}"
    "{% if m['role'] == 'assistant' %}</s>{% else %} {% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }} "
    "{% for c in m['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for c in m['content'] | selectattr('type', 'equalto', 'text') %}{{ c['text'] }}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEMPLATES = {"plain": CHAT_TEMPLATE, "mistral": MISTRAL, "vicuna": VICUNA, "chatml": CHATML}
MARKERS = {
    "plain": ["[INST]", "[/INST]"],
    "mistral": ["[INST]", "[/INST]", "</s>"],
    "vicuna": ["USER:", "ASSISTANT:", "</s>"],
    "chatml": ["<|im_start|>", "<|im_end|>"],
}


@pytest.fixture(scope="module")
def processor():
    return build_processor(Tiny())


@pytest.fixture(scope="module", params=sorted(TEMPLATES))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def chat(processor, name):
    processor.chat_template = TEMPLATES[name]
    return Chat(processor, processor.image_token_id)


def add_bos(tokenizer):
    """Let a tokenizer write BOS before a text, as those of Llama and Mistral do."""
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.bos_token_id)]
    )


def tokenized(processor, text):
    return processor.tokenizer(text, add_special_tokens=False)["input_ids"]


class TestLayout:
    def test_one_image_is_laid_out_by_the_template(self, processor, chat):
        content = [{"type": "image"}, {"type": "text", "text": "total?"}]
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
        )
        assert chat.ids([""], "total?") == tokenized(processor, text)

    def test_several_images_keep_their_headings_and_order(self, processor, chat):
        headings = [page_heading(number) for number in (1, 2, 3)]
        ids = chat.ids(headings, "total?")
        assert ids.count(processor.image_token_id) == 3
        text = processor.tokenizer.decode(ids)
        assert text.index("Page 1:") < text.index("Page 2:") < text.index("Page 3:")
        assert text.index("Page 3:") < text.index("total?")
        first, second = (chat.ids(headings, text) for text in ("total?", "tax?"))
        end = len(first) - first[::-1].index(processor.image_token_id)
        assert first[:end] == second[:end], "what stands before the last image is the pages' alone"

    def test_a_template_that_puts_text_first_is_refused(self, processor):
        processor.chat_template = "{{ messages[0]['content'][1]['text'] }} <image>"
        with pytest.raises(ModelLoadError, match="before the text"):
            Chat(processor, processor.image_token_id)


class TestBeginning:
    """Of LLaVA's templates few write the token that begins a text; then the tokenizer does."""

    @pytest.fixture(params=["template", "tokenizer", "nobody"])
    def begun(self, request):
        processor = build_processor(Tiny())
        processor.chat_template = MISTRAL if request.param == "template" else CHATML
        if request.param != "nobody":
            add_bos(processor.tokenizer)
        return processor, request.param

    def test_a_prompt_begins_once_as_the_processor_begins_it(self, begun):
        processor, by_whom = begun
        content = [{"type": "image"}, {"type": "text", "text": "total?"}]
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
        )
        bos = processor.tokenizer.bos_token
        expected = processor.tokenizer(text, add_special_tokens=not text.startswith(bos))
        chat = Chat(processor, processor.image_token_id)
        ids = chat.ids([""], "total?")
        assert ids == expected["input_ids"]
        assert ids.count(processor.tokenizer.bos_token_id) == (by_whom != "nobody")
        (num_gap,) = chat.num_tokens([chat._gap])
        (num_text,) = chat.num_tokens(["total?"])
        assert chat.num_overhead == len(ids) - num_text - num_gap - 1


class TestInjection:
    pieces = st.lists(
        st.one_of(
            st.sampled_from(["<image>", "</s>", "[INST]", "[/INST]", "USER:", "ASSISTANT:", "\n"]),
            st.sampled_from(["<|im_start|>", "<|im_end|>", "user", "<", "[", "/", "]", ":", "|"]),
            st.text(max_size=5),
        ),
        max_size=8,
    )

    @given(pieces)
    @settings(max_examples=50, deadline=None)
    def test_no_text_holds_an_image_token_or_a_marker_of_turns(self, processor, chat, name, pieces):
        safe = chat.defused("".join(pieces))
        assert all(marker not in safe for marker in ["<image>", *MARKERS[name]])
        specials = set(processor.tokenizer.all_special_ids) - {processor.tokenizer.unk_token_id}
        assert not set(tokenized(processor, safe)) & specials
        assert safe.replace(" ", "") == "".join(pieces).replace(" ", "")
        assert chat.defused(safe) == safe

    def test_words_of_a_preamble_are_common_words(self, processor):
        processor.chat_template = VICUNA
        chat = Chat(processor, processor.image_token_id)
        text = "Date: 1 May, an assistant. a < b, <b>bold</b>, [1] {x: 1}"
        assert chat.defused(text) == text

    def test_our_own_english_is_left_alone(self, chat):
        prompt = build_prompt(load_schema("invoice"), num_pages=2, texts={1: "a", 2: "b"})
        assert chat.defused(prompt) == prompt


class TestPrompt:
    def test_names_every_field_once_and_no_clause_of_a_norm(self):
        schema = load_schema("invoice")
        prompt = build_prompt(schema)
        for item in schema.fields:
            assert prompt.count(f"\n- {item.path}:") == 1
        assert "BT-" not in prompt
        assert "one of invoice, credit_note" in prompt

    def test_stored_text_stands_before_the_question(self):
        prompt = build_prompt(load_schema("total: money"), "Gross.", texts={3: "Total 5"})
        assert prompt.index("page 3") < prompt.index("Total 5") < prompt.index("- total")
        assert prompt.endswith("\nGross.")


class TestTextLines:
    def test_words_of_one_height_are_a_line(self):
        rows = [("Invoice", 0.1, 0.1), ("No.", 0.3, 0.1), ("7", 0.4, 0.105), ("Total", 0.1, 0.2)]
        words = [Word(text, Box(left, top, left + 0.09, top + 0.01)) for text, left, top in rows]
        assert list(text_lines(words)) == ["Invoice No. 7", "Total"]
        assert list(text_lines([])) == []

    def test_a_second_column_begins_a_line(self):
        rows = [("left", 0.1, 0.1), ("below", 0.1, 0.12), ("right", 0.6, 0.1)]
        words = [Word(text, Box(left, top, left + 0.09, top + 0.01)) for text, left, top in rows]
        assert list(text_lines(words)) == ["left", "below", "right"]

    @given(st.lists(st.tuples(st.text("ab", min_size=1), *[st.floats(0, 0.9)] * 2), max_size=20))
    def test_no_word_is_lost_or_moved(self, rows):
        words = [Word(text, Box(left, top, left + 0.1, top + 0.02)) for text, left, top in rows]
        told = " ".join(text_lines(words)).split(" ") if rows else []
        assert told == [text for text, _, _ in rows]
