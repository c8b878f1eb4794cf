"""Numbers of invoices and orders, days of payment and accounts, as eight languages print them."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, ask_printed, leaf

from docextract.engine.base import Answer

SELLER: tuple[Printed, ...] = (
    (40, 40, "Acme Tools GmbH"), (40, 53, "Ring 1"), (40, 66, "10115 Berlin"),
    (40, 160, "Rechnungsdatum: 03.02.2025"), (350, 600, "Total"), (480, 600, "119,00 EUR"),
)  # fmt: skip


def ask_seller(*printed: Printed) -> Answer:
    return ask("invoice", A4.page(*SELLER, *printed))


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Re.-Nr.: 4711/25", "4711/25"), ("Rechnung 2025-17", "2025-17"),
        ("Gutschrift GS-17", "GS-17"), ("Stornorechnung ST-9", "ST-9"),
        ("FACTURE N°2025-031", "2025-031"), ("Avoir AV-2025-0005", "AV-2025-0005"),
        ("Nº Factura: A/2025/7", "A/2025/7"), ("Fattura n. 12/2025 del 03/02/2025", "12/2025"),
        ("Nota di credito n. 8", "8"), ("Factuur #2025001", "2025001"),
        ("Fatura-Recibo FR 2025/3", "FR 2025/3"), ("TAX INVOICE INV-0007", "INV-0007"),
        ("Credit Note CN-0042", "CN-0042"),
    ],
)  # fmt: skip
def test_a_number_behind_the_title_or_its_label(printed: str, number: str) -> None:
    assert ask_seller((40, 200, printed)).values["invoice_number"] == number


def test_a_bare_number_label_below_the_title() -> None:
    answer = ask_seller((400, 180, "Rechnung"), (400, 205, "Nummer:"), (470, 205, "2025-9"))
    assert answer.values["invoice_number"] == "2025-9"
    assert (
        ask_seller((400, 180, "INVOICE"), (400, 205, "# INV-55")).values["invoice_number"]
        == "INV-55"
    )


def test_a_bare_number_label_elsewhere_is_not_the_invoices() -> None:
    assert ask_seller((400, 420, "Nummer:"), (470, 420, "549910")).values["invoice_number"] is None


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Votre référence : C-9", "C-9"), ("BC: BC0943", "BC0943"), ("V/Réf : C-9", "C-9"),
        ("N° bon de commande : PO-7", "PO-7"), ("Uw referentie: INK-5", "INK-5"),
        ("Vs. ordine n. 33 del 01/02/2025", "33"), ("Ihr Auftrag: 812", "812"),
    ],
)  # fmt: skip
def test_the_buyers_order_number(printed: str, number: str) -> None:
    assert ask_seller((350, 200, printed)).values["purchase_order"] == number


def test_order_numbers_of_several_positions_are_not_the_documents() -> None:
    rows = ((60, 480, "Order no. 8435 line 1"), (60, 540, "Order no. 8475 line 7"))
    answer = ask_seller(*rows)
    assert answer.probabilities.get("purchase_order", 0.0) < 0.6
    head = ask_seller((350, 200, "Order no. 5000"), *rows)
    assert head.values["purchase_order"] == "5000"


@pytest.mark.parametrize(
    "printed",
    [
        "Bitte überweisen Sie den Betrag bis zum 05.03.2025 auf unser Konto.",
        "Bitte zahlen Sie bis spätestens 05.03.2025.", "Payable au plus tard le 05.03.2025",
        "Facture à régler le : 05.03.2025", "Règlement avant le: 05.03.2025",
        "Pay before 05.03.2025", "Betaling uiterlijk 05.03.2025", "Fecha vto. 05.03.2025",
        "Zahlung bis 10.02.2025 mit 2 % Skonto, bis 05.03.2025 netto",
    ],
)  # fmt: skip
def test_the_day_of_payment_in_a_sentence(printed: str) -> None:
    assert ask_seller((40, 640, printed)).values["due_date"] == "05.03.2025"


@pytest.mark.parametrize(
    "printed",
    ["Skonto 2 % bei Zahlung bis 10.02.2025", "Lieferung bis 05.03.2025", "Zahlbar in 30 Tagen"],
)
def test_other_days_are_no_day_of_payment(printed: str) -> None:
    assert ask_seller((40, 640, printed)).values["due_date"] is None


@pytest.mark.parametrize(
    ("printed", "iban"),
    [
        ("Payee-IBAN : DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("Commerzbank Berlin, DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("Rekening NL91ABNA0417164300 t.n.v. Smit", "NL91ABNA0417164300"),
    ],
)
def test_an_account_number_is_known_by_its_shape(printed: str, iban: str) -> None:
    assert ask_seller((40, 700, printed)).values["payment"]["iban"] == iban


def test_of_several_bare_accounts_none_is_sure() -> None:
    answer = ask_seller(
        (40, 700, "Volksbank DE89 3704 0044 0532 0130 00"),
        (40, 712, "Sparkasse DE02 1203 0000 0000 2020 51"),
    )
    assert answer.probabilities["payment.iban"] < 0.6


def test_the_series_of_a_number_in_a_title_may_stand_apart() -> None:
    printed = ((60, 40, 14, "Faktura VAT nr FV 1/05/2021"), (60, 60, "Razem 123,00 zł"))
    assert leaf(ask_printed("invoice", *printed).values, "invoice_number") == "FV 1/05/2021"


@pytest.mark.parametrize("printed", ["0561 3401-0", "+49 561 3401-0", "0561 3401-99"])
def test_a_telephone_number_keeps_its_extension(printed: str) -> None:
    answer = ask_seller((40, 79, f"Telefon: {printed} · Fax 0561 3402"))
    assert leaf(answer.values, "seller.phone") == printed
