"""What another program of a vendor prints elsewhere, or orders or ends otherwise, is found too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docextract.core import Box, Page, Place, Word, WordSource
from docextract.learning.clues.block import block_at, ends_at_gap
from docextract.learning.clues.day_first import order_of
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import Memory
from docextract.learning.recall import known_layout, recall
from docextract.normalise import NOTHING, Reading, gather_evidence
from docextract.schema.loading import load_schema
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.merging import values_of

SCHEMA = load_schema("vendor: name, issued: date, total: money, at: address")
HEAD = [(0.1, 0.02, "Carpentry Workshop Orchard Lane"), (0.1, 0.06, "Cupboards Benches Shelves")]
FOOT = [(0.1, 0.94, "Delivery within three weeks Thanks for choosing wood")]


def page(*placed):
    """Return a page of texts at fractions of it, each word as wide as its letters."""
    words = []
    for left, top, text in placed:
        for word in text.split():
            words.append(Word(word, Box(left, top, left + 0.008 * len(word), top + 0.012)))
            left += 0.008 * len(word) + 0.004
    return Page(1, 1000, 1400, tuple(words), WordSource.TEXT_LAYER)


def taught(first, **said):
    return learn(Memory(), Lesson("a" * 64, [first], SCHEMA, said, {}, {}))


def remembered(memory, new, schema=SCHEMA, *, failures=lambda *_: 0, **read):
    locale = gather_evidence([" ".join(word.text for word in new.words)])
    layout = known_layout(schema.name, [new], memory)
    assert layout is not None
    given = {path: Reading(text, (text,), raw=text) for path, text in read.items()}
    values = values_of(schema, {it.path: given.get(it.path, NOTHING) for it in schema.fields})
    return recall(values, [new], layout, Grounder([new], locale).ground, locale, failures)


def test_a_sum_is_found_by_its_label_where_another_program_prints_it_farther_away():
    first = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "812.50"), *FOOT)
    moved = page(*HEAD, (0.4, 0.7, "Reckoning"), (0.6, 0.7, "GBP"), (0.83, 0.7, "95.10"), *FOOT)
    value = remembered(taught(first, total="812.50"), moved)["total"]
    assert value.value == "95.10"
    assert value.probability is not None and value.probability < 0.6


def test_names_are_not_taken_from_where_their_label_leads_now():
    first = page(*HEAD, (0.1, 0.5, "Keeper"), (0.2, 0.5, "Ada Birch"), *FOOT)
    moved = page(*HEAD, (0.1, 0.7, "Keeper"), (0.5, 0.7, "of the keys"), *FOOT)
    assert remembered(taught(first, vendor="Ada Birch"), moved).text("vendor") is None


@pytest.mark.parametrize(
    ("printed", "value", "order"),
    [("2016-19-03", "2016-03-19", "day"), ("2016-03-19", "2016-03-19", "month")],
)
def test_the_year_may_stand_before_day_and_month(printed, value, order):
    assert order_of(printed, value) == order


def test_the_order_of_a_layout_is_taken_over_what_its_print_alone_means():
    first = page(*HEAD, (0.6, 0.2, "Written"), (0.72, 0.2, "2016-19-03"), *FOOT)
    later = page(*HEAD, (0.6, 0.2, "Written"), (0.72, 0.2, "2019-11-02"), *FOOT)
    memory = taught(first, issued="2016-03-19")
    assert remembered(memory, later, issued="2019-11-02").text("issued") == "2019-02-11"


def test_a_document_that_shows_its_own_order_keeps_it():
    first = page(*HEAD, (0.6, 0.2, "Written"), (0.72, 0.2, "03/25/2024"), *FOOT)
    memory = taught(first, issued="2024-03-25")
    later = [*HEAD, (0.6, 0.2, "Written"), (0.72, 0.2, "04/09/2024"), *FOOT]
    assert remembered(memory, page(*later)).text("issued") == "2024-04-09"
    shown = page(*later, (0.1, 0.8, "since 25/12/2020"))
    assert remembered(memory, shown).text("issued") == "2024-09-04"


def test_the_party_itself_is_who_it_was_though_another_name_was_read():
    first = page(*HEAD, (0.1, 0.3, "Quotation"), *FOOT)
    memory = taught(first, vendor="Carpentry Workshop Orchard Lane")
    value = remembered(memory, first, vendor="Quotation")["vendor"]
    assert value.value == "Carpentry Workshop Orchard Lane"
    assert value.memory == "as in 1 document confirmed before; Quotation was read"


def test_an_address_goes_on_to_the_white_space_below_it():
    short = [(0.1, 0.30, "Dock 3"), (0.1, 0.32, "Mesa 85204")]
    texts = ("Estates Office of the Bridge", "5 Kings Parade", "Bristol")
    long = [(0.1, 0.30 + 0.02 * row, text) for row, text in enumerate(texts)]
    box = Box(0.1, 0.30, 0.19, 0.332)
    first, other = page(*short, (0.1, 0.4, "Quotation")), page(*long, (0.1, 0.4, "Quotation"))
    assert ends_at_gap(first, box)
    assert [len(line) for line in block_at(other, box, is_to_gap=True)] == [5, 3, 1]
    assert [len(line) for line in block_at(other, box, is_to_gap=False)] == [5, 3]
    tight = page(*short, (0.1, 0.34, "VAT 99"))
    assert not ends_at_gap(tight, box)


def test_what_stands_by_the_label_of_another_field_is_not_taken_for_a_row_that_is_missing():
    schema = load_schema("freight: money, goods: money")
    freight = [(0.5, 0.5, "Lighterage"), (0.8, 0.5, "44.99")]
    rows = [*freight, (0.5, 0.52, "Stores"), (0.8, 0.52, "812.50")]
    without = [(0.5, 0.5, "Stores"), (0.8, 0.5, "95.10")]
    said = {"freight": "44.99", "goods": "812.50"}
    memory = learn(Memory(), Lesson("a" * 64, [page(*HEAD, *rows, *FOOT)], schema, said, {}, {}))
    found = remembered(memory, page(*HEAD, *without, *FOOT), schema)
    assert (found.text("freight"), found.text("goods")) == (None, "95.10")


def test_a_number_that_a_scan_gave_a_speck_is_found_again():
    schema = load_schema("docket: identifier")
    first = page(*HEAD, (0.7, 0.1, "000760."), *FOOT)
    memory = learn(Memory(), Lesson("a" * 64, [first], schema, {"docket": "000760"}, {}, {}))
    later = page(*HEAD, (0.7, 0.1, "000781"), *FOOT)
    assert remembered(memory, later, schema).text("docket") == "000781"


def test_amounts_without_decimals_are_found_where_the_confirmed_one_had_none_either():
    schema = load_schema("altogether: money")
    first = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "358 800 Ft"), *FOOT)
    later = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "36 000 Ft"), *FOOT)
    said = {"altogether": "358800"}
    memory = learn(Memory(), Lesson("a" * 64, [first], schema, said, {}, {}))
    assert remembered(memory, later, schema).text("altogether") == "36000"
    other = taught(
        page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "812.50"), *FOOT), total="812.50"
    )
    cut = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "9510"), *FOOT)
    assert remembered(other, cut).text("total") is None


def test_a_sign_of_currency_between_label_and_value_hides_no_label():
    first = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.74, 0.5, "€"), (0.77, 0.5, "812.50"), *FOOT)
    (clue,) = (it for it in taught(first, total="812.50").layouts[0].clues["total"] if it.label)
    assert clue.label == "reckoning"


def test_of_two_places_of_a_confirmed_sum_the_one_counts_that_adds_up():
    """With a single row its amount is the sum; in the next document two rows stand there."""
    heading, row = (0.75, 0.3, "Worth"), (0.75, 0.32, "812.50")
    first = page(*HEAD, heading, row, (0.5, 0.34, "Reckoning"), (0.75, 0.34, "812.50"), *FOOT)
    new = [heading, (0.75, 0.32, "10.00"), (0.75, 0.36, "20.00")]
    later = page(*HEAD, *new, (0.5, 0.38, "Reckoning"), (0.75, 0.38, "30.00"), *FOOT)
    memory = taught(first, total="812.50")

    def fails(wanted):
        return lambda values, path: values.text(path) != wanted

    for wanted in ("30.00", "10.00"):
        assert remembered(memory, later, failures=fails(wanted)).text("total") == wanted


def test_a_sum_of_two_names_is_what_was_read_for_the_other_where_its_label_is_gone():
    """Whoever prints one amount for both prints it so in French as well."""
    schema = load_schema("net: money, goods: money")
    first = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "812.50"), *FOOT)
    said = {"net": "812.50", "goods": "812.50"}
    memory = learn(Memory(), Lesson("a" * 64, [first], schema, said, {}, {}))
    other = page(*HEAD, (0.2, 0.7, "Somme"), (0.4, 0.7, "95.10"), *FOOT)
    assert remembered(memory, other, schema)["goods"].value is None
    found = remembered(memory, other, schema, net="95.10")["goods"]
    assert found.value == "95.10"


@pytest.mark.parametrize(
    ("source", "read", "name"),
    [
        (WordSource.OCR, "Orchard Lanc", "Orchard Lane"),
        (WordSource.TEXT_LAYER, "Orchard Lanc", "Orchard Lanc"),
        (WordSource.OCR, "Orchard Lane 2", "Orchard Lane 2"),
    ],
)
def test_a_name_on_a_scan_is_spelled_as_somebody_confirmed_it_but_for_its_numbers(
    source, read, name
):
    first, new = (page((0.1, 0.02, it), *HEAD[1:], *FOOT) for it in ("Orchard Lane", read))
    memory = taught(first, vendor="Orchard Lane")
    assert remembered(memory, replace(new, word_source=source), vendor=read).text("vendor") == name


def test_an_amount_that_lost_its_point_is_found_where_it_stands_with_it():
    first = page(*HEAD, (0.6, 0.4, "Wares"), (0.75, 0.4, "7.00"), (0.6, 0.5, "Reckoning"),
                 (0.75, 0.5, "7.00"), *FOOT)  # fmt: skip
    scan = page(*HEAD, (0.6, 0.4, "Wares"), (0.75, 0.4, "9.60"), (0.6, 0.5, "Reckoning"),
                (0.75, 0.5, "960"), *FOOT)  # fmt: skip
    place = Place(1, Box(0.75, 0.5, 0.79, 0.512))
    memory = learn(
        Memory(), Lesson("a" * 64, [first], SCHEMA, {"total": "7.00"}, {"total": place}, {})
    )
    assert remembered(memory, scan).text("total") == "9.60"


def test_what_was_read_is_kept_if_it_alone_adds_up_and_clues_differ_and_is_less_sure():
    first = page(*HEAD, (0.3, 0.5, "Reckoning"), (0.45, 0.5, "812.50"), (0.6, 0.7, "Altogether"),
                 (0.75, 0.7, "812.50"), *FOOT)  # fmt: skip
    new = page(*HEAD, (0.3, 0.5, "Reckoning"), (0.45, 0.5, "95.10"), (0.6, 0.7, "Altogether"),
               (0.75, 0.7, "19.50"), (0.3, 0.3, "77.00"), *FOOT)  # fmt: skip
    memory = taught(first, total="812.50")
    found = remembered(
        memory, new, failures=lambda it, _: it.text("total") != "77.00", total="77.00"
    )
    assert found.text("total") == "77.00"
    assert (found["total"].probability or 0.0) < 0.9
    assert remembered(memory, new, total="77.00").text("total") != "77.00"


def test_an_amount_that_people_always_said_is_not_there_is_left_out():
    sheet = page(*HEAD, (0.3, 0.5, "Reckoning"), (0.45, 0.5, "812.50"), *FOOT)
    lesson = Lesson("a" * 64, [sheet], SCHEMA, {"total": None}, {}, {"total": "812.50"})
    assert remembered(learn(Memory(), lesson), sheet, total="812.50")["total"].value is None


def test_several_kinds_of_clues_outweigh_a_guess_though_one_document_taught_them():
    first, new = (
        page(*HEAD, (0.1, 0.3, "Issued"), (0.3, 0.3, day), (0.6, 0.8, "20 May 2026"), *FOOT)
        for day in ("12 March 2026", "15 April 2026")
    )
    lesson = Lesson(
        "a" * 64, [first], SCHEMA, {"issued": "2026-03-12"}, {}, {"issued": "2026-03-12"}
    )
    layout = known_layout(SCHEMA.name, [new], learn(Memory(), lesson))
    assert layout is not None
    locale = gather_evidence([])
    for sure, said in ((0.7, "2026-04-15"), (0.99, "2026-05-20")):
        read = {it.path: NOTHING for it in SCHEMA.fields}
        read["issued"] = Reading("2026-05-20", ("2026-05-20",), raw="20 May 2026")
        values = values_of(SCHEMA, read)
        values = values.put(replace(values["issued"], probability=sure))
        found = recall(values, [new], layout, Grounder([new], locale).ground, locale, lambda *_: 0)
        assert found.text("issued") == said


def test_which_crown_is_meant_is_what_it_was():
    schema = load_schema("vendor: name, currency: currency")
    sheet = page(*HEAD, (0.6, 0.5, "Reckoning"), (0.75, 0.5, "812.50"), *FOOT)
    memory = learn(
        Memory(), Lesson("a" * 64, [sheet], schema, {"currency": "DKK"}, {}, {"currency": "DKK"})
    )
    values = values_of(schema, {it.path: NOTHING for it in schema.fields})
    locale, layout = gather_evidence([]), known_layout(schema.name, [sheet], memory)
    assert layout is not None
    for is_guess, said in ((True, "DKK"), (False, "SEK")):
        guess = Reading("SEK", ("SEK", "DKK"), is_ambiguous=is_guess, raw="kr")
        read = values.put(replace(values["currency"], value="SEK", reading=guess, probability=0.9))
        found = recall(
            read, [sheet], layout, Grounder([sheet], locale).ground, locale, lambda *_: 0
        )
        assert found.text("currency") == said


def test_addresses_that_were_taken_for_each_other_are_given_back():
    schema = load_schema("invoice")
    own, theirs = "Quay Street 4, 24103 Kiel", "Mesa Road 9, 85204 Mesa"

    def letter(buyer):
        house = [(0.1, 0.10, "Quay Street 4"), (0.1, 0.12, "24103 Kiel")]
        street, town = buyer.split(", ")
        return page(*HEAD, *house, (0.6, 0.10, street), (0.6, 0.12, town), *FOOT)

    said = {"seller.address": own, "buyer.address": "Dock Lane 3, 99084 Erfurt"}
    first = letter(said["buyer.address"])
    places = {
        "seller.address": Place(1, Box(0.1, 0.1, 0.25, 0.132)),
        "buyer.address": Place(1, Box(0.6, 0.1, 0.75, 0.132)),
    }
    memory = learn(Memory(), Lesson("a" * 64, [first], schema, said, places, said))
    swapped = {"seller.address": theirs, "buyer.address": own}
    found = remembered(memory, letter(theirs), schema, **swapped)
    assert found.text("seller.address") == own
    assert found.text("buyer.address") == theirs
