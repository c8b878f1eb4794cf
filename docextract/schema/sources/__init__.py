"""Schemas that nobody wrote as a class: one line, a JSON Schema file, a free question.

In flows text, out flows a Pydantic class. May import ``schema`` and ``core``.
"""

from __future__ import annotations
