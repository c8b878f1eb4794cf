"""Small copies of published checkpoints: configuration, ids, template and key names; no weights.

Inside: what is known of each (``facts``), tokenizers with their special tokens (``tokenizers``),
and the folders (``build``).
"""
