"""A LLaVA-NeXT of random weights, pages and target answers to measure decoding with.

Knows nothing of what is measured. Weights are random, so the answers are dictated: every
forward pass is really run and masked, then the target document's next token is taken.
"""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from docextract.core import FULL, Page, ReadOptions, Tree, Word, WordSource
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine.answers.answer_form import written
from docextract.engine.answers.answer_json import answer_schema
from docextract.engine.base import Question
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder
from docextract.engine.llava.decode.grammar import RowGrammar
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.weights import device as memory
from docextract.engine.llava.weights.device import Footprint, Vision
from docextract.engine.llava.weights.load import LoadedModel
from docextract.schema.loading import load_schema

ROOT = Path(__file__).parent.parent
TRUTH = ROOT / "fixtures" / "truth.jsonl"
PATCH = 14
CHAT = (
    "{{ bos_token }}{% for message in messages %}[INST] {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %} [/INST]{% endfor %}"
)
PAGE_SIZES = ((310, 438), (310, 438), (438, 310), (200, 600), (306, 396))


@dataclass(frozen=True)
class Scale:
    """How big the experiment is."""

    num_pages: int
    vocabulary: int
    tile: int
    hidden: int
    num_layers: int
    max_rows: int


LARGE = Scale(16, 16_000, 112, 768, 12, 5)
SMALL = Scale(3, 600, 56, 64, 2, 1)


def build_model(scale: Scale) -> LoadedModel:
    """Return the model, float32 on the CPU; about 100 million parameters at full scale."""
    import torch
    from transformers import LlavaNextForConditionalGeneration

    torch.manual_seed(0)
    tokenizer = train_tokenizer(scale.vocabulary)
    config = make_config(_footprint(scale, len(tokenizer)), tokenizer)
    model = LlavaNextForConditionalGeneration(config).eval()
    return LoadedModel(model, build_processor(tokenizer, config), "none", "random")


def _footprint(scale: Scale, num_tokens: int) -> Footprint:
    hidden = scale.hidden
    decoder = memory.Decoder(
        scale.num_layers, hidden, hidden * 8 // 3, max(1, hidden // 64), max(1, hidden // 192),
        (num_tokens + 63) // 64 * 64,
    )  # fmt: skip
    return Footprint(decoder, Vision(3, 64, 128, scale.tile, PATCH))


def make_config(footprint: Footprint, tokenizer: Any) -> Any:
    """Return the configuration of a LLaVA-NeXT with these layers and the published grids."""
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaNextConfig

    eyes, decoder = footprint.vision, footprint.decoder
    vision = CLIPVisionConfig(
        image_size=eyes.image_size, patch_size=eyes.patch_size, hidden_size=eyes.hidden_size,
        intermediate_size=eyes.intermediate_size, num_hidden_layers=eyes.num_layers,
        num_attention_heads=max(2, eyes.hidden_size // 64), projection_dim=64,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=decoder.vocabulary_size, hidden_size=decoder.hidden_size,
        intermediate_size=decoder.intermediate_size, num_hidden_layers=decoder.num_layers,
        num_attention_heads=decoder.num_heads, num_key_value_heads=decoder.num_kv_heads,
        max_position_embeddings=8192, tie_word_embeddings=False,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    tile = eyes.image_size
    grid = [[a * tile, b * tile] for a, b in ((1, 2), (2, 1), (2, 2), (1, 3), (3, 1))]
    return LlavaNextConfig(
        vision_config=vision, text_config=text, image_token_index=tokenizer.image_token_id,
        vision_feature_select_strategy="default", vision_feature_layer=-2,
        image_grid_pinpoints=grid, image_seq_length=(tile // eyes.patch_size) ** 2,
    )  # fmt: skip


def build_processor(tokenizer: Any, config: Any) -> Any:
    """Return the processor for a configuration, on PIL alone."""
    from transformers import LlavaNextProcessor
    from transformers.models.llava_next.image_processing_pil_llava_next import (
        LlavaNextImageProcessorPil,
    )

    tile = config.vision_config.image_size
    images = LlavaNextImageProcessorPil(
        size={"shortest_edge": tile},
        crop_size={"height": tile, "width": tile},
        image_grid_pinpoints=config.image_grid_pinpoints,
    )
    return LlavaNextProcessor(
        images, tokenizer, patch_size=PATCH, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=CHAT,
    )  # fmt: skip


def train_tokenizer(vocabulary: int) -> Any:
    """Return a byte-level BPE trained on this project and, for a big one, Python's library."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_training_texts(vocabulary), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>", extra_special_tokens={"image_token": "<image>"}, padding_side="left",
    )  # fmt: skip


def _training_texts(vocabulary: int) -> Iterator[str]:
    if vocabulary < LARGE.vocabulary:
        yield TRUTH.read_text(encoding="utf-8")
        return
    library = Path(sysconfig.get_path("stdlib"))
    for path in [*ROOT.glob("**/*.md"), *ROOT.glob("docextract/**/*.py"), *library.glob("*.py")]:
        yield path.read_text(encoding="utf-8", errors="replace")


def make_questions(
    num_pages: int, page_sizes: Sequence[tuple[int, int]] = PAGE_SIZES
) -> list[Question]:
    """Return invoice questions about blank pages of several shapes, with the words of invoices.

    The words are taken for OCR's, which are not told to a model.
    """
    schema = load_schema("invoice")
    words = [_words(ROOT / "fixtures" / entry["file"]) for entry in _invoices()]
    questions = []
    for i in range(num_pages):
        size = page_sizes[i % len(page_sizes)]
        shade = bytes([255 - i]) * (size[0] * size[1] * 3)
        known = words[i % len(words)]
        page = Page(1, *size, known, WordSource.OCR, image=shade, size=size)
        questions.append(Question(str(i), (page,), schema))
    return questions


def target_answers(num_pages: int, max_rows: int, form: str = FULL) -> list[str]:
    """Return what the drawn invoices say, as compact JSON in a form of answers."""
    schema = load_schema("invoice")
    shape = answer_schema(schema)
    answers = [_in_shape(entry["values"], shape, max_rows) for entry in _invoices()]
    return [
        json.dumps(
            written(answers[i % len(answers)], schema, form),
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for i in range(num_pages)
    ]


def _invoices() -> list[Tree]:
    entries = map(json.loads, TRUTH.read_text(encoding="utf-8").splitlines())
    return [entry for entry in entries if entry["schema"] == "invoice"]


@cache
def _words(path: Path) -> tuple[Word, ...]:
    """Return the words of a drawn invoice's text layer; none of scans and of bare XML."""
    if path.parent.name != "invoices" or path.suffix != ".pdf":
        return ()
    (found,) = Discovery([str(path)])
    parts = open_document(found.document, ReadOptions(use_embedded=False))
    pages = [part for part in parts if isinstance(part, Page)]
    return tuple(word for page in pages for word in page.words)


def _in_shape(value: Any, shape: Tree, max_rows: int) -> Any:
    if shape.get("type") == "object":
        members: Tree = shape["properties"]
        return {
            name: _in_shape((value or {}).get(name), inner, max_rows)
            for name, inner in members.items()
        }
    if shape.get("type") == "array":
        return [_in_shape(row, shape["items"], max_rows) for row in (value or [])[:max_rows]]
    if value is None or "enum" in shape:
        return value if value in shape.get("enum", [None]) else None
    return str(value)[: shape["anyOf"][0]["maxLength"]]


class DictatedGrammar(RowGrammar):
    """A grammar that works as ever, then leaves the target's next token alone to choose."""

    def __init__(self, grammar: RowGrammar, text: str) -> None:
        """Take a fresh grammar and the answer to write."""
        super().__init__(grammar._matcher, grammar._trie, grammar.habits)
        self._target = list(self._trie.tokenize_bytes(text.encode()))
        self._written: list[int] = []
        self._num_right = 0

    def accept(self, token: int) -> None:
        """Go on by one token of the target."""
        super().accept(token)
        self._write([token])

    def accept_forced(self) -> list[int]:
        """Go on by all that the grammar forces; the target has the same."""
        forced = super().accept_forced()
        self._write(forced)
        return forced

    def go_back(self, num_tokens: int) -> None:
        """Take back the last tokens, guesses most likely."""
        super().go_back(num_tokens)
        del self._written[len(self._written) - num_tokens :]
        self._num_right = min(self._num_right, len(self._written))

    def fill_mask(self, mask: Any, row: int) -> None:
        """Make the mask, check that it allows the target's next token, leave only that."""
        super().fill_mask(mask, row)
        length = len(self._written)
        if self._num_right < length or length == len(self._target):
            return  # After a wrong guess: the mask is made, and nothing is chosen by it.
        word, bit = divmod(self._target[length], 32)
        # Through numpy, which sets one number at a tenth of torch's cost.
        words = mask.numpy()[row]
        if not int(words[word]) >> bit & 1:
            token = self._trie.decode_str([self._target[length]])
            raise ValueError(f"the grammar forbids {token!r}")
        words[:] = 0
        words[word] = (1 << bit) - (1 << 32 if bit == 31 else 0)

    def _accept_as_far(self, tokens: Sequence[int]) -> int:
        num_accepted = super()._accept_as_far(tokens)
        self._note(tokens[:num_accepted])
        return num_accepted

    def _write(self, tokens: list[int]) -> None:
        self._note(tokens)
        if self._num_right < len(self._written):
            raise ValueError("the answer is tokenized otherwise than its text")

    def _note(self, tokens: Sequence[int]) -> None:
        begin = len(self._written)
        self._written += tokens
        if self._num_right == begin and self._target[begin : begin + len(tokens)] == [*tokens]:
            self._num_right += len(tokens)


class DictatedDecoder(Decoder):
    """The engine's decoder, whose answers are dictated."""

    def __init__(
        self,
        loaded: LoadedModel,
        targets: Sequence[str],
        num_slots: int,
        form: str = FULL,
        captured: CapturedSteps | None = None,
    ) -> None:
        """Take a target for each question, in their order, written in a form."""
        super().__init__(loaded, Limits(), num_slots, answer_form=form, captured=captured)
        self._targets = targets

    def start(self, question: Question, index: int) -> Row:
        """Return an empty answer that will be dictated."""
        row = super().start(question, index)
        row.grammar = DictatedGrammar(row.grammar, self._targets[index])
        return row
