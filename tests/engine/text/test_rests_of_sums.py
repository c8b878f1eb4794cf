"""What sums leave beside net, tax and total: charges, discounts, roundings, payments and tips."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask

HEAD: tuple[Printed, ...] = ((330, 60, "Invoice no."), (470, 60, "N-2041"))
ORDER: tuple[Printed, ...] = ((330, 60, "PO Number"), (470, 60, "4711"))
SHOP: tuple[Printed, ...] = ((50, 40, "Hofladen Winter GmbH"), (50, 54, "Mohnweg 4"))
ITEMS: tuple[Printed, ...] = (
    (50, 200, "Description"), (-350, 200, "Qty"), (-440, 200, "Price"), (-540, 200, "Amount"),
    (50, 216, "Bench vice"), (-350, 216, "2"), (-440, 216, "60.00"), (-540, 216, "120.00"),
    (50, 232, "Steel rule"), (-350, 232, "4"), (-440, 232, "20.00"), (-540, 232, "80.00"),
)  # fmt: skip
SUMS = (("Net total", "200.00"), ("VAT 20 %", "40.00"), ("Total", "240.00"))
Labelled = tuple[str, str]


def column(top: float, *sums: Labelled) -> tuple[Printed, ...]:
    """Return labels with amounts right-aligned beside them, one below the other."""
    return tuple(
        (left, top + 16 * n, text)
        for n, line in enumerate(sums)
        for left, text in zip((330.0, -540.0), line, strict=True)
    )


def totals(*sums: Labelled, head: tuple[Printed, ...] = HEAD) -> dict[str, object]:
    """Return the totals that are found of an invoice or order for 200.00."""
    schema = "invoice" if head[0][-1] == "Invoice no." else "purchase_order"
    found = ask(schema, A4.page(*head, *ITEMS, *column(280, *sums))).values["totals"]
    assert isinstance(found, dict)
    return {name: amount for name, amount in found.items() if amount is not None}


def receipt(*lines: Labelled) -> dict[str, object]:
    return ask("receipt", A4.page(*SHOP, *column(100, *lines))).values


def test_a_charge_is_known_by_what_lacks_between_items_and_net() -> None:
    sums = ("Items", "200.00"), ("Umlage", "10.00"), ("Net total", "210.00")
    found = totals(*sums, ("VAT 20 %", "42.00"), ("Total", "252.00"))
    assert found == {"charges": "10.00", "net": "210.00", "tax": "42.00", "gross": "252.00"}


def test_an_amount_that_closes_nothing_is_no_charge() -> None:
    sums = ("Items", "200.00"), ("Points", "11.00"), ("Net total", "210.00")
    assert "charges" not in totals(*sums, ("VAT 20 %", "42.00"), ("Total", "252.00"))


def test_a_discount_of_an_order_is_known_by_what_items_have_too_much() -> None:
    sums = ("Items", "200.00"), ("Loyalty", "-10.00"), ("Net total", "190.00")
    found = totals(*sums, ("VAT 20 %", "38.00"), ("Total", "228.00"), head=ORDER)
    assert found["discount"] == "-10.00"


@pytest.mark.parametrize("amount", ["-1,00", "1,00"])
def test_a_discount_of_a_receipt_is_known_by_what_items_have_too_much(amount: str) -> None:
    lines = ("Stift", "1,20"), ("Klebeband", "9,70"), ("Zwischensumme", "10,90")
    found = receipt(*lines, ("Treue", amount), ("SUMME EUR", "9,90"))
    assert (found["discount"], found["total"]) == (amount, "9,90")


def test_what_a_receipt_adds_without_a_label_is_no_charge() -> None:
    lines = ("Stift", "1,20"), ("Klebeband", "9,70"), ("Zwischensumme", "10,90")
    end = ("Trinkgeld", "1,00"), ("SUMME EUR", "15,97")
    assert receipt(*lines, ("Extra", "4,07"), *end)["charges"] is None


@pytest.mark.parametrize("label", ["Skonto", "Skonto 2 %"])
def test_a_discount_for_early_payment_is_none_where_items_come_to_the_net(label: str) -> None:
    assert totals(*SUMS, (label, "4.80")).keys() == {"net", "tax", "gross"}


@pytest.mark.parametrize(
    ("label", "name", "gross"),
    [("Freight", "charges", "252.00"), ("Discount", "discount", "228.00")],
)
def test_what_stands_between_net_and_gross_stays(label: str, name: str, gross: str) -> None:
    found = totals(*SUMS[:2], (label, "12.00"), ("Total", gross))
    assert found == {"net": "200.00", "tax": "40.00", name: "12.00", "gross": gross}


def test_a_rounding_that_no_label_announces_is_what_net_and_tax_leave() -> None:
    found = totals(SUMS[0], ("VAT 20 %", "40.40"), ("Zaokr.", "-0.40"), SUMS[2])
    assert (found["rounding"], found["gross"]) == ("-0.40", "240.00")


def test_more_than_any_rounding_is_none() -> None:
    assert "rounding" not in totals(*SUMS[:2], ("Rounding", "17.50"), SUMS[2])
    assert totals(*SUMS[:2], ("Rounding", "0.50"), ("Total", "240.50"))["rounding"] == "0.50"


BEFORE = column(120, ("Previous balance", "88.00"), ("Payment received", "-88.00"))


def test_what_settled_the_balance_before_is_not_paid_of_this_invoice() -> None:
    due = ("Amount due", "240.00")
    assert "paid" not in totals(*SUMS, due, head=(*HEAD, *BEFORE))


def test_what_leaves_less_to_pay_is_paid_though_it_is_printed_twice() -> None:
    again = column(120, ("Payment received", "88.00"))
    found = totals(*SUMS, ("Paid", "88.00"), ("Amount due", "152.00"), head=(*HEAD, *again))
    assert found["paid"] == "88.00"


def test_nothing_paid_stays_where_another_amount_is_zero_too() -> None:
    found = totals(*SUMS, ("Paid", "0.00"), ("Fee", "0.00"), ("Amount due", "240.00"))
    assert found["paid"] == "0.00"


def test_tips_that_a_receipt_suggests_are_not_given() -> None:
    lines = ("Pasta", "9.70"), ("Water", "1.20"), ("Subtotal", "10.90"), ("Total", "10.90")
    assert receipt(*lines, ("Tip 18% 1.96 20%", "2.18"))["tip"] is None
    assert receipt(*lines, ("Tip 18%", "1.96"))["tip"] == "1.96"


def test_a_service_charge_of_a_receipt() -> None:
    lines = ("Pasta", "15.80"), ("Water", "1.00"), ("Subtotal", "16.80")
    found = receipt(*lines, ("Service charge 10%", "1.68"), ("TOTAL", "18.48"))
    assert (found["charges"], found["total"]) == ("1.68", "18.48")


def test_a_discount_of_an_order() -> None:
    sums = ("Subtotal", "200.00"), ("Discount", "10.00"), ("Net total", "190.00")
    found = totals(*sums, ("VAT 20 %", "38.00"), ("Total", "228.00"), head=ORDER)
    assert (found["discount"], found["net"]) == ("10.00", "190.00")


def test_of_totals_of_which_two_make_a_third_that_is_the_total() -> None:
    fees = ("Total fees", "200.00"), ("Total costs", "63.40"), ("Total this invoice", "263.40")
    assert totals(*fees, ("Balance due", "163.40"))["gross"] == "263.40"


@pytest.mark.parametrize("label", ["zusammen inkl. MwSt.", "Total, VAT and carriage included"])
def test_what_all_items_come_to_with_tax_is_the_total_and_no_tax(label: str) -> None:
    assert totals((label, "200.00"), head=ORDER) == {"gross": "200.00"}


@pytest.mark.parametrize("total", ["263.40", "263.00"])
def test_a_total_that_another_amount_makes_larger_is_a_part(total: str) -> None:
    """Also where the larger one is rounded to whole units."""
    sums = ("Total fees", "200.00"), ("Recording and copies", "63.40"), ("Total", total)
    assert totals(*sums)["gross"] == total


FEE = (("Subtotal", "200.00"), ("Total", "230.00"))


@pytest.mark.parametrize(
    "label",
    ["Agency fee 15%", "Damage waiver 15%", "Fuel levy 15%", "Booking fee 15%", "Insurance 15 %"],
)
def test_a_share_that_no_tax_is_named_for_is_a_charge(label: str) -> None:
    found = totals(FEE[0], (label, "30.00"), FEE[1])
    assert (found.get("tax"), found["charges"]) == (None, "30.00")


@pytest.mark.parametrize("label", ["ISV 15%", "Q.S.T. 15%", "Versicherungsteuer 15 %", "Moms 15%"])
def test_a_tax_that_hardly_anybody_knows_is_one(label: str) -> None:
    assert totals(FEE[0], (label, "30.00"), FEE[1])["tax"] == "30.00"


def test_the_balance_before_is_no_tax() -> None:
    found = totals(FEE[0], ("Previous balance", "30.00"), ("Total to pay", "230.00"))
    assert "tax" not in found


@pytest.mark.parametrize(
    "label",
    [
        "Retention 5%",
        "Less CIS deduction 5%",
        "Less retainage 5%",
        "Ritenuta d'acconto 5%",
        "Retención I.R.P.F. 5 %",
        "Retenue de garantie 5 %",
        "Sicherheitseinbehalt 5 %",
        "Garantieeinbehalt",
        "Pozastávka 5 %",
    ],
)
def test_what_the_buyer_keeps_back_was_not_paid(label: str) -> None:
    found = totals(*SUMS, (label, "-10.00"), ("Amount due", "230.00"))
    assert (found.get("paid"), found["withheld"]) == (None, "-10.00")
    assert (found["gross"], found["amount_due"]) == ("240.00", "230.00")


@pytest.mark.parametrize(
    "label",
    [
        "50% deposit due now",
        "Deposit 50 % payable on order",
        "Anzahlung 50 % sofort fällig",
        "Acompte de 50 % à verser dès réception",
        "Aanbetaling 50% nu te voldoen",
        "Acconto 50% da versare subito",
    ],
)
def test_a_deposit_that_is_asked_for_was_not_paid(label: str) -> None:
    found = totals(*SUMS, (label, "120.00"), ("Balance due on completion", "120.00"))
    assert "paid" not in found
    paid = totals(*SUMS, ("Deposit paid", "120.00"), ("Balance due", "120.00"))
    assert paid["paid"] == "120.00"


def test_an_advance_that_is_the_item_was_not_paid() -> None:
    items = (50, 264, "Deposit 30 %"), (-540, 264, "200.00")
    found = ask("invoice", A4.page(*HEAD, *items, *column(300, *SUMS))).values["totals"]
    assert isinstance(found, dict)
    assert (found["paid"], found["gross"]) == (None, "240.00")


@pytest.mark.parametrize("label", ["Last payment", "Zuletzt bezahlt", "Último pago recibido"])
def test_the_payment_before_is_not_of_this_invoice(label: str) -> None:
    assert "paid" not in totals(*SUMS, (label, "240.00"))


def test_of_totals_in_several_columns_none_is_taken() -> None:
    """As ``Contract sum | This invoice``: any of them adds up."""
    beside: list[Printed] = []
    for n, (part, whole) in enumerate(
        (("50.00", "200.00"), ("10.00", "40.00"), ("60.00", "240.00"))
    ):
        beside += [(-540, 280 + 16 * n, part), (-440, 280 + 16 * n, whole)]
        beside += [(50, 280 + 16 * n, SUMS[n][0])]
    found = ask("invoice", A4.page(*HEAD, *beside)).values["totals"]
    assert isinstance(found, dict)
    assert (found["net"], found["tax"], found["gross"]) == (None, None, None)


def test_a_tax_in_the_label_of_a_total_is_not_the_total() -> None:
    found = totals(("Total incl. 20 % VAT (40.00)", "240.00"))
    assert found["gross"] == "240.00"


def test_what_is_withheld_ends_its_line() -> None:
    found = totals(*SUMS, ("Retención I.R.P.F. 5 % s/ 200.00", "-10.00"), ("Amount due", "230.00"))
    assert (found["withheld"], found["amount_due"]) == ("-10.00", "230.00")


def test_a_subtotal_among_rows_is_none_of_them() -> None:
    rows = ("Haulage north", "70.00"), ("Haulage south", "90.00"), ("Haulage", "160.00")
    more = ("Diesel", "25.00"), ("Tolls", "15.00")
    head = (50, 200, "Description"), (-540, 200, "Amount")
    printed = [
        (left, 216 + 16 * n, text)
        for n, row in enumerate((*rows, *more))
        for left, text in zip((50, -540), row, strict=True)
    ]
    found = ask("invoice", A4.page(*HEAD, *head, *printed, *column(330, *SUMS))).values["lines"]
    assert isinstance(found, list)
    assert [row["net"] for row in found] == ["70.00", "90.00", "25.00", "15.00"]
