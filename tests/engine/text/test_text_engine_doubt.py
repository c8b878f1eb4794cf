"""The text engine where a label, a title or a code stands where a value is expected."""

from __future__ import annotations

import pytest
from support.word_pages import Printed, ask_printed, leaf

from docextract.engine.text.values.names import is_no_name, looks_like_label, may_name

AD = "contract_number, advertiser, flight_from: date, flight_to: date, gross_amount: money"


@pytest.mark.parametrize(
    "text",
    [
        "RECEIPT", "FACTUUR.", "Kvitto", "Salesperson", "Original Date / Revision", "Hotel Details",
        "TRANSACCION ELECTRONICA", "Terminal ID", "Welcome to Gelato", "41991602", "MME73AM/A",
        "Start18-07-2022 09:07", "******", "",
    ],
)  # fmt: skip
def test_labels_titles_greetings_and_codes_are_no_names(text: str) -> None:
    assert is_no_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Total Energies SE", "Receipt Bank Ltd", "3M Company", "7-Eleven", "Home Office",
        "Subway#15936-0", "TAP", "H&M", "L'Oréal", "Mississippi Mills", "Visa Europe Ltd",
        "Order of Malta", "Date Palm Café",
    ],
)  # fmt: skip
def test_names_that_hold_such_words_are_names(text: str) -> None:
    assert not is_no_name(text)
    assert not looks_like_label(text)


def test_the_rest_of_a_longer_label_is_no_name() -> None:
    assert not may_name("Code", follows_label=True)
    assert may_name("Code", follows_label=False)
    assert not may_name("and Agency shall be jointly liable", follows_label=True)


def test_a_boxed_form_prints_values_under_their_labels() -> None:
    values = ask_printed(
        AD,
        (300, 40, "Contract / Revision"), (450, 40, "Alt Order #"),
        (300, 54, "280677"), (400, 54, "/"),
        (300, 80, "Advertiser"), (450, 80, "Original Date / Revision"),
        (300, 94, "Friends of the Harbour"), (450, 94, "02/28/20"), (520, 94, "/ 03/19/20"),
        (300, 120, "Contract Dates"), (450, 120, "Estimate #"),
        (300, 134, "03/09/20 - 03/17/20"), (450, 134, "6294"),
        (60, 200, "Start Date"), (180, 200, "End Date"), (300, 200, "Rate"),
        (60, 214, "03/09/20"), (180, 214, "03/15/20"), (300, 214, "$400.00"),
    ).values  # fmt: skip
    assert leaf(values, "contract_number") == "280677"
    assert leaf(values, "advertiser") == "Friends of the Harbour"
    assert leaf(values, "flight_from") == "03/09/20"
    assert leaf(values, "flight_to") == "03/17/20"


def test_a_range_printed_as_one_word_and_gross_over_net() -> None:
    values = ask_printed(
        AD,
        (60, 40, "Schedule Dates"), (200, 40, "05/28/20-06/03/20"),
        (60, 60, "Buyer"), (200, 60, "Doe, Jane"),
        (60, 80, "Advertiser"), (200, 80, "Harbour Trust"),
        (60, 200, "Gross Total"), (200, 200, "$350.00"),
        (60, 214, "Commission"), (200, 214, "($52.50)"),
        (60, 228, "NET TOTAL"), (200, 228, "$297.50"),
    ).values  # fmt: skip
    assert leaf(values, "flight_from") == "05/28/20"
    assert leaf(values, "flight_to") == "06/03/20"
    assert leaf(values, "advertiser") == "Harbour Trust"
    assert leaf(values, "gross_amount") == "$350.00"


def test_the_total_at_a_columns_foot_counts() -> None:
    values = ask_printed(
        AD,
        (60, 40, "Month"), (200, 40, "Gross Amount"), (350, 40, "Net Amount"),
        (60, 54, "June 2020"), (200, 54, "$25,000.00"), (350, 54, "$21,250.00"),
        (60, 68, "July 2020"), (200, 68, "$15,510.00"), (350, 68, "$13,183.50"),
        (60, 82, "Totals"), (200, 82, "$40,510.00"), (350, 82, "$34,433.50"),
    ).values  # fmt: skip
    assert leaf(values, "gross_amount") == "$40,510.00"


RECEIPT: tuple[Printed, ...] = (
    (250, 40, "* RECEIPT *"),
    (250, 54, "Café Gelato"),
    (250, 68, "GST#: 105216170"),
    (250, 82, "9 Quay Street, York YO1 7HH"),
    (60, 120, "Espresso"), (400, 120, "10.10"),
    (60, 150, "Total"), (400, 150, "10.10"),
    (60, 180, "Rate"), (200, 180, "Net"), (300, 180, "Tax"), (400, 180, "Gross"),
    (60, 194, "19%"), (200, 194, "8.49"), (300, 194, "1.61"), (400, 194, "10.10"),
)  # fmt: skip


def test_a_receipts_tax_summary_gives_net_and_tax() -> None:
    answer = ask_printed("receipt", *RECEIPT)
    assert leaf(answer.values, "subtotal") == "8.49"
    assert leaf(answer.values, "tax_total") == "1.61"


def test_a_receipts_title_and_registration_stay_out() -> None:
    values = ask_printed("receipt", *RECEIPT).values
    assert leaf(values, "merchant.name") == "Café Gelato"
    assert leaf(values, "merchant.address") == "9 Quay Street, York YO1 7HH"


def test_words_ocr_was_unsure_of_make_a_doubtful_name() -> None:
    sure = ask_printed("receipt", *RECEIPT, confidence=0.95).probabilities["merchant.name"]
    unsure = ask_printed("receipt", *RECEIPT, confidence=0.5).probabilities["merchant.name"]
    assert unsure < 0.6 < sure


def test_a_tax_on_a_base_is_not_the_base() -> None:
    values = ask_printed(
        "invoice",
        (60, 40, "Invoice number"), (200, 40, "INV-77"),
        (60, 100, "Subtotal"), (300, 100, "$ 262.90"),
        (60, 114, "Tax 15% on $ 112.90"), (300, 114, "$ 16.94"),
        (60, 128, "Total"), (300, 128, "$ 279.84"),
    ).values  # fmt: skip
    assert "16.94" in str(leaf(values, "totals.tax"))


def test_the_amount_due_is_the_total_where_nothing_was_paid() -> None:
    values = ask_printed(
        "invoice",
        (60, 40, "Facture N°:FA07/2021/069990"),
        (60, 100, "Total HT"), (200, 100, "Montant TVA"), (320, 100, "Net à payer"),
        (60, 114, "300,00"), (200, 114, "60,00"), (320, 114, "360,00"),
    ).values  # fmt: skip
    assert leaf(values, "invoice_number") == "FA07/2021/069990"
    assert leaf(values, "totals.gross") == "360,00"


def test_a_label_before_net_tax_and_total_means_the_last_of_them() -> None:
    values = ask_printed(
        "receipt",
        (60, 40, "Marché du Port"),
        (60, 100, "Espresso"), (400, 100, "13,62"),
        (60, 194, "Gesamtbetrag"), (200, 194, "12,57"), (300, 194, "1,05"), (400, 194, "13,62"),
    ).values  # fmt: skip
    assert leaf(values, "total") == "13,62"
    assert leaf(values, "subtotal") == "12,57"
    assert leaf(values, "tax_total") == "1,05"


@pytest.mark.parametrize("printed", ["23 juin 2016", "23 juillet 2016", "23 Juni 2016"])
def test_months_of_two_languages_are_dates(printed: str) -> None:
    values = ask_printed("receipt", (60, 40, "Marché du Port"), (60, 80, printed)).values
    assert leaf(values, "date") == printed


def test_a_currency_glued_to_a_label_in_brackets() -> None:
    printed = ((60, 40, "Kedai Papan"), (60, 80, "Item"), (300, 80, "Amt(RM)"), (300, 94, "4.50"))
    assert leaf(ask_printed("receipt", *printed).values, "currency") == "RM"


@pytest.mark.parametrize(
    "line", ["(65351-M)", "REG NR: 10312806", "GST# 105216170", "Tel 0131 228 5100", "STORE # 5008"]
)
def test_numbers_that_are_no_address_stay_out_of_it(line: str) -> None:
    printed = (
        (60, 40, "Harbour Café Ltd"),
        (60, 54, line),
        (60, 68, "9 Quay Street, York YO1 7HH"),
    )
    assert leaf(ask_printed("receipt", *printed).values, "merchant.address") == (
        "9 Quay Street, York YO1 7HH"
    )


def test_a_number_within_a_year_is_no_tax_id() -> None:
    values = ask_printed(
        "invoice",
        (60, 40, "Torre Bassa S.r.l."),
        (60, 100, "P. IVA"), (200, 100, "Numero fattura"),
        (60, 114, "142/2025"), (200, 114, "142/2025"),
    ).values  # fmt: skip
    assert leaf(values, "seller.tax_id") is None
    assert leaf(values, "invoice_number") == "142/2025"


@pytest.mark.parametrize(("label", "is_sure"), [("Order #", False), ("Contract #", True)])
def test_a_number_another_one_begins_with_is_in_doubt_under_a_shared_label(
    label: str, is_sure: bool
) -> None:
    answer = ask_printed(
        AD,
        (60, 40, "Invoice #"), (150, 40, "1381772-2"), (300, 40, label), (400, 40, "1381772"),
        (60, 60, "Advertiser"), (150, 60, "Harbour Trust"),
    )  # fmt: skip
    assert leaf(answer.values, "contract_number") == "1381772"
    assert (answer.probabilities["contract_number"] > 0.7) is is_sure
