"""The account, the currency and the amounts that a payment goes by, beside others like them."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.parties import contacts

PAYERS, PAYEES = "DE02 1203 0000 0000 2020 51", "DE89 3704 0044 0532 0130 00"
HEAD: tuple[Printed, ...] = (
    (50, 40, "Nordwind Elektro GmbH"), (50, 54, "Hafenstr. 1"), (50, 68, "20457 Hamburg"),
    (50, 130, "Kundin Beispiel AG"), (50, 144, "Hauptweg 3"), (50, 158, "10115 Berlin"),
    (50, 220, 14, "Rechnung R-100"),
    (50, 300, "Nettobetrag"), (300, 300, "1.000,00"), (50, 316, "USt 19 %"), (300, 316, "190,00"),
)  # fmt: skip
TOTAL: tuple[Printed, ...] = ((50, 332, "Rechnungsbetrag EUR"), (300, 332, "1.190,00"))


def read(path: str, *lines: str, total: tuple[Printed, ...] = TOTAL) -> object:
    """Return what is read of a bill that ends in some lines."""
    foot = tuple((50.0, 360.0 + 14 * n, line) for n, line in enumerate(lines))
    return leaf(ask("invoice", A4.page(*HEAD, *total, *foot)).values, path)


@pytest.mark.parametrize(
    "line",
    [
        f"Wir buchen den Betrag von Ihrem Konto IBAN {PAYERS} ab.",
        f"Kontoinhaber: Kundin Beispiel AG, IBAN: {PAYERS}",
        f"Ihre Bankverbindung: {PAYERS}",
        f"Lastschrift von IBAN {PAYERS}",
        f"We will collect it by direct debit from your account IBAN {PAYERS}",
        f"Debtor account: {PAYERS} Mandate reference: M-1",
        f"Bitte überweisen Sie NICHT auf IBAN {PAYERS}",
        f"Unsere alte Bankverbindung IBAN {PAYERS} gilt nicht mehr.",
    ],
)
def test_an_account_that_nobody_should_pay_to_is_not_given(line: str) -> None:
    assert read("payment.iban", line) is None
    assert read("payment.iban", line, f"Bank: Haspa, IBAN: {PAYEES}") == PAYEES


@pytest.mark.parametrize("line", [f"IBAN: {PAYEES}", f"Bitte zahlen Sie auf unser Konto {PAYEES}"])
def test_the_account_to_pay_to_is(line: str) -> None:
    assert read("payment.iban", line) == PAYEES


@pytest.mark.parametrize(
    "line",
    [
        "Zahlbar bis 13.11.2026 mit 3 % Skonto: 1.154,30 EUR",
        "Bei Zahlung innerhalb 10 Tagen abzgl. 3 % Skonto 1.154,30 EUR",
        "Zahlbar innerhalb von 10 Tagen mit 3% Skonto (35,70 EUR), d. h. 1.154,30 EUR",
        "Amount payable with 2 % early payment discount 1.176,00",
    ],
)
def test_what_early_payment_saves_is_no_discount_of_the_document(line: str) -> None:
    assert read("totals.discount", line) is None


@pytest.mark.parametrize(
    ("line", "paid"),
    [
        ("Total if paid within 7 days: 1.092,50", None),
        ("Summe, wenn bis 1.12. bezahlt: 1.092,50", None),
        ("Already paid: 1.092,50", "1.092,50"),
    ],
)
def test_what_may_be_paid_some_day_is_not_paid(line: str, paid: str | None) -> None:
    assert read("totals.paid", line) == paid


@pytest.mark.parametrize(
    "note", ["Zur Information: entspricht USD 1.309,00", "Umgerechnet USD (Kurs 1,10) 1.309,00"]
)
def test_the_currency_is_that_of_the_total_also_where_its_label_says_it(note: str) -> None:
    assert read("currency", note) == "EUR"
    behind: tuple[Printed, ...] = ((50, 332, "Rechnungsbetrag"), (300, 332, "1.190,00 EUR"))
    assert read("currency", note, total=behind) == "EUR"


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("'t Hart B.V.", "'t Hart B.V."),
        ("(Innen)Architektur GmbH", "(Innen)Architektur GmbH"),
        ("«Foo» AG", "«Foo» AG"),
        ("#1 Cochran GmbH", "#1 Cochran GmbH"),
        ("• Acme GmbH", "Acme GmbH"),
        ("Acme GmbH |", "Acme GmbH"),
    ],
)
def test_a_name_keeps_the_signs_that_are_its_own(printed: str, name: str) -> None:
    page = A4.page((50, 40, printed), *HEAD[1:], *TOTAL)
    assert leaf(ask("invoice", page).values, "seller.name") == name


def test_a_line_of_dots_is_cleaned_in_a_moment() -> None:
    """A pattern that goes back over each of them would take years."""
    pattern = contacts._AROUND
    assert pattern.sub("", ". " * 200 + "!") == ". " * 200 + "!"
    assert pattern.sub("", "| . , Acme GmbH |") == "Acme GmbH"
