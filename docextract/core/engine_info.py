"""Which engine answered, as records and fingerprints name it.

Knows nothing of engines.
"""

from __future__ import annotations

from dataclasses import dataclass

NEWER_ENGINE = ("max_answer_tokens", "ask", "confidence")
"""Left out of records and fingerprints where they are not given, as before there were such."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine answered; nulls for what it does not have.

    Attributes:
        max_answer_tokens: longest answer, where one was asked for; else records do not name it.
        ask: what it was asked of what the text engine had read, where two readers were at work:
            ``doubt`` or ``all``; else records do not name it.
        confidence: ``uncalibrated`` in a record whose confidences were fitted to another engine's
            answers; else records do not name it.
    """

    name: str
    model_id: str | None = None
    revision: str | None = None
    quantization: str | None = None
    prompt: str | None = None
    detail: str | None = None
    with_text: str | None = None
    max_answer_tokens: int | None = None
    ask: str | None = None
    confidence: str | None = None
