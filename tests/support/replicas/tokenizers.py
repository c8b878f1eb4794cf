"""Tokenizers shaped like those of published checkpoints: algorithm, size and special ids.

Knows nothing of models. Their merges are learnt from a few lines and the rest of the vocabulary is
filled up, so that every id stands where the published one does. Mistral's is the published one
where the package that ships it is installed.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TEXTS = [
    '{"vendor":"ACME GmbH","date":"2026-01-31","total":"1,234.50"}',
    '{"vendor":null,"date":"31 January 2026","total":"12.00 EUR"}',
    "Read the fields on this page and copy the fields below into JSON. Write null for what is not",
    "USER: <image>\nWhat is the total of this invoice? ASSISTANT: {",
] * 4
_NUM_LEARNT = 700
_WORDS = "▁?[A-Za-z]+|[0-9]|▁?[^A-Za-z0-9▁]+|▁"
"""What merges do not cross: words, single digits, marks; each with the blank before it."""
_ADDED = {
    "llama": ["<image>", "<pad>"],
    "mistral": ["<image>", "<pad>"],
    "llama3": ["<image>", "<pad>"],
    "qwen": ["<image>", "<video>"],
    "granite": [],
}
_NAMES: dict[str, dict[str, Any]] = {
    "llama": {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"},
    "llama3": {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "pad_token": "<pad>"},
    "qwen": {"bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
    "granite": dict.fromkeys(("bos_token", "eos_token", "pad_token"), "<|end_of_text|>"),
}
_NAMES["mistral"] = _NAMES["llama"]
_CLASSES = {
    "llama": "LlamaTokenizer", "mistral": "LlamaTokenizer", "llama3": "PreTrainedTokenizerFast",
    "qwen": "Qwen2Tokenizer", "granite": "GPT2Tokenizer",
}  # fmt: skip


def save_tokenizer(kind: str, folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json, as published folders have them."""
    (folder / "tokenizer.json").write_text(_written(kind), encoding="utf-8")
    about = {
        **_NAMES[kind],
        "tokenizer_class": _CLASSES[kind],
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
        "extra_special_tokens": {"image_token": "<image>"},
    }
    if kind in ("llama", "mistral"):
        about |= {"add_bos_token": True, "add_eos_token": False, "legacy": kind == "mistral"}
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")


@cache
def _written(kind: str) -> str:
    """Return tokenizer.json; built once in a run, as several checkpoints share it."""
    tokenizer = _BUILDERS[kind]()
    tokenizer.add_special_tokens([_special(text) for text in _ADDED[kind]])
    return str(tokenizer.to_str())


def _special(text: str) -> Any:
    from tokenizers import AddedToken

    return AddedToken(text, special=True, normalized=False)


def _sentencepiece() -> Any:
    """Return a BPE as sentencepiece makes them: blanks as a letter, bytes as a last resort."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    learning = Tokenizer(models.BPE())
    learning.normalizer = normalizers.Replace(" ", "▁")
    learning.pre_tokenizer = pre_tokenizers.Split(Regex(_WORDS), "isolated")
    trainer = trainers.BpeTrainer(vocab_size=_NUM_LEARNT, show_progress=False)
    learning.train_from_iterator(["▁" + text for text in TEXTS], trainer)
    model = json.loads(learning.to_str())["model"]
    lead = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(
        models.BPE(
            _filled([*lead, *model["vocab"]], 32000, "▁"),
            [tuple(pair) for pair in model["merges"]],
            unk_token="<unk>", byte_fallback=True, fuse_unk=True,
        )
    )  # fmt: skip
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
         decoders.Strip(" ", 1, 0)]
    )  # fmt: skip
    tokenizer.post_processor = _beginning("<s>", 1)
    tokenizer.add_special_tokens([_special(text) for text in lead[:3]])
    return tokenizer


def _mistral() -> Any:
    """Return Mistral's own where mistral-common and sentencepiece are installed, else its like."""
    if not has_published_mistral():
        return _sentencepiece()
    import tempfile

    import mistral_common  # type: ignore[import-not-found]
    from transformers import AutoTokenizer

    published = Path(mistral_common.__path__[0]) / "data" / "tokenizer.model.v1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tokenizer.model").write_bytes(published.read_bytes())
        (folder / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
        about = {**_NAMES["llama"], "tokenizer_class": "LlamaTokenizer", "add_bos_token": True}
        del about["pad_token"]  # It is added after the image token.
        (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
        return AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer


def has_published_mistral() -> bool:
    """Return whether the packages that ship and read it are installed."""
    return all(find_spec(name) for name in ("mistral_common", "sentencepiece", "google.protobuf"))


def _llama3() -> Any:
    named = {
        0: "<|begin_of_text|>", 1: "<|end_of_text|>", 6: "<|start_header_id|>",
        7: "<|end_header_id|>", 9: "<|eot_id|>",
    }  # fmt: skip
    specials = [named.get(i, f"<|reserved_special_token_{i}|>") for i in range(256)]
    tokenizer = _byte_level(128000, specials)
    from tokenizers.processors import ByteLevel, Sequence

    tokenizer.post_processor = Sequence(
        [ByteLevel(trim_offsets=False), _beginning("<|begin_of_text|>", 128000)]
    )
    return tokenizer


def _qwen() -> Any:
    return _byte_level(151643, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])


def _granite() -> Any:
    specials = ["<|start_of_role|>", "<|end_of_role|>", "<|tool_call|>", "<image>"]
    return _byte_level(49152, specials, first=["<|end_of_text|>"])


def _byte_level(size: int, specials: list[str], first: list[str] | None = None) -> Any:
    """Return a byte-level BPE of so many tokens, then special ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    learning = Tokenizer(models.BPE())
    learning.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=_NUM_LEARNT, initial_alphabet=alphabet, show_progress=False
    )
    learning.train_from_iterator(TEXTS, trainer)
    model = json.loads(learning.to_str())["model"]
    lead = first or []
    tokenizer = Tokenizer(
        models.BPE(
            _filled([*lead, *model["vocab"]], size, "Ġ"), [tuple(p) for p in model["merges"]]
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([_special(text) for text in [*lead, *specials]])
    return tokenizer


def _filled(tokens: list[str], size: int, blank: str) -> dict[str, int]:
    """Return ids of tokens, and of words that no merge leads to, up to a size."""
    fill = (f"{blank}fill{i}" for i in range(size))
    known = dict.fromkeys(tokens)
    for token in fill:
        if len(known) == size:
            break
        known.setdefault(token)
    return {token: i for i, token in enumerate(known)}


def _beginning(token: str, token_id: int) -> Any:
    from tokenizers.processors import TemplateProcessing

    return TemplateProcessing(single=f"{token} $A", special_tokens=[(token, token_id)])


_BUILDERS = {
    "llama": _sentencepiece, "mistral": _mistral, "llama3": _llama3, "qwen": _qwen,
    "granite": _granite,
}  # fmt: skip
