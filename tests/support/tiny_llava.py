"""Builds LLaVA models of a few thousand random weights, saved as the real loader reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}[INST] {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %} [/INST]{% endfor %}"
)
TILE, PATCH = 56, 14
GRID = [[TILE, 2 * TILE], [2 * TILE, TILE], [2 * TILE, 2 * TILE]]
# One token per field name and few bytes of JSON: enough for a grammar, quick to train.
TEXTS = ['{"invoice_number":null,"total":"12.50","name":"ACME"}'] * 4


@dataclass(frozen=True)
class Tiny:
    """What a tiny model is like.

    Attributes:
        family: ``llava`` (1.5), ``llava_next`` or ``llava_onevision``.
        decoder: ``mistral``, ``llama`` or ``qwen2``.
        projector_act: ``gelu``, or ``linear`` for the first LLaVA's single projection.
        hidden_size: of the decoder.
        num_layers: of the decoder.
        context_tokens: of the decoder.
        seed: of the weights.
    """

    family: str = "llava_next"
    decoder: str = "mistral"
    projector_act: str = "gelu"
    hidden_size: int = 64
    num_layers: int = 2
    context_tokens: int = 8192
    seed: int = 0


def build_tiny_llava(folder: Path, tiny: Tiny = Tiny()) -> Path:
    """Save a tiny random model into ``folder`` and return it."""
    import torch

    torch.manual_seed(tiny.seed)
    tokenizer = build_tokenizer()
    config = _config(tiny, tokenizer)
    build_model(config).eval().save_pretrained(folder)
    if tiny.family == "llava_onevision":
        _save_onevision_processor(tokenizer, folder)
    else:
        _processor(tiny.family, tokenizer).save_pretrained(folder)
    return folder


def build_tokenizer() -> Any:
    """Return a byte-level BPE of 400 tokens, an image token and a padding token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>", extra_special_tokens={"image_token": "<image>"}, padding_side="left",
    )  # fmt: skip


def build_processor(tiny: Tiny) -> Any:
    """Return the processor of a LLaVA-1.5 or LLaVA-NeXT."""
    return _processor(tiny.family, build_tokenizer())


def build_model(config: Any) -> Any:
    """Return a randomly initialised model for a config."""
    from transformers import AutoModelForImageTextToText

    return AutoModelForImageTextToText.from_config(config)


def _config(tiny: Tiny, tokenizer: Any) -> Any:
    from transformers import LlavaConfig, LlavaNextConfig, LlavaOnevisionConfig

    shared: dict[str, Any] = {
        "vision_config": _vision(tiny.family),
        "text_config": _text(tiny, tokenizer),
        "image_token_index": tokenizer.image_token_id,
        "projector_hidden_act": tiny.projector_act,
    }
    if tiny.family == "llava_onevision":
        return LlavaOnevisionConfig(
            **shared, image_grid_pinpoints=GRID, video_token_index=tokenizer.pad_token_id,
            vision_feature_layer=-1, vision_feature_select_strategy="full",
        )  # fmt: skip
    shared |= {
        "vision_feature_layer": -2,
        "vision_feature_select_strategy": "default",
        "image_seq_length": (TILE // PATCH) ** 2,
    }
    if tiny.family == "llava":
        return LlavaConfig(**shared)
    return LlavaNextConfig(**shared, image_grid_pinpoints=GRID)


def _vision(family: str) -> Any:
    from transformers import CLIPVisionConfig, SiglipVisionConfig

    shape = {
        "image_size": TILE, "patch_size": PATCH, "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 3, "num_attention_heads": 2,
    }  # fmt: skip
    if family == "llava_onevision":
        return SiglipVisionConfig(**shape, vision_use_head=False)
    return CLIPVisionConfig(**shape, projection_dim=32)


def _text(tiny: Tiny, tokenizer: Any) -> Any:
    from transformers import LlamaConfig, MistralConfig, Qwen2Config

    shape = {
        "vocab_size": (len(tokenizer) + 63) // 64 * 64, "hidden_size": tiny.hidden_size,
        "intermediate_size": 2 * tiny.hidden_size, "num_hidden_layers": tiny.num_layers,
        "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": tiny.context_tokens, "tie_word_embeddings": False,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    if tiny.decoder == "mistral":
        return MistralConfig(**shape, sliding_window=None)
    return LlamaConfig(**shape) if tiny.decoder == "llama" else Qwen2Config(**shape)


def _processor(family: str, tokenizer: Any) -> Any:
    from transformers import LlavaNextProcessor, LlavaProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.llava_next.image_processing_pil_llava_next import (
        LlavaNextImageProcessorPil,
    )

    counts: dict[str, Any] = {
        "patch_size": PATCH, "vision_feature_select_strategy": "default",
        "num_additional_image_tokens": 1, "chat_template": CHAT_TEMPLATE,
    }  # fmt: skip
    sizes: dict[str, Any] = {
        "size": {"shortest_edge": TILE}, "crop_size": {"height": TILE, "width": TILE},
    }  # fmt: skip
    if family == "llava":
        return LlavaProcessor(CLIPImageProcessorPil(**sizes), tokenizer, **counts)
    images = LlavaNextImageProcessorPil(**sizes, image_grid_pinpoints=GRID)
    return LlavaNextProcessor(images, tokenizer, **counts)


def _save_onevision_processor(tokenizer: Any, folder: Path) -> None:
    """Save the parts as the hub has them: the whole cannot be made without torchvision."""
    from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
        LlavaOnevisionImageProcessorPil,
    )

    images = LlavaOnevisionImageProcessorPil(
        size={"height": TILE, "width": TILE}, image_grid_pinpoints=GRID
    )
    images.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    about = {"processor_class": "LlavaOnevisionProcessor", "vision_aspect_ratio": "anyres_max_9"}
    (folder / "processor_config.json").write_text(json.dumps(about), encoding="utf-8")
    template = {"chat_template": CHAT_TEMPLATE}
    (folder / "chat_template.json").write_text(json.dumps(template), encoding="utf-8")
