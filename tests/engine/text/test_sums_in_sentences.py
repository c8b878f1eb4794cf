"""Totals that letters tell in sentences, and what prints like a sum and is none."""

from __future__ import annotations

import pytest
from support.two_parties import block
from support.word_pages import A4, ask, leaf

HEAD = (50, 200, "Invoice no. N-2041")


def totals(*lines: str, schema: str = "invoice") -> dict[str, object]:
    """Return the totals of a letter of some lines."""
    found = ask(schema, A4.page(HEAD, *block(50, 300, *lines))).values["totals"]
    assert isinstance(found, dict)
    return {name: amount for name, amount in found.items() if amount is not None}


def test_a_letter_adds_up_what_it_asks_for() -> None:
    found = totals(
        "The charge for the heater and parts is $1,148.00 and labor for two men comes to $760.00.",
        "The permit and its inspection by the city add $83.23, which makes $1,991.23 in all.",
    )
    assert found["gross"] == "$1,991.23"


def test_a_sentence_tells_what_two_rows_come_to() -> None:
    found = totals(
        "Two guided walking tours of the harbour forts (21 and 22 June):", "€320.00",
        "Research and handouts: €95.00",
        "This makes €415.00 altogether. I am not registered and so nothing is added.",
    )  # fmt: skip
    assert found["gross"] == "€415.00"
    assert "tax" not in found


def test_two_amounts_of_a_letter_do_not_make_a_third_one_larger_than_they_are() -> None:
    found = totals(
        "We quoted £500.00 for the roof in May and you have kindly paid us £200.00 since then.",
        "The scaffold alone costs us £150.00 a week, which we do not charge to any of our clients.",
    )
    assert "gross" not in found


@pytest.mark.parametrize(
    "lines",
    [
        ("The net value of this order is £7,840.00 and VAT of £1,568.00 is expected, giving a",
         "gross order value of £9,408.00 in all; of each payment 5% is retained until the end."),
        ("Le présent bon de commande est arrêté à la somme de £9,408.00 tout compris, soit",
         "£7,840.00 hors taxes et £1,568.00 de TVA au taux en vigueur à la date de la commande."),
    ],
)  # fmt: skip
def test_net_tax_and_total_stand_in_one_sentence(lines: tuple[str, ...]) -> None:
    found = totals(*lines)
    assert (found["net"], found["tax"], found["gross"]) == ("£7,840.00", "£1,568.00", "£9,408.00")


def test_what_is_added_without_the_name_of_a_tax_is_none() -> None:
    found = totals(
        "Our charge for the extraction of the records and the medical report is £95.00, to which",
        "we add £18.50 for photocopying and postage to you. No VAT arises on any of this work.",
        "We should therefore be grateful for your kind remittance of £113.50 within 28 days.",
    )
    assert found["gross"] == "£113.50"
    assert "tax" not in found and "net" not in found


def test_a_subtotal_is_no_total_of_what_a_surcharge_is_part_of() -> None:
    rows = ("Linehaul", "1,240.00"), ("Fuel surcharge 18.5%", "229.40"), ("Tailgate", "85.00")
    ends = ("Sub-total", "1,554.40"), ("GST 5%", "77.72"), ("QST 9.975%", "155.05")
    last = ("PLEASE PAY", "1,787.17")
    printed = [
        run
        for n, (label, amount) in enumerate((*rows, *ends, last))
        for run in ((50, 300 + 16 * n, label), (-500, 300 + 16 * n, amount))
    ]
    values = ask("invoice", A4.page(HEAD, *printed)).values
    assert leaf(values, "totals.net") == "1,554.40"
    assert leaf(values, "totals.gross") == "1,787.17"
    assert leaf(values, "totals.tax") is None
