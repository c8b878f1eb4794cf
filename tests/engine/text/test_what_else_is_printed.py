"""Numbers, days, sums and names that are printed for something else than what is asked for."""

from __future__ import annotations

import pytest
from support.two_parties import CLUB, MAKER, PARTIES, block, parties, read
from support.word_pages import A4, Printed, ask

TITLE: Printed = (50.0, 230.0, 14, "INVOICE")
SURE = 0.6
COLUMNS = ((0, 250), (1, 480))


@pytest.mark.parametrize(
    ("below", "is_own"),
    [
        ("Ticket HP-20391", False),
        ("Delivery note no. HP-20391", False),
        ("Site ID HP-20391", False),
        ("(380)", False),
        ("EN 16931", False),
        ("No. HP-20391", True),
        ("Ref. HP-20391", True),
        ("Series CLJ no. 004182", True),
    ],
)
def test_words_between_a_title_and_a_code_name_another_number(below: str, is_own: bool) -> None:
    found = ask("invoice", A4.page(*PARTIES, TITLE, (50, 250, below)))
    assert (found.probabilities.get("invoice_number", 0.0) > SURE) is is_own


def test_the_day_of_a_row_is_no_dateline() -> None:
    rows = ((50, 340, "Letters and drafts, 03.09.2026"), (300, 340, "2,00"), (400, 340, "560,00"))
    letter = ((50, 230, "Wien, am 30.9.2026"), (50, 250, 14, "Rechnung HN 412/26"))
    assert read("issue_date", *letter, *rows) == "30.9.2026"


@pytest.mark.parametrize(("beside", "number"), [("MRN", "PO 88-4120"), ("ARRIVAL", "PO 88-4120")])
def test_the_head_of_the_next_column_is_no_number(beside: str, number: str) -> None:
    heads = ((50, 260, "Your order ref."), (250, 260, beside))
    assert (
        read("purchase_order", *heads, (50, 274, "PO 88-4120"), (250, 274, "02-10-2026")) == number
    )


def test_the_day_of_a_credit_note_is_not_that_of_its_invoice() -> None:
    days = block(400, 230, "Gutschriftdatum 11.02.2025", "Rechnungsdatum 20.01.2025")
    assert read("issue_date", (50, 230, 14, "Rechnungskorrektur Nr. GU-19"), *days) == "11.02.2025"


def test_the_number_of_a_change_is_not_the_orders() -> None:
    title = (50.0, 230.0, 14, "PURCHASE ORDER")
    printed = (title, *block(400, 230, "PO No. P0077318", "Change order: 00"))
    assert read("po_number", *printed, schema="purchase_order") == "P0077318"


def test_a_season_is_no_number() -> None:
    printed = (*block(50, 260, "ORDER", "SNG/26/014"), (350, 230, 14, "Book order 2026/27"))
    assert read("po_number", *printed, schema="purchase_order") == "SNG/26/014"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Purchase order: ZK/0552/26 WZ 2210/26", "ZK/0552/26"),
        ("Purchase order: BTX 2210/26", "BTX 2210/26"),
        ("Purchase order: KSZ-2026/00214 1. copy, page 1", "KSZ-2026/00214"),
        ("Purchase order: week 38 / Joost", None),
    ],
)
def test_a_number_is_neither_more_than_it_nor_what_counts_a_word(
    printed: str, number: str | None
) -> None:
    assert read("purchase_order", (50, 250, printed)) == number


def test_an_account_is_no_number_of_an_order() -> None:
    printed = ((50, 260, "Purchase order no."), (250, 260, "IBAN DK50 0040 0440 1162 43"))
    assert read("purchase_order", *printed) is None


@pytest.mark.parametrize(
    ("head", "day"), [("Required on site", "11 Apr 2025"), ("Date", "28 Apr 2025")]
)
def test_words_over_a_day_beside_a_number_say_what_it_is_of(head: str, day: str) -> None:
    printed = (
        (50, 230, 14, "Purchase order"), (400, 236, head),
        (50, 250, "PO-FCC-01894"), (400, 250, "28 Apr 2025"), (50, 264, "Raised 11 Apr 2025"),
    )  # fmt: skip
    assert read("issue_date", *printed, schema="purchase_order") == day


@pytest.mark.parametrize(
    "sentence",
    ["Interest is due from 08/11/2026.", "Payment due 30 days after delivery on 08/11/2026."],
)
def test_a_day_from_which_something_counts_is_no_day_to_pay(sentence: str) -> None:
    assert read("due_date", (50, 700, sentence)) is None


def test_a_sentence_about_paying_may_go_on_on_the_next_line() -> None:
    first = "Wir ersuchen um Überweisung auf unser Honorarkonto bei der"
    assert (
        read("due_date", *block(50, 700, first, "Bankhaus Ferstel AG bis längstens 08/11/2026."))
        == "08/11/2026"
    )
    assert (
        read("due_date", *block(50, 700, first + " Bank.", "Gültig bis längstens 08/11/2026."))
        is None
    )


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ("Next inspection due", None),
        ("MOT due", None),
        ("Road tax due", None),
        ("Payment due", "13/03/2026"),
    ],
)
def test_what_else_is_due_is_no_payment(label: str, day: str | None) -> None:
    assert read("due_date", (50, 260, label), (250, 260, "13/03/2026")) == day


@pytest.mark.parametrize(
    "terms",
    [
        "Règlement à réception, au plus tard le 08/11/2026. Pas d'escompte pour paiement anticipé.",
        "Please put it into my account by 08/11/2026, sort code 20-11-22.",
        "Uiterlijk betalen op 08/11/2026",
        "Pay on or before 08/11/2026",
        "We should be glad of your cheque, made out to Hollins Coaches, by 08/11/2026.",
        "A ingresar hasta el 08/11/2026 en la cuenta",
    ],
)
def test_the_last_day_to_pay_in_a_sentence(terms: str) -> None:
    assert read("due_date", (50, 700, terms)) == "08/11/2026"


@pytest.mark.parametrize("fee", ["Test fee (no VAT)", "Fees not subject to VAT"])
def test_a_fee_without_tax_is_not_the_tax(fee: str) -> None:
    rows = ("Labour and parts", "500.00"), (fee, "54.85"), ("VAT @ 20%", "100.00")
    printed = [
        (left, 600 + 14 * n, text)
        for n, row in enumerate((*rows, ("TOTAL TO PAY", "654.85")))
        for left, text in zip((250, 480), row, strict=True)
    ]
    assert read("totals.tax", *printed) == "100.00"


def test_what_who_pays_early_owes_is_not_the_amount_due() -> None:
    total = ((50, 600, "Rechnungsbetrag"), (300, 600, "1.190,00"))
    terms = "Bei Zahlung bis 14.05.25 abzgl. 2% Skonto = 23,80 EUR, Zahlbetrag 1.166,20 EUR"
    assert read("totals.amount_due", *total, (50, 640, terms)) is None


def test_who_has_to_pay_a_slip_is_the_buyer() -> None:
    slip = (*block(50, 600, "Zahlbar durch", *MAKER), *block(50, 520, "Konto / Zahlbar an", *CLUB))
    head = (*block(50, 40, *CLUB), *block(350, 40, *MAKER), (50, 230, "Rechnung 730218"))
    assert parties("invoice", *head, *slip) == (CLUB[0], MAKER[0])


def test_an_office_that_pays_suppliers_is_no_sellers() -> None:
    name, *address = CLUB
    head = block(50, 40, name, "Accounts Payable", *address)
    seller, _ = parties("invoice", *head, (50, 200, 14, "INVOICE 8841"), (50, 230, "2 May 2025"))
    assert seller is None


@pytest.mark.parametrize("maker", ["Sent with FlowBill Software Inc.", "Printed by Docuprint Ltd"])
def test_whose_program_made_a_paper_is_not_its_seller(maker: str) -> None:
    printed = ((50, 40, maker), (50, 200, 14, "INVOICE 8841"), *block(50, 120, "Bill to", *CLUB))
    assert parties("invoice", *printed) == (None, CLUB[0])


def test_a_letter_before_several_amounts_is_a_currency() -> None:
    sums = (("Total excl.", "R 22 929.00"), ("VAT 15%", "R 3 439.35"), ("Total", "R 26 368.35"))
    rows = [(left, 600 + 14 * n, row[at]) for n, row in enumerate(sums) for at, left in COLUMNS]
    assert read("currency", *rows) == "R"
    assert read("currency", *rows[:2], (50, 614, "Annex R"), *rows[2:2]) is None


def test_terms_of_the_norm_beside_names_are_no_names() -> None:
    seller = ((50, 300, "Seller name"), (200, 300, "BT-27"), (260, 300, MAKER[0]))
    buyer = ((50, 314, "Buyer name"), (200, 314, "BT-44"), (260, 314, CLUB[0]))
    assert parties("invoice", (50, 40, 14, "INVOICE"), *seller, *buyer)[0] == MAKER[0]


def test_what_the_norm_calls_the_parties() -> None:
    supplier = block(50, 140, "Accounting supplier party", *MAKER)
    customer = block(300, 140, "Accounting customer party", *CLUB)
    assert parties("invoice", (50, 40, "INVOICE"), *supplier, *customer) == (MAKER[0], CLUB[0])


def test_the_currency_of_a_note_alone_is_less_sure() -> None:
    note = (50, 700, "For information, in euro €140.40")
    sums = ((250, 600, "Total"), (480, 600, "120.00"))
    stray = ask("invoice", A4.page(*PARTIES, *sums, note)).probabilities["currency"]
    assert stray < ask("invoice", A4.page(*PARTIES, *sums, note, note)).probabilities["currency"]
