"""Amounts decide before labels: what adds up below one another is net, tax and total."""

from __future__ import annotations

import pytest
from support.word_pages import ask_printed, leaf

AMOUNTS = ("totals.net", "totals.tax", "totals.gross")
HEAD = ((330.0, 60.0, "Invoice no."), (470.0, 60.0, "N-2041"))


def totals(*printed: tuple[float, float, str]) -> list[object]:
    values = ask_printed("invoice", *HEAD, *printed).values
    return [leaf(values, path) for path in AMOUNTS]


def column(*rows: tuple[str, str], left: float = 330.0, right: float = -530.0) -> list[object]:
    """Return the totals of labels with amounts right-aligned beside them."""
    placed = [
        item
        for number, (label, amount) in enumerate(rows)
        for item in ((left, 300.0 + 16 * number, label), (right, 300.0 + 16 * number, amount))
    ]
    return totals(*placed)


@pytest.mark.parametrize(
    "rows",
    [
        (("Summe", "2'420.00"), ("MwSt. 7.7%", "186.34"), ("Rechnungstotal", "2'606.34")),
        (("S. Total:", "140.00"), ("13% HST:", "18.20"), ("Total:", "158.20")),
        (("Vörur", "100,00"), ("24 %", "24,00"), ("Alls", "124,00")),
        (("Neto", "$ 1.037.450"), ("IVA 19%", "$ 197.116"), ("Total", "$ 1.234.566")),
        (("Subtotal", "¥98,000"), ("Consumption tax 10%", "¥9,800"), ("Total", "¥107,800")),
        (("Net total", "KWD 1,175.778"), ("VAT 5 %", "58.789"), ("Total", "KWD 1,234.567")),
    ],
    ids=["compound", "abbreviated", "unknown words", "pesos", "yen", "dinars"],
)
def test_net_and_tax_are_known_by_what_they_make(rows: tuple[tuple[str, str], ...]) -> None:
    assert column(*rows) == [amount.removeprefix("KWD ").removeprefix("$ ") for _, amount in rows]


def test_labels_may_stand_above_all_their_amounts() -> None:
    found = totals(
        (360, 234, "Total HT"), (360, 248, "TVA (20%)"), (360, 262, "Total TTC"),
        (360, 294, "142,80 €"), (360, 308, "28,56 €"), (360, 322, "171,36 €"),
    )  # fmt: skip
    assert found == ["142,80", "28,56", "171,36"] or found == ["142,80 €", "28,56 €", "171,36 €"]


def test_amounts_may_stand_above_their_labels() -> None:
    found = totals(
        (360, 234, "142,80"), (360, 246, "Total HT"),
        (360, 274, "28,56"), (360, 286, "TVA (20%)"),
        (360, 314, "171,36"), (360, 326, "Total TTC"),
    )  # fmt: skip
    assert found == ["142,80", "28,56", "171,36"]


def test_freight_may_stand_between_net_and_total() -> None:
    rows = (
        ("Subtotal:", "90,000.00"), ("IGST (18%):", "16,200.00"),
        ("Freight:", "72,150.00"), ("Total Amount:", "178,350.00"),
    )  # fmt: skip
    assert column(*rows) == ["90,000.00", "16,200.00", "178,350.00"]


def test_a_row_of_rates_gives_the_totals_where_its_total_is_printed_again() -> None:
    found = totals(
        (60, 300, "Stawka VAT"), (150, 300, "Netto"), (240, 300, "VAT"), (320, 300, "Razem"),
        (60, 314, "23.00%"), (150, 314, "210,84"), (240, 314, "48,49"), (320, 314, "259,33"),
        (420, 330, "259,33"),
    )  # fmt: skip
    assert found == ["210,84", "48,49", "259,33"]


def test_an_item_with_its_tax_and_amount_is_no_sum_of_the_page() -> None:
    found = totals(
        (60, 250, "Description"), (250, 250, "Net"), (350, 250, "VAT"), (450, 250, "Amount"),
        (60, 266, "Bench vice"), (250, 266, "100.00"), (350, 266, "20.00"), (450, 266, "120.00"),
        (60, 282, "Steel rule"), (250, 282, "200.00"), (350, 282, "40.00"), (450, 282, "240.00"),
        (330, 310, "Total"), (450, 310, "360.00"),
    )  # fmt: skip
    assert found[2] == "360.00"
    assert found[0] not in ("100.00", "200.00")


def test_an_amount_with_tax_included_is_the_total_whatever_netto_says() -> None:
    rows = (("Brutto", "1’500.50"), ("Mehrwertsteuer", "155.55"), ("Netto inkl. MWST", "1’756.05"))
    assert column(*rows)[2] == "1’756.05"


@pytest.mark.parametrize("printed", ["Prepaid on orders over $600", "Free freight under $600"])
def test_a_limit_is_no_amount(printed: str) -> None:
    values = ask_printed(
        "invoice", *HEAD, (60, 200, printed), (330, 300, "Total"), (470, 300, "$140.00")
    ).values
    assert leaf(values, "totals.paid") is None
    assert leaf(values, "totals.charges") is None


def test_days_to_pay_are_no_net_amount() -> None:
    values = ask_printed(
        "purchase_order",
        (320, 160, "Payment Terms"), (430, 160, "NET 30"),
        (320, 300, "PURCHASE ORDER TOTAL:"), (490, 300, "1,956.02"),
    ).values  # fmt: skip
    assert leaf(values, "totals.net") is None


@pytest.mark.parametrize(
    ("printed", "read"),
    [("$108.43 CR", "$108.43 CR"), ("1.234,56 H", "1.234,56 H"), ("-kr 6.645,00", "-kr 6.645,00"),
     ("***1.234,57", "1.234,57"), ("**1.234,57**", "1.234,57")],
)  # fmt: skip
def test_what_is_printed_around_an_amount_goes_with_it(printed: str, read: str) -> None:
    values = ask_printed("invoice", *HEAD, (330, 300, "Total"), (450, 300, printed)).values
    assert leaf(values, "totals.gross") == read


@pytest.mark.parametrize("number", ["KN-3091", "SEK-12"])
def test_the_sign_before_an_amount_counts_and_not_the_letters_of_a_number(number: str) -> None:
    values = ask_printed(
        "invoice", *HEAD, (330, 120, number), (330, 300, "Total"), (450, 300, "-kr 6.645,00")
    ).values
    assert leaf(values, "currency") == "kr"


@pytest.mark.parametrize("code", ["QAR", "COP", "KES", "MAD", "GHS", "UGX", "XOF", "LKR"])
def test_a_rare_currency_is_known_beside_an_amount(code: str) -> None:
    values = ask_printed(
        "invoice", *HEAD, (330, 300, "Total"), (450, 300, f"{code} 1,234.56")
    ).values
    assert leaf(values, "currency") == code


def test_a_code_that_is_a_word_is_a_currency_beside_several_amounts_alone() -> None:
    both = ((330.0, 300.0, "Subtotal"), (450.0, 300.0, "PEN 100.00"), (330.0, 314.0, "Total"))
    for total, expected in (("PEN 118.00", "PEN"), ("118.00", None)):
        values = ask_printed("invoice", *HEAD, *both, (450, 314, total)).values
        assert leaf(values, "currency") == expected


def test_a_word_in_capitals_beside_a_count_is_no_currency() -> None:
    values = ask_printed(
        "invoice", *HEAD, (60, 200, "TMT 12 bars"), (330, 300, "Total"), (450, 300, "234.56")
    ).values
    assert leaf(values, "currency") is None


def test_kilograms_beside_a_weight_are_no_currency() -> None:
    weight = ((60, 200, "Net weight"), (200, 200, "2,450.00 KGS"))
    values = ask_printed(
        "invoice", *HEAD, *weight, (330, 300, "Total"), (450, 300, "234.56")
    ).values
    assert leaf(values, "currency") is None


def test_a_receipt_of_which_nothing_is_left_to_pay_has_a_total_of_zero() -> None:
    values = ask_printed(
        "receipt",
        (10, 13, "CORNER SHOP"), (10, 39, "2024-11-14 10:22"),
        (10, 52, "1 Coffee"), (188, 52, "3.00"),
        (10, 65, "Voucher"), (183, 65, "-3.00"),
        (10, 78, "TOTAL GBP"), (188, 78, "0.00"),
    ).values  # fmt: skip
    assert leaf(values, "total") == "0.00"


def test_what_is_due_less_than_the_total_was_paid_where_the_page_prints_it() -> None:
    values = ask_printed(
        "invoice", *HEAD,
        (40, 290, "Règlement"), (140, 290, "Date"), (220, 290, "Montant"),
        (40, 304, "Virement"), (140, 304, "05/11/2024"), (-260, 304, "201,00"),
        (330, 290, "Total HT"), (-530, 290, "500,00"), (330, 306, "TVA 20 %"),
        (-530, 306, "100,00"), (330, 322, "Total TTC"), (-530, 322, "600,00"),
        (330, 338, "Solde à payer"), (-530, 338, "399,00"),
    ).values  # fmt: skip
    assert [leaf(values, f"totals.{name}") for name in ("paid", "amount_due")] == [
        "201,00",
        "399,00",
    ]


@pytest.mark.parametrize(("summed", "tax"), [((), None), ((("Tax in all", "180.00"),), "180.00")])
def test_two_taxes_of_one_net_amount_make_the_total(
    summed: tuple[tuple[str, str], ...], tax: str | None
) -> None:
    rows = (("Value", "1,000.00"), ("CGST @ 9%", "90.00"), ("SGST @ 9%", "90.00"))
    end = (("Round off", "0.40"), ("Amount", "1,180.40"))
    assert column(*rows, *end, *summed) == ["1,000.00", tax, "1,180.40"]


def test_the_largest_amount_may_stand_right_below_net_and_tax_of_one_line() -> None:
    line = (60, 300, "Summa"), (-440, 300, "200,00"), (-530, 300, "50,00")
    assert totals(*line, (330, 316, "Slutsumma"), (-530, 316, "250,00")) == [
        "200,00", "50,00", "250,00",
    ]  # fmt: skip
    far = totals(*line, *((60, 316 + 16 * n, "text") for n in range(4)), (-530, 396, "250,00"))
    assert far[:2] != ["200,00", "50,00"]


@pytest.mark.parametrize(
    ("total", "rounding", "is_read"),
    [("236.00", "", True), ("236.40", "0.40", True), ("236.40", "", False)],
)
def test_a_line_of_a_recapitulation_begins_with_the_net_and_ends_with_the_tax(
    total: str, rounding: str, is_read: bool
) -> None:
    amounts = ((-300, "200.00"), (-360, "18.00"), (-440, "18.00"), (-530, "36.00"))
    line = ((right, 330, text) for right, text in amounts)
    rounded = ((330, 276, "Round off"), (-530, 276, rounding)) if rounding else ()
    found = totals((330, 260, "In all"), (-530, 260, total), *rounded, (60, 330, "Summary"), *line)
    assert (found == ["200.00", "36.00", total]) is is_read


@pytest.mark.parametrize("heads", [("Rate inc GST", "Amount inc GST"), ("tarif", "total")])
def test_what_heads_a_column_of_prices_is_no_total(heads: tuple[str, str]) -> None:
    rows = (heads, ("$132.00", "$462.00"), ("$275.00", "$275.00"), ("$318.45", "$318.45"))
    lines = [
        (left, 240 + 14 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((330, 450), row, strict=True)
    ]
    assert totals(*lines, (60, 310, "Net à payer : $1,055.45"))[2] in (None, "$1,055.45")


@pytest.mark.parametrize(("rounding", "is_read"), [("0,10", True), ("", False)])
def test_a_total_below_a_row_of_sums_may_be_rounded(rounding: str, is_read: bool) -> None:
    row = ((60, 300, "Součet"), (-300, 300, "190,00"), (-420, 300, "39,90"), (-530, 300, "229,90"))
    rounded = ((60, 314, "Zaokrouhlení"), (-530, 314, rounding)) if rounding else ()
    found = totals(*row, *rounded, (60, 328, "CELKEM K ÚHRADĚ"), (-530, 328, "230,00"))
    assert (found == ["190,00", "39,90", "230,00"]) is is_read


def test_a_row_of_one_of_several_rates_is_not_the_total_though_it_adds_up() -> None:
    found = totals(
        (60, 240, "Oils"), (-530, 240, "120.00"), (60, 256, "Bread"), (-530, 256, "210.00"),
        (60, 300, "Total 20 %"), (-300, 300, "100.00"), (-400, 300, "20.00"), (-500, 300, "120.00"),
        (60, 316, "Total 5 %"), (-300, 316, "200.00"), (-400, 316, "10.00"), (-500, 316, "210.00"),
        (330, 340, "Celkem"), (-530, 340, "330.00"),
    )  # fmt: skip
    assert found == [None, None, "330.00"]


@pytest.mark.parametrize(
    ("untaxed", "is_read"),
    [
        ("MOT", True),
        ("Court fee (no VAT)", True),
        ("Items outside the scope of VAT", True),
        ("Regional tax", False),
        ("TVQ 9,975 %", False),
    ],
)
def test_what_is_added_without_tax_stands_between_the_tax_and_the_total(
    untaxed: str, is_read: bool
) -> None:
    rows = (("Sub Total", "210.00"), ("VAT @ 20%", "42.00"), (untaxed, "54.85"))
    found = column(*rows, ("Total Due", "306.85"))
    assert (found == ["210.00", "42.00", "306.85"]) is is_read


def test_an_amount_in_a_bracket_of_a_label_is_not_its_amount() -> None:
    assert column(("Total (incl. VAT £160.00)", "£960.00"))[2] == "£960.00"


def test_what_taxes_of_two_rates_are_on_is_no_tax() -> None:
    rows = (
        ("Subtotal", "1,412.55"),
        ("VAT 13.5% on 1,199.25", "161.90"),
        ("VAT 23% on 213.30", "49.06"),
    )
    assert column(*rows, ("Total EUR", "1,623.51")) == ["1,412.55", None, "1,623.51"]


@pytest.mark.parametrize("printed", ["R1,000.00", "R1 000.00", "R 1,000.00"])
def test_a_letter_glued_to_an_amount_is_its_currency(printed: str) -> None:
    rows = (("Sub Total", printed), ("VAT 15%", "R150.00"), ("Total", "R1,150.00"))
    assert [str(amount).lstrip("R ") for amount in column(*rows)] == [
        printed.lstrip("R "), "150.00", "1,150.00",
    ]  # fmt: skip
    for total in ("R1,150.00", "R 1,150.00"):
        values = ask_printed("invoice", *HEAD, (330, 300, "Total"), (-530, 300, total)).values
        assert values["currency"] == "R"


@pytest.mark.parametrize("label", ["Order value excl. VAT", "Excluding GST", "Opdracht excl. btw"])
def test_an_amount_without_tax_alone_is_no_total(label: str) -> None:
    assert column((label, "6,889.25")) == ["6,889.25", None, None]
