"""The slips beside the reader, as documents of a training: 24 files with truth and words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from docextract.core import Box, Page, Word, WordSource
from docextract.evaluation import NameMapping
from docextract.schema import Schema
from docextract.schema.loading import load_schema
from docextract.training.collect.known_words import read_known_words
from docextract.training.collect.labelled_documents import from_text, from_truth
from docextract.training.collect.make_dataset import DataSettings, make_dataset
from docextract.training.collect.opened_pages import PageReader
from docextract.training.collect.question_kinds import Mixture
from docextract.training.dataset.dataset_folder import Dataset, write_dataset

ROOT = Path(__file__).parents[2]
SLIPS, READER = ROOT / "fixtures/slips", ROOT / "fixtures/reader"
SCHEMA = "vendor: name, number: id, date: date, subtotal: money, tax: money, total: money"


def slip_schema() -> Schema:
    """Return what is asked of slips."""
    return load_schema(SCHEMA)


def copy_slips(folder: Path, number: int = 24) -> Path:
    """Copy some slips, their truth and their words into a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("truth.jsonl", "words.jsonl"):
        lines = (SLIPS / name).read_text("utf-8").splitlines(keepends=True)[:number]
        (folder / name).write_text("".join(lines), "utf-8")
        for line in lines:
            shutil.copy(SLIPS / json.loads(line)["file"], folder)
    return folder


def slip_dataset(
    folder: Path,
    slips: Path = SLIPS,
    *,
    kinds: str = "whole=.5,subset=.2,single=.1,closer=.1,ask=.05,text=.05",
    with_labels: bool = True,
    **settings: Any,
) -> Dataset:
    """Make and write a dataset of slips."""
    words = read_known_words(slips / "words.jsonl", slips)
    truth = from_truth(slips / "truth.jsonl", slips, [slip_schema()], NameMapping.load(), [])
    documents = list(truth)
    if not with_labels:
        documents = list(from_text(document.path for document in documents))
    chosen = DataSettings(mixture=Mixture.parse(kinds), words=words, **settings)
    with PageReader(num_workers=1) as reader:
        dataset = make_dataset(folder, documents, [slip_schema()], chosen, [], print, reader)
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(dataset)
    return dataset


def page_of_lines(*lines: str) -> Page:
    """Return a page of words below each other, without pixels."""
    words = [
        Word(text, Box(0.1 + 0.15 * at, 0.03 * row, 0.2 + 0.15 * at, 0.03 * row + 0.02))
        for row, line in enumerate(lines)
        for at, text in enumerate(line.split())
    ]
    return Page(1, 100, 100, tuple(words), WordSource.TEXT_LAYER)
