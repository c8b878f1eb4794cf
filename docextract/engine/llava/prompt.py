"""The only file with English for the model: what is asked, field by field.

Knows nothing of tokens or pixels; a schema in, text out.
"""

from __future__ import annotations

from docextract.schema.fields import Field, Schema
from docextract.schema.free import is_free_answer

PROMPT_VERSION = "2026-11-1"

_OPENING = (
    "Read this page of a {name} and copy the fields below into JSON. Copy every value exactly "
    "as printed, with its signs and separators. Write null for what is not on the page; never "
    "guess. Fields:"
)

_FREE_OPENING = (
    "Look at what is shown and answer the question below in JSON, as briefly as it allows. Copy "
    "names, numbers and dates exactly as printed. Write null if the answer is not shown; never "
    "guess. Question:"
)


def build_prompt(schema: Schema, instructions: str = "") -> str:
    """Return the question for one page.

    Text of users and schemas cannot bring in the image token: angle brackets are dropped.
    """
    if is_free_answer(schema):
        return _without_brackets(f"{_FREE_OPENING} {instructions}")
    lines = [_OPENING.format(name=schema.name.replace("_", " "))]
    lines += [f"- {item.path}{_told(item)}" for item in schema.fields]
    if instructions:
        lines.append(instructions)
    return _without_brackets("\n".join(lines))


def _without_brackets(text: str) -> str:
    return text.replace("<", "(").replace(">", ")")


def _told(item: Field) -> str:
    choices = f" one of {', '.join(item.choices)}" if item.choices else ""
    told = f"{item.description}{choices}".strip()
    return f": {told}" if told else ""
