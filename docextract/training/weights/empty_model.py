"""A model's shape without its weights: what tokens and views take can be told on any machine.

Knows nothing of datasets.
"""

from __future__ import annotations

from pathlib import Path

from docextract.core import ModelLoadError
from docextract.engine.llava.weights.load import LoadedModel
from docextract.engine.llava.weights.processor import align_processor, load_processor


def load_empty(folder: Path) -> LoadedModel:
    """Return a model whose tensors take no memory, and its processor.

    Raises:
        ModelLoadError: the folder holds no model of the family.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        with torch.device("meta"):
            model = AutoModelForImageTextToText.from_config(config)
        processor = load_processor(folder, config.model_type)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, TypeError) as error:
        raise ModelLoadError(
            f"the model in {folder} does not load: {error}", "Fetch the model again."
        ) from error
    align_processor(processor, config)
    return LoadedModel(model, processor, "none", "")
