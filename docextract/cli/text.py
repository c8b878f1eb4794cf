"""How names and figures are shown to people.

Knows nothing of terminals or records.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
"""Unicode categories that move the cursor, turn the text around or cannot be seen."""


def show_path(text: str) -> str:
    r"""Return a name in which nothing can act on a terminal or hide.

    Control and format characters, among them ESC, newlines and bidirectional overrides,
    become escapes.

    Example:
        >>> show_path("a\x1b[2Jb\n.pdf")
        'a\\x1b[2Jb\\n.pdf'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_hidden(char) else char for char in text)


def show_duration(seconds: float) -> str:
    """Return a duration as people say it, such as ``1 h 05 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def show_count(number: int, noun: str) -> str:
    """Return a count with its noun, such as ``1,000 documents``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
