"""The files of languages: what they may hold, who reads it, and that words stand nowhere else."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from docextract.schema import languages
from docextract.schema.languages import (
    LanguageFileError,
    by_phrase,
    numbered,
    pattern,
    read_language,
    words,
)
from docextract.schema.vocabulary import concepts

PACKAGE = Path(languages.__file__).parents[2]
FOLDER = PACKAGE / "schema/languages"
FILES = [path for path in sorted(FOLDER.glob("*.toml")) if path.stem != "sections"]
SECTIONS = tomllib.loads((FOLDER / "sections.toml").read_text("utf-8"))
PATTERNS = [
    (section, key)
    for section, keys in SECTIONS.items()
    for key, meaning in keys.items()
    if meaning.startswith("pattern:")
]


def written(folder: Path, text: str) -> Path:
    path = folder / "xx.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_holds_what_its_sections_allow(path: Path) -> None:
    language = read_language(path)
    assert language.code == path.stem
    assert language.get("about", "name") or language.code == "common"
    for section, key in PATTERNS:
        text = language.get(section, key)
        if text is not None:
            assert re.compile(text).groups == 0, (section, key)
            assert re.compile(f"(?:{text})").match("") is None, (section, key)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[totals]\nwithuot_tax = 'án'", "[totals] has no key withuot_tax"),
        ("[total]\nwords = 'án'", "no section [total]"),
        ("labels = 'án'", "no section [labels]"),
        ("[countries]\nIceland = 'ísland'", "[countries] has no key Iceland"),
        ("[answers]\nyes = ['já']", "[answers] yes must be words"),
        ("[dates]\nmonths = ['janúar']", "[dates] months must be months"),
        ("[answers\nyes = 'já'", "is no TOML"),
    ],
)
def test_what_nobody_reads_is_an_error_with_file_and_key(
    tmp_path: Path, text: str, said: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LanguageFileError, match=re.escape(said)) as caught:
        read_language(path)
    assert str(path) in str(caught.value)


def test_labels_of_no_concept_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "[labels]\ninvoice_nubmer = 'reikningsnúmer'")
    found = (*languages.languages(), read_language(path))
    monkeypatch.setattr("docextract.schema.vocabulary.languages", lambda: found)
    with pytest.raises(
        LanguageFileError, match=re.escape("xx.toml: [labels] has no concept invoice_nubmer")
    ):
        concepts.__wrapped__()


def test_every_key_is_read_by_someone() -> None:
    code = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    for section, keys in SECTIONS.items():
        for key in keys:
            is_open = not re.fullmatch("[a-z_]+", key)
            asked = rf"""["']{section}["']""" + ("" if is_open else rf""", ["']{key}["']""")
            habit = rf"""speaking\(["']{key}["']""" if section == "about" else asked
            is_read = re.search(asked, code) or re.search(habit, code)
            assert is_read or key == "name", (section, key)


def test_languages_come_in_their_order_and_common_first() -> None:
    codes = [language.code for language in languages.languages()]
    assert codes[:9] == ["common", "en", "de", "fr", "es", "it", "nl", "pt", "ms"]
    orders = [language.get("about", "order") for language in languages.languages()]
    given = [order for order in orders if order is not None]
    assert given == sorted(set(given))
    assert orders == [*given, *[None] * (len(orders) - len(given))]


def test_words_of_all_languages_are_known_at_once() -> None:
    assert {"ja", "oui", "sì", "yes", "☒"} <= set(words("answers", "yes"))
    assert {"märz": 2, "mars": 2, "prosince": 11}.items() <= numbered("dates", "months").items()
    assert all(re.search(pattern("deadlines", "until"), said) for said in ("bis zum", "avant le"))
    assert by_phrase("countries")["frankreich"] == by_phrase("countries")["francia"] == "FR"


def test_what_no_language_has_matches_nothing() -> None:
    assert re.search(f"(?:{pattern('deadlines', 'nothing')})", "bis zum") is None


def test_no_month_is_two_months() -> None:
    places: dict[str, set[int]] = {}
    for language in languages.languages():
        for place, row in enumerate(language.get("dates", "months") or ()):
            for name in row.split():
                places.setdefault(name, set()).add(place)
    assert [name for name, found in places.items() if len(found) > 1] == []


ELSEWHERE = {"normalise/locale/regions.py"}
"""Prints that belong to one country, whatever the language."""
ENGLISH = {"text"}
"""Words of another language that code says in English."""


def foreign_words() -> set[str]:
    """Words of four letters and more that neither the English file nor the common one has."""
    own: dict[str, set[str]] = {path.stem: set() for path in FILES}
    for path in FILES:
        for section, keys in tomllib.loads(path.read_text("utf-8")).items():
            for key, value in keys.items():
                if section != "about" or key == "common_words":
                    own[path.stem] |= letters(str(value))
    english = own.pop("en") | own.pop("common") | ENGLISH
    return set().union(*own.values()) - english


def letters(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"(?<!\\)[^\W\d_]{4,}", text)}


def strings(path: Path) -> Iterator[str]:
    """Yield the strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {
        id(node.value) for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@pytest.mark.parametrize("room", ["engine/text", "normalise"])
def test_no_word_of_a_language_stands_in_code(room: str) -> None:
    known = foreign_words()
    assert {"rechnung", "numéro", "januari"} <= known
    for path in (PACKAGE / room).rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        found = set().union(*map(letters, strings(path))) & known
        assert not found or name in ELSEWHERE, (name, found)
