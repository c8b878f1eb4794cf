"""What announces a field: the vocabulary, other ways of putting a name, damaged phrases."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docextract.engine.text.labels.index import build_index, nearest
from docextract.schema.languages.wording import MAX_PHRASES, described, wordings
from docextract.schema.loading import load_schema
from docextract.schema.types import Labels, labels
from docextract.schema.vocabulary import concepts, guess_labels

LANGUAGES = {"en", "de", "fr", "es", "it", "nl", "pt", "ms"}
NAME_WORDS = ["date", "of", "birth", "is", "number", "total", "no", "payer", "s", "the", "x"]
INDEX = build_index(load_schema("invoice"))


@pytest.mark.parametrize("name", concepts())
def test_every_concept_is_known_in_eight_languages(name: str) -> None:
    by_language = dict(concepts()[name].labels.by_language)
    assert set(by_language) >= LANGUAGES
    assert all(phrases and all(phrases) for phrases in by_language.values())


def test_no_name_of_a_field_means_two_things() -> None:
    names = [alias for concept in concepts().values() for alias in concept.aliases.split()]
    assert len(names) == len(set(names))


def test_the_best_label_of_each_language_comes_before_the_second_best() -> None:
    both = Labels(en=["total due", "total"], de=["Zahlbetrag", "total", "Summe"])
    assert both.phrases == ("total due", "zahlbetrag", "total", "summe")


def test_labels_can_be_added_to() -> None:
    more = labels("invoice_number").plus(de=["Belegkennung"])
    assert more.phrases[0] == "belegkennung"
    assert set(more.phrases) > set(labels("invoice_number").phrases)


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        ("registrant name", "name of the registrant"), ("date of birth", "birth date"),
        ("payer tin", "payer's tin"), ("ssn", "social security number"),
        ("expiry date", "expires on"), ("account numbers", "account number"),
        ("policy number", "policy"), ("is leased", "leased"), ("start date", "from date"),
        ("acct no", "account no"), ("received date", "received on"),
    ],
)  # fmt: skip
def test_other_ways_of_putting_a_name(words: str, phrase: str) -> None:
    assert wordings(words.split())[0] in (words, words.removeprefix("is "))
    assert phrase in wordings(words.split())


@given(st.lists(st.sampled_from(NAME_WORDS), min_size=1, max_size=6))
@example(["of", "the", "of", "the"])
def test_wordings_of_any_words_are_few_and_never_empty(words: list[str]) -> None:
    found = wordings(words)
    assert 0 < len(found) <= MAX_PHRASES
    assert all(phrase.strip() for phrase in found)


def test_what_a_description_says() -> None:
    assert described("Printed as “Ski pass” or 'Lift pass'") == ("ski pass", "lift pass")
    assert described("Resort name.") == ("resort name",)
    assert described("The number the authority gave when it was first asked") == ()


def test_a_known_name_ranks_its_own_words_first() -> None:
    found = guess_labels("bill.due_date", None, load_schema("x: date, y").fields[0].kind)
    assert found[0] == "due date"
    assert "tarikh akhir bayaran" in found


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("lnvoicenurnber", "invoicenumber"), ("1nvoicedate", "invoicedate"),
        ("rechnungsnumrner", "rechnungsnummer"), ("gesamtbetraq", "gesamtbetrag"),
        ("t0tal", "total"), ("invoicenumbr", "invoicenumber"),
        ("totalamountexcludingvta", None), ("tctal", None), ("harbourbooks", None),
    ],
)  # fmt: skip
def test_damaged_phrases(damaged: str, meant: str | None) -> None:
    found = nearest(damaged, INDEX)
    assert (found and found[0].phrase) == meant
    assert found is None or 0.7 < found[1] <= 0.9


@pytest.mark.parametrize("printed", ["orderno", "ordernr", "order#", "ordernum", "noorder"])
def test_any_word_for_number_does(printed: str) -> None:
    known = printed in build_index(load_schema("order_number: identifier, x")).entries
    assert known == (printed != "noorder")


@pytest.mark.parametrize(
    ("field", "concept"),
    [
        ("payment_due_date: date", "due_date"), ("vendor_iban: iban", "iban"),
        ("our_account: iban", "iban"), ("total_ttc: money", "gross"), ("tva: money", "tax"),
        ("fecha_de_factura: date", "issue_date"), ("rechnungsnummer: identifier", "invoice_number"),
        ("invoice_currency: currency", "currency"), ("montant_ht: money", "net"),
        ("payment_date: date", ""), ("vendor_code: identifier", ""), ("signature: text", ""),
    ],
)  # fmt: skip
def test_a_name_is_known_by_its_words_or_its_kind(field: str, concept: str) -> None:
    index = build_index(load_schema(f"{field}, other"))
    assert index.concept_of[field.partition(":")[0]] == concept
