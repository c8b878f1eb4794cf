"""Words read off pixels are kept: another schema, or a run that goes on, costs no OCR."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from docextract.batch.runner import run_batch
from docextract.core import (
    Box,
    OptionError,
    Page,
    ReadOptions,
    RunOptions,
    StoreError,
    Word,
    WordSource,
)
from docextract.documents.discovery.discover import Discovery
from docextract.documents.ocr import page_words
from docextract.documents.opening import open_document
from docextract.documents.pages.card_words import mask_words
from docextract.documents.pages.page_cache import Wanted, pack, reading_id, unpack
from docextract.store import Store

LINES = ("Harbour Books Ltd", "Receipt no 4711", "14 March 2024", "Total GBP 59.40")
READING = reading_id(ReadOptions())


class Told:
    """A reporter that keeps messages alone."""

    def __init__(self):
        self.messages = []

    def message(self, text):
        self.messages.append(text)

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def picture(*lines):
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((60, 60 + 80 * row), line, "black", ImageFont.load_default(40))
    return image


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A folder with a scan that was read once as a receipt, and the record of it."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "in").mkdir()
    picture(*LINES).save(folder / "in/scan.png")
    _, (record,), _ = run(folder, "receipt")
    return folder, record


@pytest.fixture
def scan(tmp_path, first_run):
    """A scan with a run behind it, whose store the test may change."""
    shutil.copytree(first_run[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / "in/scan.png"


def run(tmp_path, schema, **options):
    told = Told()
    out = tmp_path / "out"
    summary = run_batch(
        RunOptions((str(tmp_path / "in"),), schema, out, "text", num_workers=1, **options), told
    )
    rows = [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]
    return summary, rows, told.messages


def kept(tmp_path):
    with Store.read_only(tmp_path / "out") as store:
        (stored,) = store.documents()
        sha256 = stored.tree["document"]["sha256"]
        return sha256, store.kept_pages(sha256, READING)


def tamper(tmp_path, packed, number=1):
    """Put other words in place of those that were read."""
    database = sqlite3.connect(tmp_path / "out/.docextract/store.sqlite")
    database.execute("UPDATE pages SET packed = ? WHERE number = ?", (packed, number))
    database.commit()
    database.close()


def unpacked(packed):
    page = unpack(1, packed)
    assert page is not None
    return page


def with_other_total(packed):
    page = unpacked(packed)
    words = tuple(w._replace(text="71.20") if w.text == "59.40" else w for w in page.words)
    return pack(replace(page, words=words))


def test_a_second_schema_reads_no_pixels(tmp_path, scan, first_run, monkeypatch):
    first = first_run[1]
    assert (first["values"]["total"], first["pages"][0]["word_source"]) == ("59.40", "ocr")
    _, pages = kept(tmp_path)

    def refuse():
        raise AssertionError("pixels were read")

    monkeypatch.setattr(page_words, "ocr_engine", refuse)
    (found,) = Discovery([str(scan)])
    with pytest.raises(AssertionError, match="pixels were read"):
        list(open_document(found.document, ReadOptions()))
    parts = list(open_document(found.document, ReadOptions(), kept=pages))
    (page,) = (part for part in parts if isinstance(part, Page))
    assert [word.text for word in page.words] == " ".join(LINES).split()
    # A run does the same: what it says of the second schema are the words that were kept.
    tamper(tmp_path, with_other_total(pages[1]))
    _, (second,), messages = run(tmp_path, "invoice")
    assert any("holds receipt records too; its files now show invoice" in m for m in messages)
    assert second["schema"]["name"] == "invoice"
    assert second["values"]["totals"]["gross"] == "71.20"
    assert second["pages"] == first["pages"]


def test_a_kept_page_is_the_page_as_it_was_read(tmp_path, scan):
    (found,) = Discovery([str(scan)])
    fresh = [part for part in open_document(found.document, ReadOptions()) if type(part) is Page]
    _, pages = kept(tmp_path)
    assert [unpack(1, pages[1])] == fresh


@pytest.mark.parametrize("rotation", [0, 90, 180])
def test_pixels_are_turned_as_they_were(tmp_path, rotation):
    path = tmp_path / "turned.png"
    picture(*LINES).rotate(rotation, expand=True).save(path)
    (found,) = Discovery([str(path)])

    def read(**kept):
        return next(
            part
            for part in open_document(found.document, ReadOptions(), with_images=True, **kept)
            if isinstance(part, Page)
        )

    fresh = read()
    assert fresh.rotation == rotation
    assert read(kept={1: pack(fresh)}) == fresh


def test_force_and_other_options_read_again(tmp_path, scan):
    shutil.rmtree(tmp_path / "out")
    run(tmp_path, "receipt")
    sha256, pages = kept(tmp_path)
    tamper(tmp_path, with_other_total(pages[1]))
    _, (row,), _ = run(tmp_path, "receipt", force=True)
    assert row["values"]["total"] == "59.40"
    assert kept(tmp_path) == (sha256, pages)
    tamper(tmp_path, with_other_total(pages[1]))
    _, (row,), _ = run(tmp_path, "invoice", read=ReadOptions(max_pixels=400_000))
    assert row["values"]["totals"]["gross"] == "59.40"
    with Store.read_only(tmp_path / "out") as store:
        assert store.kept_pages(sha256, READING) == {}


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no zlib",
        zlib.compress(b"[]"),
        zlib.compress(b'{"size": 1}'),
        zlib.compress(b" " * 2**27),
        "text",
        None,
    ],
)
def test_a_damaged_page_is_read_again(damaged):
    assert unpack(1, damaged) is None
    assert Wanted(False, {1: damaged}).finished(1) is None


def test_a_run_puts_a_damaged_page_right(tmp_path, scan):
    _, pages = kept(tmp_path)
    tamper(tmp_path, pages[1][:-3])
    summary, (row,), _ = run(tmp_path, "invoice")
    assert (summary.exit_code, row["values"]["totals"]["gross"]) == (0, "59.40")
    assert kept(tmp_path)[1] == pages


def test_pages_with_a_text_layer_are_not_kept():
    assert pack(Page(1, 10, 10, (), WordSource.TEXT_LAYER)) is None


edges = st.floats(0, 1)
words = st.builds(Word, st.text(min_size=1), st.builds(Box, edges, edges, edges, edges), edges)


@given(st.lists(words, max_size=5), st.sampled_from([0, 90, 180, 270]), st.floats(1, 5000))
def test_packing_gives_the_page_back(some, rotation, width):
    page = Page(3, width, 842.0, tuple(some), WordSource.OCR, rotation, notes=("reduced_dpi",))
    packed = pack(page)
    assert packed is not None and unpack(3, packed) == page


def test_a_killed_run_goes_on_at_the_page_it_had_reached(tmp_path):
    (tmp_path / "in").mkdir()
    first, *others = [picture(f"Page {number}", *LINES) for number in range(1, 5)]
    first.save(tmp_path / "in/long.tiff", save_all=True, append_images=others)
    command = [sys.executable, "-m", "docextract", "run", "in", "--schema", "receipt", "-q"]
    process = subprocess.Popen([*command, "-j", "1"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    path = tmp_path / "out/.docextract/store.sqlite"
    while process.poll() is None and not num_kept(path):
        time.sleep(0.01)
    process.kill()
    process.wait()
    num_before = num_kept(path)
    assert 0 < num_before < 4
    database = sqlite3.connect(path)
    (packed,) = database.execute("SELECT packed FROM pages WHERE number = 1").fetchone()
    database.close()
    page = unpacked(packed)
    words = tuple(word._replace(text=f"{word.text}!") for word in page.words)
    tamper(tmp_path, pack(replace(page, words=words)))
    summary, (row,), _ = run(tmp_path, "receipt")
    assert (summary.exit_code, len(row["pages"])) == (0, 4)
    assert num_kept(path) == 4
    assert unpacked(kept(tmp_path)[1][1]).words == words


def num_kept(path):
    try:
        with Store.read_only(path.parent.parent) as store:
            (count,) = store._database.first("SELECT count(*) FROM pages") or (0,)
            return count
    except (OptionError, StoreError):  # the store is still being made
        return 0


def test_the_store_is_private(tmp_path, scan, first_run):
    path = first_run[0] / "out/.docextract/store.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path = tmp_path / "out/.docextract/store.sqlite"
    path.chmod(0o644)
    with Store.open(tmp_path / "out"):
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("store.*")}
    assert modes == {0o600}


def row_of(text, top=0.5, gap=0.01):
    """Return words of one line, a hundredth of the page wide for each character."""
    words, left = [], 0.05
    for part in text.split():
        right = left + 0.01 * len(part)
        words.append(Word(part, Box(left, top, right, top + 0.02)))
        left = right + gap
    return words


@pytest.mark.parametrize(
    ("printed", "masked"),
    [
        ("Visa 4111 1111 1111 1111 12/26", "Visa 4111 11** **** 1111 12/26"),
        ("Amex 3782 822463 10005", "Amex 3782 22**** *0005".replace("22****", "82****")),
        ("Card:4111111111111111 ok", "Card:411111******1111 ok"),
        ("4111-1111-1111-1111", "411111******1111"),
        ("GB82 4111 1111 1111 1111", "GB82 4111 1111 1111 1111"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("2223 0031 2200 3222", "2223 00** **** 3222"),
        ("2100 0000 0000 0006", "2100 0000 0000 0006"),
        ("41 11111111 111111", "41 11111111 111111"),
    ],
)
def test_card_numbers_are_masked_in_the_words(printed, masked):
    words = row_of(printed)
    found = mask_words(words)
    assert " ".join(word.text for word in found) == masked
    assert [word.box for word in found] == [word.box for word in words]


def test_numbers_in_columns_are_no_card():
    words = row_of("4111 1111 1111 1111", gap=0.1)
    assert mask_words(words) == tuple(words)
    lines = [word for top in (0.1, 0.2, 0.3, 0.4) for word in row_of("4111", top)]
    assert mask_words(lines) == tuple(lines)


def test_card_numbers_on_a_scan_are_in_no_file(tmp_path):
    (tmp_path / "in").mkdir()
    buffer = io.BytesIO()
    picture(*LINES, "Visa 4111 1111 1111 1111", "Card 4111111111111111").save(buffer, "PNG")
    (tmp_path / "in/card.png").write_bytes(buffer.getvalue())
    run(tmp_path, "receipt")
    _, pages = kept(tmp_path)
    text = "".join(word.text for word in unpacked(pages[1]).words)
    assert "411111******1111" in text
    assert "4111111111111111" not in text
