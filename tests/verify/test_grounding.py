"""Grounding: a value is found by text or by value, and its box reads back as its quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.word_pages import Paper

from docextract.core import Box, Match, Page, Place, Word, WordSource
from docextract.normalise import NO_EVIDENCE, LocaleEvidence
from docextract.schema.loading import load_schema
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.grounding.page_text import PageText, fold, plain

SCHEMA = load_schema(
    "total: money, invoice_number: identifier, issue_date: date, vendor: name, tax_id: tax_id"
)
TOTAL, NUMBER, DATE, VENDOR, TAX_ID = SCHEMA.fields
LOCALE = LocaleEvidence(
    decimal_mark=",", day_first=True, currency="EUR", country="DE", language="de"
)


def page_of(*lines, source=WordSource.TEXT_LAYER):
    """Return a page with one line of words per string, 1 % of the page per character."""
    printed = ((5.0, 5.0 + 4.0 * row, 2.0, line) for row, line in enumerate(lines))
    return Paper(100.0, 100.0).page(*printed, source=source)


PAGE = page_of(
    "Nordlicht Werkzeuge GmbH",
    "Rechnungsnummer: RE 2024-0187 vom 03.04.2024",
    "Zwischensumme 49,92 €",
    "Gesamtbetrag 59,40 €",
    "Pos 5 Stück zu je 59,40 €",
)


def ground(field, value, raw=None, page=PAGE, place=None):
    return Grounder([page], LOCALE).ground(field, value, raw, place)


class TestFinding:
    def test_by_value_not_only_by_text(self):
        best = ground(TOTAL, "59.4")[0]
        assert best.evidence.quote == "59,40 €" or best.evidence.quote == "59,40"
        assert best.evidence.match is Match.NORMALIZED

    def test_the_place_with_the_label_wins(self):
        best = ground(TOTAL, "59.40", "59,40")[0]
        assert best.evidence.box.top == pytest.approx(0.17)
        assert best.fit > 0.9

    def test_exact_text_over_several_words(self):
        best = ground(NUMBER, "RE 2024-0187", "RE 2024-0187")[0]
        assert (best.evidence.quote, best.evidence.match) == ("RE 2024-0187", Match.EXACT)

    def test_dates_by_value(self):
        assert ground(DATE, "2024-04-03")[0].evidence.quote == "03.04.2024"

    def test_a_date_that_breaks_over_two_lines(self):
        page = page_of("Rechnung vom 02.04.2024, zahlbar bis zum 30.", "April 2024 auf das Konto.")
        best = ground(DATE, "2024-04-30", "30. April 2024", page=page)[0]
        assert best.evidence.quote == "30. April 2024"
        assert ground(DATE, "2024-04-03", "3. April 2024", page=page) == []

    def test_a_number_inside_a_longer_one_is_no_evidence(self):
        assert ground(TOTAL, "9.40") == []
        assert ground(TOTAL, "5940") == []

    def test_absent_value_has_no_evidence(self):
        assert ground(TOTAL, "1234.56", "1.234,56") == []

    def test_similar_long_text_is_fuzzy(self):
        best = ground(VENDOR, "Nordlicht Werkzeug GmbH")[0]
        assert best.evidence.match is Match.FUZZY

    def test_is_printed(self):
        grounder = Grounder([PAGE], LOCALE)
        assert grounder.is_printed(TOTAL, "49.92")
        assert not grounder.is_printed(TOTAL, "49.93")


class TestPlaces:
    def test_a_true_place_is_used(self):
        box = Box(0.17, 0.16, 0.30, 0.20)
        best = ground(TOTAL, "59.40", "59,40 €", place=Place(1, box))[0]
        assert best.evidence.box == box

    def test_a_wrong_place_is_not_believed(self):
        box = Box(0.0, 0.04, 1.0, 0.08)
        best = ground(TOTAL, "59.40", "59,40 €", place=Place(1, box))[0]
        assert best.evidence.box != box

    def test_a_place_on_a_page_that_was_not_read(self):
        assert ground(TOTAL, "59.40", "59,40", place=Place(7, Box(0, 0, 1, 1)))


TEXTS = st.sampled_from(["Total", "12,50", "€", "1.234,00", "ACME", "03.04.2024", "x"])


@given(
    st.lists(
        st.lists(TEXTS, min_size=1),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["12.50", "1234.00"]),
)
def test_every_box_reads_back_as_its_quote(lines, value):
    page = page_of(*(" ".join(line) for line in lines))
    for item in ground(TOTAL, value, page=page):
        assert PageText(page, NO_EVIDENCE).read_box(item.evidence.box) == item.evidence.quote


def test_fold_and_plain():
    assert fold("Müller & Söhne, GmbH") == "mullersohnegmbh"
    assert plain("-59.400") == plain("59.4") == "59.4"
    assert plain("100") == "100"


TILTED = Page(
    1,
    100,
    100,
    (
        Word("Green", Box(0.10, 0.10, 0.20, 0.15)),
        Word("Feed", Box(0.22, 0.11, 0.30, 0.16)),
        Word("Inc", Box(0.32, 0.12, 0.40, 0.17)),
        Word("Bailey", Box(0.10, 0.14, 0.20, 0.19)),
        Word("Drive", Box(0.22, 0.15, 0.30, 0.20)),
    ),
    WordSource.OCR,
)


def test_a_name_on_a_tilted_page_is_read_back_without_its_neighbours():
    around = Place(1, Box(0.10, 0.10, 0.40, 0.17))
    assert PageText(TILTED, NO_EVIDENCE).read_box(around.box) == "Green Feed Inc Bailey"
    (best,) = ground(VENDOR, "Green Feed Inc", "Green Feed Inc", TILTED, around)
    assert (best.evidence.quote, best.evidence.match) == ("Green Feed Inc", Match.EXACT)
    assert PageText(TILTED, NO_EVIDENCE).read_box(best.evidence.box) == best.evidence.quote


@pytest.mark.parametrize(
    ("field", "value", "printed"),
    [
        (VENDOR, "Broadview Sdn Bhd", "Broadview Sdn Bhd(728384-M)"),
        (NUMBER, "4300004732", "No.4300004732"),
        (TAX_ID, "000750673920", "ID:000750673920"),
        (TAX_ID, "DE211400934", "DE211400934·Kasseler"),
    ],
)
def test_what_touches_a_value_without_a_space_does_not_hide_it(field, value, printed):
    page = page_of(printed)
    place = Place(1, Box(0.0, 0.0, 1.0, 1.0))
    (best,) = ground(field, value, value, page, place)
    assert (best.evidence.quote, best.evidence.match) == (printed, Match.NORMALIZED)


@pytest.mark.parametrize("printed", ["ID:0007506739201", "9000750673920·Kasseler"])
def test_a_longer_number_glued_to_its_label_is_another(printed):
    place = Place(1, Box(0.0, 0.0, 1.0, 1.0))
    assert ground(TAX_ID, "000750673920", "000750673920", page_of(printed), place) == []


@pytest.mark.parametrize(
    "title", ["Rechnung Nr.", "Handelsrechnung (380) Nr.", "Schlussrechnung Nr."]
)
def test_a_compound_announces_what_its_last_word_does(title):
    schema = load_schema("invoice")
    field = next(item for item in schema.fields if item.path == "invoice_number")
    best = ground(field, "471102", "471102", page_of(f"{title} 471102"))[0]
    assert best.is_labelled


def test_a_part_of_any_other_word_announces_nothing():
    schema = load_schema("invoice")
    field = next(item for item in schema.fields if item.path == "invoice_number")
    assert not ground(field, "471102", "471102", page_of("Verrechnungskonto 471102"))[0].is_labelled
