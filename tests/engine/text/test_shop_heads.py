"""The head of a till receipt: whose shop it is and where, as tills of many countries print it."""

from __future__ import annotations

import pytest
from support.word_pages import Printed, ask_printed, leaf

FOOT: tuple[Printed, ...] = (
    (60, 300, "04/03/2024 18:22"),
    (60, 330, "Kettle"), (300, 330, "12.50"),
    (60, 344, "Total"), (300, 344, "12.50"),
)  # fmt: skip
HIGH = 0.7
"""Odds of a value that is shown as verified; below, it is one to look at."""


def head(*lines: str | tuple[str, float]) -> tuple[str | None, str | None, float]:
    """Print the lines of a head, some with a size of their own.

    Returns:
        The merchant's name, its address and the odds of the name.
    """
    printed: list[Printed] = []
    top = 40.0
    for line in lines:
        text, size = line if isinstance(line, tuple) else (line, 10.0)
        printed.append((60, top, size, text))
        top += size + 4
    answer = ask_printed("receipt", *printed, *FOOT)
    name, address = (leaf(answer.values, f"merchant.{part}") for part in ("name", "address"))
    assert name is None or isinstance(name, str)
    assert address is None or isinstance(address, str)
    return name, address, answer.probabilities.get("merchant.name", 0.0)


ADDRESSES = {
    "a house number is no postcode": (
        ("Lantern Foods #5", "4503 NW 23rd", "Harbour City, OK", "Manager: Jo"),
        "4503 NW 23rd, Harbour City, OK",
    ),
    "the city stands below its street": (
        ("Lantern Burrito Bar", "5800 Northgate Drive, Suite", "Green Rafael CA 94901"),
        "5800 Northgate Drive, Suite, Green Rafael CA 94901",
    ),
    "the postcode stands alone": (
        ("Pat's Pet Express", "3737 Mackenzie Dr", "BOUGHTON ON", "L4H 0A2", "905 303 6621"),
        "3737 Mackenzie Dr, BOUGHTON ON, L4H 0A2",
    ),
    "units with a colon, and lines in between": (
        ("Lantern Sushi Sdn Bhd", "(894996-D)", "Lot NO: 20, Level UG1, Publik Solar",
         "Duta.", "No 1, Jalan Duta, 50480 KL", "Tel: 03-6206 2378"),
        "Lot NO: 20, Level UG1, Publik Solar, Duta., No 1, Jalan Duta, 50480 KL",
    ),
    "a mark between a floor and its number": (
        ("Lantern Restoran Sdn Bhd", "Licensee of Lamp's", "Level'6, Bangunan TM, Uptown3",
         "No.3, Jalan SS21/39, 47400 Petaling", "GST ID: 000504664064"),
        "Level'6, Bangunan TM, Uptown3, No.3, Jalan SS21/39, 47400 Petaling",
    ),
    "a comma goes on": (
        ("LANTERN NIAGA", "LOT PT1138,PT 33122,", "BANDAR MAHKOTA", "43200 CHERAS, SELANGOR",
         "Site : 2365"),
        "LOT PT1138,PT 33122, BANDAR MAHKOTA, 43200 CHERAS, SELANGOR",
    ),
    "a street of a word we do not know, above its city": (
        ("Boulangerie Lanterne", "Quai des usines 163", "B-1000 Bruxelles", "TVA: BE0123"),
        "Quai des usines 163, B-1000 Bruxelles",
    ),
    "a street without a number": (
        ("Lantern Health Sdn Bhd", "Jalan Loke Bentong", "90 Ground Floor", "Jalan Bentong",
         "Tel:09-222 6498"),
        "Jalan Loke Bentong, 90 Ground Floor, Jalan Bentong",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "address"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_read_from_its_first_line_to_its_last(
    lines: tuple[str, ...], address: str
) -> None:
    assert head(*lines)[1] == address


def test_a_company_outdoes_what_is_written_over_the_receipt() -> None:
    name, _, odds = head(
        ("tan chay", 20.0), "Lantern Books Sdn Bhd", "No 8, Jalan Mawar 3,", "43000 Kajang"
    )
    assert name == "Lantern Books Sdn Bhd"
    assert odds < HIGH


def test_a_shops_name_larger_above_its_company_leaves_both_in_doubt() -> None:
    lines = ("Lantern Books Sdn Bhd", "No 8, Jalan Mawar 3,", "43000 Kajang")
    assert head(*lines)[2] > HIGH
    assert head(("Moonlight", 20.0), *lines)[2] < HIGH


@pytest.mark.parametrize(
    "lines",
    [
        ("OASIS VILLAGE", "LOUNGE 2, GROUND FLOOR, OASIS VILLAGE,", "47301 PETALING, SELANGOR"),
        ("Burritos without attitude,", "5800 Northgate Drive,", "Green Rafael CA 94901"),
    ],
    ids=["the place it is in", "a motto"],
)
def test_what_is_no_shops_name_is_not_sure_to_be_one(lines: tuple[str, ...]) -> None:
    assert head(*lines)[2] < HIGH


@pytest.mark.parametrize("name", ["Moonlight", "MOONLIGHT RESTAURANT"])
def test_the_company_that_runs_a_shop_leaves_the_shops_name_in_doubt(name: str) -> None:
    address = ("No 8, Jalan Mawar 3,", "43000 Kajang", "Moonlight thanks you")
    assert head((name, 16.0), *address)[2] > HIGH
    assert head((name, 16.0), "TK DIVISION KITCHEN SDN BHD", *address)[2] < HIGH


def test_a_branchs_number_belongs_to_a_shops_name_and_a_labels_code_is_none() -> None:
    assert head("Moonway#15936-0", "642 Midland Road", "Green City, WI 53546")[0] == (
        "Moonway#15936-0"
    )
    assert head("Moonlight Noodles", "Store #0208", "12 High Street")[0] == "Moonlight Noodles"
    assert head("Rcpt#:A17000010069", "Moonlight Cafe", "12 High Street")[0] == "Moonlight Cafe"


@pytest.mark.parametrize("name", ["COTTEN:ON", "LALALA", "The co-operative pantry"])
def test_an_odd_name_is_a_name(name: str) -> None:
    below = ("TYRANE SQUARE", "12 High Street", "Harbour City, OK 73018")
    assert head((name, 14.0), *below)[0] == name


def test_a_labels_short_code_names_no_shop() -> None:
    assert head("Pax:1", "POS Title:P0S002", "Moonlight Cafe", "12 High Street")[0] == (
        "Moonlight Cafe"
    )


def test_a_number_behind_its_sign_is_no_postcode() -> None:
    assert head("Moonlight Cafe", "000000#7259 CASHIER01")[1] is None


def test_a_motto_over_a_companys_name_is_no_shop() -> None:
    plain = head("Tuulo Baumarkt GmbH", "Grüner Weg 41", "33098 Paderborn")
    under = head(("Respekt, wer es macht.", 16), "Tuulo Baumarkt GmbH", "Grüner Weg 41")
    other = head(("Kampo Backstube", 16), "Tuulo Deutschland GmbH", "Grüner Weg 41")
    assert plain[2] >= HIGH
    assert (under[0], under[2] >= HIGH) == ("Tuulo Baumarkt GmbH", True)
    assert other[2] < HIGH


@pytest.mark.parametrize(
    ("name", "size", "is_sure"),
    [
        ("Teo Heng Stationery & Books", 13.0, True),
        ("Giordano's", 10.0, True),
        ("G10rdano", 10.0, False),
        ("Giordano's", 24.0, False),
    ],
)
def test_the_topmost_print_over_an_address_is_a_shops_name_but_for_what_may_be_a_logo(
    name: str, size: float, is_sure: bool
) -> None:
    found = head((name, size), "53 High Street", "Harbour City, OK 73018")
    assert (found[0], found[2] >= HIGH) == (name, is_sure)
