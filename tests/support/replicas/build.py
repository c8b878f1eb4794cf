"""Saves replicas: folders like the published ones, of small layers and random weights.

Knows nothing of our engine. Key names, shards and floats are those of the time of a checkpoint.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from support.replicas.facts import CHECKPOINTS, Facts
from support.replicas.tokenizers import save_tokenizer

_NUM_SHARDS = 3
_HIDDEN = 128
"""The kernels of bitsandbytes for CPUs take multiples of 32, keys and values of one head too."""


def build_replica(name: str, folder: Path, *, is_new: bool | None = None) -> Path:
    """Save the replica of a checkpoint of the catalogue and return its folder.

    Args:
        name: in the catalogue.
        folder: empty or not there.
        is_new: whether keys are named as transformers 4.52 and later do; as published if None.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    facts = CHECKPOINTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "config.json", small_config(facts))
    save_tokenizer(facts.tokenizer, folder)
    _save_processor(facts, folder)
    stops = {"bos_token_id": facts.bos_id, "eos_token_id": facts.eos_id}
    _write(folder / "generation_config.json", {**stops, "pad_token_id": facts.pad_id})
    torch.manual_seed(0)
    model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(3)  # Or all its answers are alike.
    _save_weights(model, folder, is_new=facts.is_new if is_new is None else is_new)
    return folder


def small_config(facts: Facts) -> dict[str, Any]:
    """Return the published configuration with layers of a few numbers; what is counted stays."""
    config: dict[str, Any] = json.loads(json.dumps(facts.config))
    text, vision = config["text_config"], config["vision_config"]
    num_heads = text.get("num_attention_heads", 32)
    num_kv_heads = text.get("num_key_value_heads", num_heads)
    text |= {
        "hidden_size": _HIDDEN, "intermediate_size": 2 * _HIDDEN, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": max(1, 4 * num_kv_heads // num_heads),
    }  # fmt: skip
    vision |= {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    if isinstance(config["vision_feature_layer"], int):
        vision["num_hidden_layers"] = 3
    if "projection_dim" in vision:
        vision["projection_dim"] = 32
    return config


def _save_processor(facts: Facts, folder: Path) -> None:
    family = facts.config["model_type"]
    vision = facts.config["vision_config"]
    side = vision["image_size"]
    is_clip = vision["model_type"] == "clip_vision_model"
    processor_class = {
        "llava": "LlavaProcessor", "llava_next": "LlavaNextProcessor",
        "llava_onevision": "LlavaOnevisionProcessor",
    }[family]  # fmt: skip
    images: dict[str, Any] = {
        "processor_class": processor_class, "resample": 3, "rescale_factor": 1 / 255,
        "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073] if is_clip else [0.5] * 3,
        "image_std": [0.26862954, 0.26130258, 0.27577711] if is_clip else [0.5] * 3,
    }  # fmt: skip
    if family == "llava_onevision":
        images |= {"image_processor_type": "LlavaOnevisionImageProcessor", "do_pad": True}
        images["size"] = {"height": side, "width": side}
    else:
        kind = "CLIPImageProcessor" if family == "llava" else "LlavaNextImageProcessor"
        images |= {
            "image_processor_type": kind, "do_center_crop": True,
            "size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side},
        }  # fmt: skip
    if family != "llava":
        images["image_grid_pinpoints"] = facts.config["image_grid_pinpoints"]
    _write(folder / "preprocessor_config.json", images)
    about = {"image_token": "<image>", "processor_class": processor_class}
    if family == "llava_onevision":
        about |= {"num_image_tokens": 729, "vision_aspect_ratio": "anyres_max_9"}  # type: ignore[dict-item]
    else:
        about |= {"patch_size": 14, "num_additional_image_tokens": int(is_clip)}  # type: ignore[dict-item]
    strategy = facts.config["vision_feature_select_strategy"]
    _write(folder / "processor_config.json", {**about, "vision_feature_select_strategy": strategy})
    _write(folder / "chat_template.json", {"chat_template": facts.chat})


def _save_weights(model: Any, folder: Path, *, is_new: bool) -> None:
    """Write float16 shards and their index; a tied head is left out, as it is when saved."""
    import torch
    from safetensors.torch import save_file

    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    state = {
        name if is_new else _old_name(name): tensor.detach().to(torch.float16).clone()
        for name, tensor in model.state_dict().items()
        if not (tied and name.startswith("lm_head"))
    }
    names = sorted(state)
    size = math.ceil(len(names) / _NUM_SHARDS)
    where = {}  # type: ignore[var-annotated]
    for i in range(_NUM_SHARDS):
        part = names[i * size : (i + 1) * size]
        file = f"model-{i + 1:05}-of-{_NUM_SHARDS:05}.safetensors"
        save_file({name: state[name] for name in part}, folder / file, {"format": "pt"})
        where |= dict.fromkeys(part, file)
    _write(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": where})


def _old_name(name: str) -> str:
    """Return what transformers called a tensor before 4.52."""
    if name.startswith("lm_head"):
        return f"language_model.{name}"
    name = name.removeprefix("model.")
    if name.startswith("language_model."):
        return f"language_model.model.{name.removeprefix('language_model.')}"
    if name.startswith("vision_tower.") and not name.startswith("vision_tower.vision_model."):
        return f"vision_tower.vision_model.{name.removeprefix('vision_tower.')}"
    return name


def _write(path: Path, tree: dict[str, Any]) -> None:
    path.write_text(json.dumps(tree, indent=2), encoding="utf-8")
