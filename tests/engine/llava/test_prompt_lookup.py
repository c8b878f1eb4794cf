"""How a value goes on is guessed where the page prints what begins like it."""

from __future__ import annotations

from docextract.engine.llava.decode.prompt_lookup import Printed

PAGE = 'Invoice 4711-A\nInk for "pens" 12.50\nTotal 12.95\nSUM 47\nStraße 4712'


def test_a_value_goes_on_as_the_page_does():
    printed = Printed(PAGE)
    assert printed.after("4711").startswith("-A Ink")
    assert printed.after("Stra").startswith("ße 4712")


def test_the_next_place_counts_as_fields_come_in_reading_order():
    printed = Printed(PAGE)
    assert printed.after("12.").startswith("50")
    assert printed.after("12.").startswith("50"), "the value is the same one until it ends"
    assert printed.after("Total") == " 12.95 SUM 47 Straße 4712"
    assert printed.after("12.").startswith("95")
    assert printed.after("Inv").startswith("oice"), "what stands before is found all the same"


def test_values_begin_where_words_do():
    assert Printed(PAGE).after("711") == ""
    assert Printed(PAGE).after("4") == "", "one character says nothing"


def test_quotes_end_a_guess_as_they_end_a_value():
    assert Printed(PAGE).after("Ink for") == ""
    assert Printed("a\\b cd").after("a\\\\b") == " cd"
    assert Printed().after("Total") == ""
