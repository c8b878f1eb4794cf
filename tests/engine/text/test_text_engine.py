"""The text engine on small pages made of words: labels, geometry, arithmetic, tables."""

from __future__ import annotations

import pytest
from support.word_pages import Paper, Printed, ask, leaf

from docextract.core import Box, Page, Word, WordSource
from docextract.engine.base import Question
from docextract.engine.text import TextEngine
from docextract.schema.loading import load_schema

page = Paper().page
INVOICE: tuple[Printed, ...] = (
    (50, 40, "Miller Pumps Ltd"),
    (50, 54, "4 Dock Road"),
    (50, 68, "Hull HU1 2AB"),
    (350, 40, "Invoice number"), (480, 40, "MP-0042"),
    (350, 54, "Invoice date"), (480, 54, "12 March 2025"),
    (350, 68, "Due date"), (480, 68, "11 April 2025"),
    (50, 120, "Bill to"),
    (50, 134, "Harbour Café Ltd"),
    (50, 148, "9 Quay Street"),
    (50, 162, "York YO1 7HH"),
    (50, 220, "Description"), (300, 220, "Qty"), (380, 220, "Unit price"), (500, 220, "Amount"),
    (50, 240, "Bilge pump, 12 V, with"), (300, 240, "2"), (390, 240, "80.00"), (505, 240, "160.00"),
    (50, 252, "float switch"),
    (50, 272, "Hose"), (300, 272, "10"), (390, 272, "4.00"), (505, 272, "40.00"),
    (380, 310, "Subtotal"), (500, 310, "£200.00"),
    (380, 324, "VAT 20%"), (500, 324, "£40.00"),
    (380, 338, "Total"), (500, 338, "£240.00"),
    (50, 380, "IBAN: GB33 BUKB 2020 1555 5555 55"),
)  # fmt: skip

EXPECTED = {
    "document_type": "invoice",
    "invoice_number": "MP-0042",
    "issue_date": "12 March 2025",
    "due_date": "11 April 2025",
    "currency": "£",
    "seller.name": "Miller Pumps Ltd",
    "seller.address": "4 Dock Road, Hull HU1 2AB",
    "buyer.name": "Harbour Café Ltd",
    "buyer.address": "9 Quay Street, York YO1 7HH",
    "totals.net": "£200.00",
    "totals.tax": "£40.00",
    "totals.gross": "£240.00",
    "payment.iban": "GB33 BUKB 2020 1555 5555 55",
}


@pytest.mark.parametrize(("path", "raw"), EXPECTED.items())
def test_fills_an_invoice_as_printed(path: str, raw: str) -> None:
    title = (250.0, 12.0, "INVOICE")
    assert leaf(ask("invoice", page(title, *INVOICE)).values, path) == raw


def test_reads_a_table_and_joins_a_wrapped_description() -> None:
    lines = ask("invoice", page(*INVOICE)).values["lines"]
    assert [row["description"] for row in lines] == ["Bilge pump, 12 V, with float switch", "Hose"]
    assert [row["net"] for row in lines] == ["160.00", "40.00"]
    assert [row["quantity"] for row in lines] == ["2", "10"]


def test_what_is_not_printed_stays_none() -> None:
    values = ask("invoice", page(*INVOICE)).values
    for path in ("delivery_date", "purchase_order", "buyer.tax_id", "totals.paid", "payment.bic"):
        assert leaf(values, path) is None


def test_a_place_holds_exactly_the_words_of_its_value() -> None:
    shown = page(*INVOICE)
    answer = ask("invoice", shown)
    for path in ("invoice_number", "issue_date", "totals.gross", "lines[1].description"):
        box = answer.places[path].box
        inside = [
            w.text for w in shown.words
            if box.left <= w.box.left and w.box.right <= box.right
            and box.top <= w.box.middle <= box.bottom
        ]  # fmt: skip
        raw = answer.values["lines"][1]["description"] if "[" in path else leaf(answer.values, path)
        assert " ".join(inside) == raw
        assert 0 < answer.probabilities[path] <= 1


def test_a_page_scanned_askew_reads_the_same() -> None:
    straight = ask("invoice", page(*INVOICE)).values
    askew = ask("invoice", page(*INVOICE, slope=0.012, source=WordSource.OCR)).values
    assert askew["totals"] == straight["totals"]
    assert len(askew["lines"]) == 2


def test_words_ocr_glued_are_cut_at_their_labels() -> None:
    shown = page(
        (50, 40, "SHOP ONE"), (50, 60, "Date:12/05/2024"), (50, 100, "Tea"), (200, 100, "2.50"),
        (50, 120, "Total:2.50"), (50, 140, "Cash:5.00"), (50, 160, "Change:2.50"),
        source=WordSource.OCR,
    )  # fmt: skip
    values = ask("receipt", shown).values
    assert values["date"] == "12/05/2024"
    assert values["total"] == "2.50"
    assert values["cash_given"] == "5.00"
    assert values["change"] == "2.50"


def test_the_longest_label_wins_and_arithmetic_settles_the_rest() -> None:
    shown = page(
        (50, 40, "Total excl. VAT"), (300, 40, "100.00"), (50, 60, "Total VAT"), (300, 60, "19.00"),
        (50, 80, "Total"), (300, 80, "119.00"), (50, 100, "Amount paid"), (300, 100, "50.00"),
        (50, 120, "Balance due"), (300, 120, "69.00"),
    )  # fmt: skip
    totals = ask("invoice", shown).values["totals"]
    assert (totals["net"], totals["tax"], totals["gross"]) == ("100.00", "19.00", "119.00")
    assert (totals["paid"], totals["amount_due"]) == ("50.00", "69.00")


def test_words_of_a_label_tell_totals_apart() -> None:
    shown = page(
        (50, 40, "Rechnungssumme Netto (excl. USt.)"), (400, 40, "198,00"),
        (50, 60, "Rechnungssumme Brutto (inkl. USt.)"), (400, 60, "235,62"),
    )  # fmt: skip
    totals = ask("invoice", shown).values["totals"]
    assert (totals["net"], totals["gross"]) == ("198,00", "235,62")


def test_a_row_of_labels_over_a_row_of_values() -> None:
    shown = page(
        (50, 40, "Invoice No"), (170, 40, "Invoice Date"), (300, 40, "Due Date"),
        (420, 40, "PO Number"), (50, 54, "A-17"), (170, 54, "01/02/2025"),
        (300, 54, "15/02/2025"), (420, 54, "Board 9/30"),
    )  # fmt: skip
    values = ask("invoice", shown).values
    assert values["invoice_number"] == "A-17"
    assert (values["issue_date"], values["due_date"]) == ("01/02/2025", "15/02/2025")
    assert values["purchase_order"] == "Board 9/30"


def test_a_title_holds_number_and_date() -> None:
    shown = page((50, 40, "Rechnung (380) Nr. 880231 vom 15.11.2024"))
    values = ask("invoice", shown).values
    assert (values["invoice_number"], values["issue_date"]) == ("880231", "15.11.2024")


def test_sender_line_and_address_window_without_labels() -> None:
    shown = page(
        (50, 100, "Nord GmbH · Hafenstraße 1 · 24103 Kiel"), (50, 125, "Praxis am Markt"),
        (50, 137, "Marktplatz 2"), (50, 149, "24114 Kiel"), (50, 200, "Rechnung"),
    )  # fmt: skip
    values = ask("invoice", shown).values
    assert values["seller"]["name"] == "Nord GmbH"
    assert values["buyer"]["name"] == "Praxis am Markt"
    assert values["buyer"]["address"] == "Marktplatz 2, 24114 Kiel"


def test_tax_ids_go_to_whom_they_stand_with() -> None:
    shown = page(
        (50, 40, "Nord GmbH"), (50, 52, "Hafenstraße 1"), (50, 64, "24103 Kiel"),
        (50, 140, "Rechnung an"), (50, 152, "Süd AG"), (50, 164, "Ring 5"),
        (50, 176, "80331 München"), (50, 188, "USt-IdNr.: DE136695976"),
        (50, 760, "USt-IdNr.: DE123456789"),
    )  # fmt: skip
    values = ask("invoice", shown).values
    assert values["seller"]["tax_id"] == "DE123456789"
    assert values["buyer"]["tax_id"] == "DE136695976"


def test_a_table_goes_on_over_the_page_and_skips_carried_amounts() -> None:
    header: tuple[Printed, ...] = (
        (50, 40, "Beschreibung"), (300, 40, "Menge"), (480, 40, "Betrag"),
    )  # fmt: skip
    first = page(
        *header, (50, 60, "Schraube"), (300, 60, "3"), (480, 60, "9,00"),
        (50, 80, "Übertrag"), (480, 80, "9,00"),
    )  # fmt: skip
    second = page(
        *header, (50, 60, "Übertrag"), (480, 60, "9,00"), (50, 80, "Mutter"), (300, 80, "2"),
        (480, 80, "4,00"), (300, 120, "Gesamtbetrag"), (480, 120, "13,00"), number=2,
    )  # fmt: skip
    answer = ask("invoice", first, second)
    assert [row["description"] for row in answer.values["lines"]] == ["Schraube", "Mutter"]
    assert answer.places["lines[1].net"].page == 2
    assert answer.values["totals"]["gross"] == "13,00"


def test_receipt_items_without_a_header() -> None:
    shown = page(
        (100, 20, "Corner Café"), (100, 32, "41 Bridge Street"), (100, 44, "Leeds LS2 9ZZ"),
        (50, 70, "16 May 2025"), (300, 70, "11:42"), (50, 90, "Flat white"),
        (60, 102, "2 x 3.40"), (300, 102, "6.80"), (50, 114, "Carrot cake"), (300, 114, "4.20"),
        (50, 140, "TOTAL"), (300, 140, "£11.00"),
    )  # fmt: skip
    values = ask("receipt", shown).values
    assert values["merchant"]["name"] == "Corner Café"
    assert (values["date"], values["time"]) == ("16 May 2025", "11:42")
    assert values["lines"][0] == {
        "description": "Flat white", "quantity": "2", "unit_price": "3.40", "total": "6.80",
    }  # fmt: skip
    assert values["lines"][1]["description"] == "Carrot cake"


def test_tax_rows_are_told_apart_by_arithmetic() -> None:
    shown = page((50, 40, "MwSt 19 % auf 100,00"), (300, 40, "19,00"))
    rows = ask("invoice", shown).values["taxes"]
    assert rows == [{"rate": "19", "base": "100,00", "amount": "19,00"}] or (
        rows[0]["base"], rows[0]["amount"]
    ) == ("100,00", "19,00")  # fmt: skip


def test_a_plain_schema_of_ones_own() -> None:
    shown = page(
        (50, 40, "Job number:"), (150, 40, "J-0099"), (50, 60, "Total"), (150, 60, "$75.50"),
        (50, 80, "Due date"), (150, 80, "2025-05-01"),
    )  # fmt: skip
    values = ask("job_number:str, total:money, due_date:date, vendor:str", shown).values
    assert values == {
        "job_number": "J-0099", "total": "$75.50", "due_date": "2025-05-01", "vendor": None,
    }  # fmt: skip


def test_a_bank_statement_has_one_account_with_its_transactions() -> None:
    shown = page(
        (50, 40, "Harbour Bank"), (300, 40, "Account number"), (420, 40, "00123456"),
        (300, 54, "Opening balance"), (420, 54, "100.00"), (300, 68, "Closing balance"),
        (420, 68, "130.00"), (50, 120, "Date"), (120, 120, "Description"), (320, 120, "Paid out"),
        (400, 120, "Paid in"), (480, 120, "Balance"), (50, 140, "03 Mar 2025"),
        (120, 140, "RENT"), (325, 140, "20.00"), (485, 140, "80.00"), (50, 156, "04 Mar 2025"),
        (120, 156, "SALARY"), (405, 156, "50.00"), (485, 156, "130.00"),
    )  # fmt: skip
    answer = ask("bank_statement", shown)
    (account,) = answer.values["accounts"]
    assert account["account_number"] == "00123456"
    assert (account["beginning_balance"], account["ending_balance"]) == ("100.00", "130.00")
    assert [t["withdrawal"] for t in account["transactions"]] == ["20.00", None]
    assert [t["deposit"] for t in account["transactions"]] == [None, "50.00"]
    assert "accounts[0].transactions[1].balance" in answer.places


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud83d", "9" * 5000, ":" * 300, "€", "1" * 60])
def test_odd_words_do_no_harm(text: str) -> None:
    box = Box(0.1, 0.1, 0.1, 0.1)
    odd = Page(1, 0.0, 0.0, (Word(text, box), Word("Total", box), Word("-", box)))
    assert ask("invoice", odd).values["lines"] == []


def test_no_words_no_values() -> None:
    answer = ask("invoice", page())
    assert answer.probabilities == {}
    assert leaf(answer.values, "totals.gross") is None


def test_answers_come_in_order_and_repeat_exactly() -> None:
    schema = load_schema("invoice")
    shown = page(*INVOICE)
    engine = TextEngine()
    questions = [Question("a", (shown,), schema), Question("b", (), schema)]
    first, second = engine.answer(questions), engine.answer(questions)
    assert [a.values for a in first] == [a.values for a in second]
    assert first[0].values["invoice_number"] == "MP-0042"
    assert first[1].values["invoice_number"] is None
    engine.close()
