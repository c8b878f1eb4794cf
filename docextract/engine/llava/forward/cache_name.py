"""What the installed transformers calls the cache that a decoder's forward pass takes.

Knows nothing of what a cache holds. Proved on transformers 5.19 to 5.24: ``past_key_values`` up
to 5.23, ``cache`` since, and for Llama, Mistral, Qwen2 and Granite alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from docextract.core import ModelLoadError

# The newest first: a version that knows several warns about all but that one.
_SPELLINGS = ("cache", "past_key_values")


def cache_keyword(decoder: Any) -> str:
    """Return the keyword by which a decoder of transformers takes its cache.

    Args:
        decoder: whose class tells; its own ``forward`` may be hidden behind a hook.

    Raises:
        ModelLoadError: it is called otherwise, in a version that was not tried.
    """
    known = inspect.signature(type(decoder).forward).parameters
    found = next((spelling for spelling in _SPELLINGS if spelling in known), None)
    if found is None:
        raise ModelLoadError(
            f"{type(decoder).__name__} of the installed transformers takes no known cache",
            "Install docextract again: its dependencies name the versions that were tested.",
        )
    return found


def given_cache(options: Mapping[str, Any]) -> Any:
    """Return the cache among the keywords of a call of a decoder, whoever called it."""
    return next(options[spelling] for spelling in _SPELLINGS if spelling in options)
