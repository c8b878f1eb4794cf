"""Asks the text engine about pages made of words."""

from __future__ import annotations

from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.records import Box, Page, Tree, Word, WordSource
from docextract.schema.loading import load_schema

WIDTH, HEIGHT = 600.0, 800.0
CHARACTER, SIZE = 5.0, 10.0
Printed = tuple[float, float, str]


def page(*printed: Printed, confidence: float = 1.0) -> Page:
    words = []
    for left, top, text in printed:
        x = left
        for part in text.split(" "):
            right = x + CHARACTER * len(part)
            box = Box(x / WIDTH, top / HEIGHT, right / WIDTH, (top + SIZE) / HEIGHT)
            words.append(Word(part, box, confidence))
            x = right + CHARACTER
    source = WordSource.TEXT_LAYER if confidence == 1.0 else WordSource.OCR
    return Page(1, WIDTH, HEIGHT, tuple(words), source)


def ask(schema: str, *printed: Printed, confidence: float = 1.0) -> Answer:
    pages = (page(*printed, confidence=confidence),)
    return TextEngine().answer([Question("d", pages, load_schema(schema))])[0]


def leaf(values: Tree, path: str) -> object:
    node: object = values
    for part in path.split("."):
        assert isinstance(node, dict)
        node = node[part]
    return node
