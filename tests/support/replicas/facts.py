"""What is publicly known of each checkpoint: configuration, special tokens and chat template.

Sources: the converters and tests of huggingface/transformers, tests of vLLM and TensorRT-LLM, the
card in ibm-granite/granite-vision-models, tests of mlxcel and of vLLM's plugin for Spyre. No
repository of a hub was at hand; what no source tells is left at transformers' default. Templates
are written here anew: they render a question with one image, and its answer, as the published ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

CLIP = {
    "model_type": "clip_vision_model", "image_size": 336, "patch_size": 14, "projection_dim": 768,
    "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
    "num_attention_heads": 16, "vocab_size": 32000,
}  # fmt: skip
SIGLIP = {
    "model_type": "siglip_vision_model", "image_size": 384, "patch_size": 14,
    "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 26,
    "num_attention_heads": 16, "vision_use_head": False,
}  # fmt: skip
GRID_336 = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
GRID_384 = [[384 * rows, 384 * cols] for rows, cols in product(range(1, 7), repeat=2)]
GRID_GRANITE = [
    [384 * rows, 384 * cols] for rows, cols in product(range(1, 11), repeat=2) if rows * cols <= 10
]
VICUNA = {
    "model_type": "llama", "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
    "torch_dtype": "float16", "vocab_size": 32064,
}  # fmt: skip
MISTRAL = {
    "model_type": "mistral", "intermediate_size": 14336, "max_position_embeddings": 32768,
    "num_key_value_heads": 8, "rms_norm_eps": 1e-5, "rope_theta": 1e6, "sliding_window": None,
    "torch_dtype": "bfloat16", "vocab_size": 32064,
}  # fmt: skip
LLAMA3 = {
    "model_type": "llama", "bos_token_id": 128000, "eos_token_id": 128009,
    "intermediate_size": 14336, "max_position_embeddings": 8192, "num_key_value_heads": 8,
    "rms_norm_eps": 1e-5, "rope_theta": 5e5, "torch_dtype": "bfloat16", "vocab_size": 128320,
}  # fmt: skip
QWEN = {
    "model_type": "qwen2", "bos_token_id": 151643, "eos_token_id": 151645,
    "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
    "sliding_window": 131072, "use_sliding_window": False,
}  # fmt: skip
GRANITE = {
    "model_type": "granite", "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0,
    "num_key_value_heads": 8, "num_attention_heads": 32, "max_position_embeddings": 131072,
    "rms_norm_eps": 1e-5, "rope_theta": 5e6, "attention_multiplier": 0.015625,
    "embedding_multiplier": 12.0, "residual_multiplier": 0.22, "logits_scaling": 8.0,
    "tie_word_embeddings": True, "vocab_size": 49156, "torch_dtype": "bfloat16",
}  # fmt: skip
NEXT = {
    "architectures": ["LlavaNextForConditionalGeneration"], "model_type": "llava_next",
    "image_grid_pinpoints": GRID_336, "projector_hidden_act": "gelu", "torch_dtype": "float16",
    "tie_word_embeddings": False, "use_image_newline_parameter": True, "vision_config": CLIP,
    "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
    "transformers_version": "4.39.0.dev0",
}  # fmt: skip
LLAVA = {
    "architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
    "projector_hidden_act": "gelu", "torch_dtype": "float16", "vision_config": CLIP,
    "tie_word_embeddings": False, "vision_feature_layer": -2,
    "vision_feature_select_strategy": "default", "transformers_version": "4.36.0.dev0",
}  # fmt: skip
ONEVISION = {
    "architectures": ["LlavaOnevisionForConditionalGeneration"], "model_type": "llava_onevision",
    "image_grid_pinpoints": GRID_384, "image_token_index": 151646, "video_token_index": 151647,
    "projector_hidden_act": "gelu", "torch_dtype": "float16", "tie_word_embeddings": False,
    "use_image_newline_parameter": True, "vision_aspect_ratio": "anyres_max_9",
    "vision_config": SIGLIP, "vision_feature_layer": -1,
    "vision_feature_select_strategy": "full",
}  # fmt: skip

_PARTS = (
    "{% set shown = m['content'] | selectattr('type', 'equalto', 'image') | list %}"
    "{% set said = m['content'] | selectattr('type', 'equalto', 'text') | map(attribute='text') "
    "| join %}"
)
_TURNS = "{% for m in messages %}" + _PARTS
VICUNA_CHAT = (
    _TURNS + "{{ m['role'] | upper }}: {{ '<image>\n' * shown | length }}{{ said }} {% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
MISTRAL_CHAT = (
    _TURNS + "{% if m['role'] == 'user' %}[INST] {{ '<image>\n' * shown | length }}{{ said }}"
    " [/INST]{% else %} {{ said }}</s>{% endif %}{% endfor %}"
)
_HEADER = "<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
LLAMA3_CHAT = (
    _TURNS + _HEADER + "{{ '<image>\n' * shown | length }}{{ said }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_CHATML = "{{ '<image>\n' * shown | length }}{{ said }}<|im_end|>\n{% endfor %}"
_CHATML_END = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
QWEN_CHAT = _TURNS + "<|im_start|>{{ m['role'] }}\n" + _CHATML + _CHATML_END
ONEVISION_CHAT = (
    _TURNS
    + "<|im_start|>{{ m['role'] }}{{ ' ' if m['role'] == 'user' else '\n' }}"
    + _CHATML
    + _CHATML_END
)
GRANITE_CHAT = (
    "<|system|>\nA preamble of this replica, as long as the published one is short.\n"
    + _TURNS
    + "<|{{ m['role'] }}|>\n{{ '<image>\n' * shown | length }}{{ said }}"
    "{% if m['role'] == 'assistant' %}<|end_of_text|>{% else %}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@dataclass(frozen=True)
class Facts:
    """One checkpoint.

    Attributes:
        tokenizer: which kind: ``llama``, ``mistral``, ``llama3``, ``qwen`` or ``granite``.
        chat: its template.
        config: of the real size.
        image_id: of ``<image>``.
        bos_id: what its processor begins a prompt with; None where nothing.
        eos_id: what ends its answers.
        pad_id: of its padding.
        a4_tokens: image tokens of an A4 page.
        is_new: whether it was saved with the key names of transformers 4.52 and later.
        lead: what its template writes between the prompt and the answer.
    """

    tokenizer: str
    chat: str
    config: dict[str, Any] = field(hash=False)
    image_id: int
    bos_id: int | None
    eos_id: int
    pad_id: int
    a4_tokens: int
    is_new: bool = False
    lead: str = ""


def _llama(family: dict[str, Any]) -> dict[str, Any]:
    return {**family, "image_token_index": 32000, "pad_token_id": 32001, "text_config": VICUNA}


_32K = {"image_id": 32000, "bos_id": 1, "eos_id": 2, "pad_id": 32001, "lead": " "}
_152K: dict[str, Any] = {
    "image_id": 151646, "bos_id": None, "eos_id": 151645, "pad_id": 151643,
}  # fmt: skip
CHECKPOINTS: dict[str, Facts] = {
    "llava-1.5-7b": Facts("llama", VICUNA_CHAT, _llama(LLAVA), a4_tokens=576, **_32K),  # type: ignore[arg-type]
    "llava-next-vicuna-7b": Facts("llama", VICUNA_CHAT, _llama(NEXT), a4_tokens=2256, **_32K),  # type: ignore[arg-type]
    "llava-next-mistral-7b": Facts(
        "mistral", MISTRAL_CHAT, {**NEXT, "image_token_index": 32000, "text_config": MISTRAL},
        a4_tokens=2256, **_32K,  # type: ignore[arg-type]
    ),
    "llava-next-llama3-8b": Facts(
        "llama3", LLAMA3_CHAT, {**NEXT, "image_token_index": 128256, "text_config": LLAMA3},
        image_id=128256, bos_id=128000, eos_id=128009, pad_id=128257, a4_tokens=2256,
    ),
    "llava-next-72b": Facts(
        "qwen", QWEN_CHAT,
        {
            **NEXT, "image_token_index": 151646,
            "text_config": {**QWEN, "num_key_value_heads": 64, "num_attention_heads": 64,
                            "vocab_size": 152064},
        },
        a4_tokens=2256, **_152K,
    ),
    "llava-onevision-7b": Facts(
        "qwen", ONEVISION_CHAT,
        {
            **ONEVISION,
            "text_config": {**QWEN, "num_key_value_heads": 4, "num_attention_heads": 28,
                            "vocab_size": 152128},
        },
        a4_tokens=7353, **_152K,
    ),
    "llava-onevision-0.5b": Facts(
        "qwen", ONEVISION_CHAT,
        {
            **ONEVISION,
            "text_config": {**QWEN, "num_key_value_heads": 2, "num_attention_heads": 14,
                            "tie_word_embeddings": True, "vocab_size": 152000},
        },
        a4_tokens=7353, **_152K,
    ),
    "granite-vision-3.3-2b": Facts(
        "granite", GRANITE_CHAT,
        {
            **NEXT, "image_grid_pinpoints": GRID_GRANITE, "image_token_index": 49155,
            "text_config": GRANITE, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
            "vision_config": {**SIGLIP, "num_hidden_layers": 27},
            "vision_feature_layer": [-24, -20, -12, -1], "vision_feature_select_strategy": "full",
            "transformers_version": "4.49.0",
        },
        image_id=49155, bos_id=None, eos_id=0, pad_id=0, a4_tokens=5427,
    ),
}  # fmt: skip
