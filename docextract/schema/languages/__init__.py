"""What business papers say in each language: one file of words a language, read when first asked.

Knows nothing of pages or of who asks. Inside: a file a language, ``<ISO 639 code>.toml``, with
``common.toml`` for what belongs to none; ``sections.toml``, which says what each key of such a
file means and how it is written; ``wording``, which puts English names of fields otherwise. In
flows a key, out flow the words of all languages for it. May import nothing.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDERS: tuple[Path, ...] = (Path(__file__).parent,)
"""Where the files of languages lie."""

_SECTIONS = Path(__file__).with_name("sections.toml")
_LAST = 1000
_FORMS: dict[str, tuple[type, int | None]] = {
    "text": (str, None), "number": (int, None), "words": (str, None), "pattern": (str, None),
    "months": (list, 12), "weekdays": (list, 7),
}  # fmt: skip
"""The type of a value in each of the forms ``sections.toml`` names, and its length if fixed."""


class LanguageFileError(ValueError):
    """A file of a language says what nobody reads; names file, section and key."""


class Language(NamedTuple):
    """One file: the code it is named after, and its values by section and key."""

    code: str
    sections: dict[str, dict[str, Any]]

    def get(self, section: str, key: str) -> Any:
        """Return the value of a key as it stands in the file, or None."""
        return self.sections.get(section, {}).get(key)


@cache
def languages() -> tuple[Language, ...]:
    """Return all languages by their order, then by code; ``common`` first.

    Raises:
        LanguageFileError: a file has a key that nobody reads, or a value in another form.
    """
    files = (path for folder in FOLDERS for path in sorted(folder.glob("*.toml")))
    found = [read_language(path) for path in files if path != _SECTIONS]
    return tuple(sorted(found, key=lambda language: language.get("about", "order") or _LAST))


def read_language(path: Path) -> Language:
    """Return the language of a file.

    Raises:
        LanguageFileError: as for ``languages``.
    """
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LanguageFileError(f"{path} is no TOML: {error}") from error
    for section, keys in sections.items():
        known = _known(path, section, keys)
        for key, value in keys.items():
            _check(path, section, key, value, known)
    return Language(path.stem, sections)


@cache
def words(section: str, key: str) -> tuple[str, ...]:
    """Return the phrases of a key in all languages, in their order, each once.

    Example:
        >>> words("about", "common_words")[:3]
        ('the', 'of', 'and')
    """
    texts = (language.get(section, key) or "" for language in languages())
    return tuple(dict.fromkeys(phrase for text in texts for phrase in split(text)))


def pattern(section: str, key: str) -> str:
    """Return the alternatives of a regular expression for what any language has for a key.

    What no language has matches nothing.
    """
    found = (language.get(section, key) for language in languages())
    return "|".join(filter(None, found)) or "(?!)"


def numbered(section: str, key: str) -> dict[str, int]:
    """Return where each word stands in its language's list of a key, from 0."""
    return {
        word: place
        for language in languages()
        for place, row in enumerate(language.get(section, key) or ())
        for word in row.split()
    }


def keys(section: str) -> tuple[str, ...]:
    """Return the keys that any language has in a section."""
    return tuple(
        dict.fromkeys(key for each in languages() for key in each.sections.get(section, ()))
    )


def by_phrase(section: str) -> dict[str, str]:
    """Return the key of every phrase of a section: ``{"deutschland": "DE", ...}``."""
    return {
        phrase: key
        for language in languages()
        for key, text in language.sections.get(section, {}).items()
        for phrase in split(text)
    }


def speaking(key: str, value: str) -> frozenset[str]:
    """Return the codes of the languages that say this of themselves, under ``about``."""
    return frozenset(each.code for each in languages() if each.get("about", key) == value)


def split(text: str) -> tuple[str, ...]:
    """Return the phrases of a text with commas between."""
    return tuple(phrase.strip() for phrase in text.split(",") if phrase.strip())


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return the forms of all keys by section, of ``sections.toml``."""
    sections = tomllib.loads(_SECTIONS.read_text(encoding="utf-8"))
    return {
        section: {key: text.partition(":")[0] for key, text in keys.items()}
        for section, keys in sections.items()
    }


def _known(path: Path, section: str, keys: object) -> dict[str, str]:
    if section not in _forms() or not isinstance(keys, dict):
        raise LanguageFileError(f"{path}: no section [{section}]; known: {', '.join(_forms())}")
    return _forms()[section]


def _check(path: Path, section: str, key: str, value: object, known: dict[str, str]) -> None:
    """Raise unless a key is one of its section, or fits the names its section is open for."""
    fitting = (form for name, form in known.items() if re.fullmatch(name, key))
    form = known.get(key) or next(fitting, None)
    if form is None:
        raise LanguageFileError(f"{path}: [{section}] has no key {key}; known: {', '.join(known)}")
    kind, length = _FORMS[form]
    if not isinstance(value, kind) or (length and len(value) != length):  # type: ignore[arg-type]
        raise LanguageFileError(f"{path}: [{section}] {key} must be {form}; see {_SECTIONS}")
