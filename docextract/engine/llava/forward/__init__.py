"""One step of the language model over many sequences, and what it keeps between steps.

Inside: ``model_runner``, ``attention`` over packed sequences, the ``kv_cache`` of one slot a
sequence and the ``prefix_cache`` of pages read lately. In flow embeddings and tokens, out flow
logits. May import torch and transformers.
"""

from __future__ import annotations
