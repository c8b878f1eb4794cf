"""Writes a tiny random LLaVA-NeXT as llama.cpp reads it: the decoder, and the eyes beside it.

Names of tensors and keys are those of llama.cpp's ``gguf-py`` and ``tools/mtmd``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.tiny_llava import CHAT_TEMPLATE, Tiny, build_tiny_llava

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
_DECODER = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}  # fmt: skip
_EYES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_out": "self_attn.out_proj", "ffn_up": "mlp.fc1", "ffn_down": "mlp.fc2",
    "ln1": "layer_norm1", "ln2": "layer_norm2",
}  # fmt: skip


def write_tiny_gguf(folder: Path, context_tokens: int = 8192) -> tuple[Path, Path]:
    """Save a tiny random model into ``folder``; return the decoder's file and that of the eyes."""
    from transformers import AutoModelForImageTextToText

    tiny = Tiny(decoder="llama", hidden_size=128, context_tokens=context_tokens)
    saved = build_tiny_llava(folder / "hf", tiny)
    model = AutoModelForImageTextToText.from_pretrained(saved)
    weights = _Weights(model)
    decoder, eyes = folder / "tiny.gguf", folder / "mmproj.gguf"
    _write_decoder(decoder, model.config.text_config, weights, saved / "tokenizer.json")
    _write_eyes(eyes, model.config, weights)
    return decoder, eyes


class _Weights:
    def __init__(self, model: Any) -> None:
        self._by_name = {
            name: item.detach().float().numpy() for name, item in model.state_dict().items()
        }

    def __call__(self, ending: str) -> Any:
        """Return the one tensor whose name ends so."""
        (found,) = [item for name, item in self._by_name.items() if name.endswith(ending)]
        return found


def _write_decoder(path: Path, config: Any, weights: _Weights, tokenizer: Path) -> None:
    from gguf import GGUFWriter  # type: ignore[import-not-found,unused-ignore]

    writer = GGUFWriter(str(path), "llama")
    writer.add_name("tiny-llava-next")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(0)
    _add_tokenizer(writer, config, json.loads(tokenizer.read_text(encoding="utf-8")))
    writer.add_tensor("token_embd.weight", weights("embed_tokens.weight"))
    writer.add_tensor("output_norm.weight", weights("language_model.norm.weight"))
    writer.add_tensor("output.weight", weights("lm_head.weight"))
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for layer in range(config.num_hidden_layers):
        for theirs, ours in _DECODER.items():
            found = weights(f"language_model.layers.{layer}.{ours}.weight")
            turned = _turned(found, heads[theirs]) if theirs in heads else found
            writer.add_tensor(f"blk.{layer}.{theirs}.weight", turned)
    _end(writer)


def _turned(weight: Any, num_heads: int) -> Any:
    """Return a projection with its rotary halves side by side, as llama.cpp has them."""
    half = weight.shape[0] // num_heads // 2
    parts = weight.reshape(num_heads, 2, half, *weight.shape[1:])
    return parts.swapaxes(1, 2).reshape(weight.shape)


def _add_tokenizer(writer: Any, config: Any, tokenizer: Any) -> None:
    from gguf import TokenType

    added = {item["content"]: item["id"] for item in tokenizer["added_tokens"]}
    tokens = [f"<unused{number}>" for number in range(config.vocab_size)]
    types = [TokenType.UNUSED] * config.vocab_size
    for text, number in {**tokenizer["model"]["vocab"], **added}.items():
        tokens[number], types[number] = text, TokenType.NORMAL
    for number in added.values():
        types[number] = TokenType.CONTROL
    merges = tokenizer["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([item if isinstance(item, str) else " ".join(item) for item in merges])
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(config.eos_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE.replace("<image>\n", "<__media__>"))


def _write_eyes(path: Path, config: Any, weights: _Weights) -> None:
    from gguf import GGUFWriter

    eyes = config.vision_config
    writer = GGUFWriter(str(path), "clip")
    writer.add_name("tiny-mmproj")
    writer.add_file_type(0)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_bool("clip.has_llava_projector", True)
    writer.add_string("clip.projector_type", "mlp")
    for name, number in (
        ("image_size", eyes.image_size), ("patch_size", eyes.patch_size),
        ("embedding_length", eyes.hidden_size), ("feed_forward_length", eyes.intermediate_size),
        ("projection_dim", eyes.projection_dim),
        ("attention.head_count", eyes.num_attention_heads), ("block_count", eyes.num_hidden_layers),
    ):  # fmt: skip
        writer.add_uint32(f"clip.vision.{name}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", eyes.layer_norm_eps)
    writer.add_array("clip.vision.image_mean", MEAN)
    writer.add_array("clip.vision.image_std", STD)
    writer.add_bool("clip.use_gelu", False)
    writer.add_string("clip.vision.mm_patch_merge_type", "spatial_unpad")
    grid = [side for pair in config.image_grid_pinpoints for side in pair]
    writer.add_array("clip.vision.image_grid_pinpoints", grid)
    _add_eyes(writer, eyes.num_hidden_layers, weights)
    _end(writer)


def _add_eyes(writer: Any, num_layers: int, weights: _Weights) -> None:
    writer.add_tensor("v.class_embd", weights("embeddings.class_embedding"))
    writer.add_tensor("v.patch_embd.weight", weights("patch_embedding.weight"))
    writer.add_tensor("v.position_embd.weight", weights("position_embedding.weight"))
    for part in ("weight", "bias"):
        writer.add_tensor(f"v.pre_ln.{part}", weights(f"pre_layrnorm.{part}"))
        for theirs, ours in (("mm.0", "linear_1"), ("mm.2", "linear_2")):
            found = weights(f"multi_modal_projector.{ours}.{part}")
            writer.add_tensor(f"{theirs}.{part}", found)
        for layer in range(num_layers):
            for theirs, ours in _EYES.items():
                found = weights(f"encoder.layers.{layer}.{ours}.{part}")
                writer.add_tensor(f"v.blk.{layer}.{theirs}.{part}", found)
    writer.add_tensor("v.image_newline", weights("image_newline"))


def _end(writer: Any) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
