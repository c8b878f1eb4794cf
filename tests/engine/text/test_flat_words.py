"""A PDF can say of words that they have no height: rows are read all the same."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from support.word_pages import ask

from docextract.core import Box, Page, ReadOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document


@pytest.fixture
def pages(fixtures) -> list[Page]:
    path = os.fspath(fixtures / "bank_statements" / "humber-mutual.pdf")
    (found,) = Discovery([path])
    parts = open_document(found.document, ReadOptions())
    return [part for part in parts if isinstance(part, Page)]


def flat(box: Box) -> Box:
    return Box(box.left, box.top, box.right, box.top)


@pytest.mark.parametrize("every", [1, 2, 7])
def test_words_without_height_break_nothing(pages, every):
    shown = []
    for page in pages:
        words = (
            word._replace(box=flat(word.box)) if number % every == 0 else word
            for number, word in enumerate(page.words)
        )
        shown.append(replace(page, words=tuple(words)))
    assert isinstance(ask("bank_statement", *shown).values, dict)
