"""The engine with weights that read: each part of the path is needed, and seen in what is read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.processes import docextract
from support.read_slips import (
    as_jpeg,
    printed_values,
    question_about,
    share_right,
    slip_images,
)
from support.slips import READER, SCHEMA, SLIPS, copy_slips, slip_schema

from docextract.core import Box, Word, WordSource
from docextract.engine.llava.llava_engine import LlavaEngine
from docextract.engine.llava.vision import encoder as encoder_module
from docextract.schema.sources.free_question import free_answer

pytestmark = pytest.mark.model
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def questions():
    return [question_about(image) for _, image in slip_images()]


@pytest.fixture(scope="module")
def answers(reading, questions):
    return reading.answer(questions)


def test_it_reads_slips_it_was_never_taught(answers):
    assert share_right(answers, printed_values()) >= 0.97


def test_slots_change_no_answer(reading, questions, answers):
    for question, answer in list(zip(questions, answers, strict=True))[::4]:
        (alone,) = reading.answer([question])
        assert alone.values == answer.values
        for path, probability in alone.probabilities.items():
            assert probability == pytest.approx(answer.probabilities[path], abs=1e-3)


def with_words(question, row):
    """Return a question whose page knows its words, which are not told to the model."""
    words = tuple(Word(text, Box(*box)) for text, *box in row["words"])
    page = replace(question.pages[0], words=words, word_source=WordSource.OCR)
    return replace(question, pages=(page,))


def test_words_of_the_page_save_passes_and_change_no_answer(reading, questions):
    rows = [json.loads(line) for line in (SLIPS / "words.jsonl").read_text("utf-8").splitlines()]
    known = [with_words(question, row) for question, row in zip(questions[:8], rows, strict=False)]
    decoder = reading._decoder
    begin = decoder.num_forwards
    plain = reading.answer(questions[:8])
    middle = decoder.num_forwards
    found = reading.answer(known)
    assert [answer.values for answer in found] == [answer.values for answer in plain]
    for answer, other in zip(found, plain, strict=True):
        assert answer.probabilities == pytest.approx(other.probabilities, abs=1e-3)
    assert 1.2 * (decoder.num_forwards - middle) < middle - begin


def test_images_swapped_are_answers_swapped(reading, questions, answers):
    wanted = printed_values()
    assert share_right(answers, wanted[1:] + wanted[:1]) < 0.2


def test_4_bits_read_nearly_as_well(questions, answers, reading):
    assert reading._model.quantization == "none"
    engine = LlavaEngine(READER, num_slots=8, quantization="nf4")
    share = share_right(engine.answer(questions), printed_values())
    engine.close()
    assert share >= share_right(answers, printed_values()) - 0.03


def broken_reading(questions, monkeypatch, name, change):
    """Return the share of fields right when one part of the vision side is changed."""
    whole = getattr(encoder_module, name)
    monkeypatch.setattr(encoder_module, name, lambda *args: change(whole, *args))
    engine = LlavaEngine(READER, num_slots=8)
    share = share_right(engine.answer(questions[:12]), printed_values()[:12])
    engine.close()
    return share


def test_tiles_in_another_order_cannot_be_read(questions, monkeypatch):
    def reordered(cut, *args):
        tiles = cut(*args)
        return tiles[[0, 2, 1, 4, 3]]

    assert broken_reading(questions, monkeypatch, "cut_tiles", reordered) < 0.6


def test_the_base_tile_stands_first(questions, monkeypatch):
    def reordered(cut, *args):
        tiles = cut(*args)
        return tiles[[1, 0, 2, 3, 4]]

    assert broken_reading(questions, monkeypatch, "cut_tiles", reordered) < 0.9


def test_rows_in_another_order_cannot_be_read(questions, monkeypatch):
    def turned(pack, tiles, view, newline):
        import torch

        packed = pack(tiles, view, newline)
        num_base = tiles.shape[1]
        rows = packed[num_base:].unflatten(0, (view.pooled.rows, -1)).flip(0)
        return torch.cat([packed[:num_base], rows.flatten(0, 1)])

    assert broken_reading(questions, monkeypatch, "pack_features", turned) < 0.6


def test_every_line_can_be_copied(reading):
    rows = [json.loads(line) for line in (SLIPS / "printed.jsonl").read_text("utf-8").splitlines()]
    images = [image for _, image in slip_images()][:8]
    asked = [question_about(image, free_answer(), "What is printed?") for image in images]
    given = [answer.values["answer"] or "" for answer in reading.answer(asked)]
    lines = [line for row in rows[:8] for line in row["text"].split("\n")]
    read = [line for text in given for line in text.split("\n")]
    assert sum(line in read for line in lines) >= 0.8 * len(lines)


def test_probability_is_earned_in_domain(reading, questions, answers):
    wanted = printed_values()
    sure = [
        answer.values[path] == row[path]
        for answer, row in zip(answers, wanted, strict=True)
        for path, probability in answer.probabilities.items()
        if probability >= 0.97
    ]
    assert len(sure) > 80
    assert sum(sure) >= 0.99 * len(sure)


def test_jpeg_is_read(reading):
    images = [as_jpeg(image, 25) for _, image in slip_images()]
    found = reading.answer([question_about(image) for image in images])
    assert share_right(found, printed_values()) >= 0.9


def test_some_fields_are_asked_alone(reading):
    from docextract.training.dataset.asked_schema import with_fields

    images = [image for _, image in slip_images()]
    schema = with_fields(slip_schema(), ("number", "total"))
    found = reading.answer([question_about(image, schema) for image in images])
    wanted = [{path: row[path] for path in ("number", "total")} for row in printed_values()]
    assert share_right(found, wanted) >= 0.9


def test_the_command_of_the_readme(tmp_path):
    # Half of them: OCR, which verifies what is read, takes longer than the reader.
    slips = copy_slips(tmp_path / "slips", 12)
    docextract(
        "run", slips, "--engine", "llava", "--model", READER, "--schema", SCHEMA, "--out", "out",
        "-q", cwd=tmp_path, environment=ENVIRONMENT, check=0,
    )  # fmt: skip
    lines = (tmp_path / "out/results.jsonl").read_text("utf-8").splitlines()
    wanted = dict(zip([name for name, _ in slip_images()], printed_values(), strict=True))
    right = []
    for record in map(json.loads, lines):
        assert record["engine"]["name"] == "llava"
        truth = wanted[record["document"]["path"].rpartition("/")[2]]
        right += [record["fields"][path]["raw"] == truth[path] for path in truth]
    assert len(right) == 72
    assert sum(right) >= 0.9 * len(right)


def test_a_question_in_ones_own_words(tmp_path):
    name, _ = slip_images()[0]
    done = docextract(
        "ask", SLIPS / name, "-q", "What is printed?", "--engine", "llava", "--model", READER,
        cwd=tmp_path, environment=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert printed_values()[0]["total"] in done.stdout
