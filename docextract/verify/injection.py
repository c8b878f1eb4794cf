"""Says what about a document's pages people should know before they trust its values.

Knows nothing of values or engines. A warning changes no value: it says that a page holds words
nobody can see, or that it speaks to the program that reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from docextract.core import HIDDEN_TEXT, Check, Outcome, Page

HIDDEN_WORDS = "hidden-text"
INJECTION = "suspicious-text"

_MAX_QUOTE = 60
_GAP = r"(?: \w+){0,3} "
_EARLIER = r"(?:previous|prior|preceding|above|earlier|foregoing|other|your|all)"
_ORDERS = r"(?:instructions?|prompts?|directions?|commands?|guidelines|rules|context|messages?)"
_MACHINE = r"(?:the |an? |any )?(?:helpful )?(?:ai|llm|language model|assistant|chatbot)\b"
_PHRASES = re.compile(
    "|".join(
        (
            rf"(?:ignore|disregard|forget|override|bypass){_GAP}{_EARLIER}{_GAP}{_ORDERS}",
            rf"(?:ignore|disregard|forget|override|bypass)(?: all)? {_EARLIER} {_ORDERS}",
            rf"you are (?:now )?{_MACHINE}",
            rf"instructions? (?:for|to) {_MACHINE}",
            rf"(?:attention:?|note to|message to|dear) {_MACHINE}",
            r"system prompt",
            r"(?:respond|reply|answer|output) only with\b",
            rf"ignorier\w*{_GAP}(?:anweisung|befehl|vorgabe)\w*",
            r"ignore[zr]?(?: \w+){0,3} (?:instructions|consignes) (?:précé|antér|ci-dessus)",
            r"ignor[ae]\w*(?: \w+){0,3} (?:instrucciones|instruções|istruzioni) (?:ant|pre)",
            r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>",
            r"\[/?inst\]|<</?sys>>|</?(?:system|assistant)>|<image>",
            r"(?:忽略|无视)(?:之前|以上|先前|所有).{0,4}(?:指令|指示|提示)",
        )
    )
)


def find_warnings(pages: Sequence[Page]) -> tuple[Check, ...]:
    """Return a warning for hidden words, and one for text that gives the reader orders.

    The phrases are those of known prompt injections, in English, German, French, Spanish,
    Portuguese, Italian and Chinese, and the control tokens of chat models. Their absence
    proves nothing.
    """
    return tuple(_warnings(pages))


def _warnings(pages: Sequence[Page]) -> Iterator[Check]:
    hidden = [str(page.number) for page in pages if HIDDEN_TEXT in page.notes]
    if hidden:
        message = f"words that nobody can see were left out (page {', '.join(hidden)})"
        yield Check(HIDDEN_WORDS, Outcome.WARNING, (), message)
    for page in pages:
        quote = _order_in(page)
        if quote:
            message = f"page {page.number} speaks to the program that reads it: {quote!r}"
            yield Check(INJECTION, Outcome.WARNING, (), message)
            return


def _order_in(page: Page) -> str:
    text = " ".join(word.text for word in page.words)
    found = _PHRASES.search(unicodedata.normalize("NFKC", text).casefold())
    return found[0][:_MAX_QUOTE] if found else ""
