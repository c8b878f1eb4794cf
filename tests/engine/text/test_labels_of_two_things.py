"""Labels of landlords and tenants, of number and day together, and labels glued to a number."""

from __future__ import annotations

import pytest
from support.two_parties import block, parties, read


@pytest.mark.parametrize(
    ("landlord", "tenant"),
    [
        ("ARRENDADOR", "ARRENDATARIO"), ("Vermieter", "Mieter"), ("Bailleur", "Locataire"),
        ("Landlord", "Tenant"), ("Lessor", "Lessee"), ("Locatore", "Conduttore"),
        ("Verhuurder", "Huurder"), ("Senhorio", "Inquilino"), ("Wynajmujący", "Najemca"),
        ("Hyresvärd", "Hyresgäst"), ("Udlejer", "Lejer"), ("Utleier", "Leietaker"),
        ("Vuokranantaja", "Vuokralainen"), ("Pronajímatel", "Nájemce"), ("Bérbeadó", "Bérlő"),
        ("Locator", "Chiriaș"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_turned", [False, True])
def test_who_lets_sells_and_who_rents_buys(landlord: str, tenant: str, is_turned: bool) -> None:
    sides = [(landlord, "Inmuebles Arriaga, S.L."), (tenant, "Academia Ibaizabal, S.Coop.")]
    left, right = reversed(sides) if is_turned else sides
    printed = (
        *block(50, 100, *left, "Gran Vía 51", "48011 Bilbao"),
        *block(320, 100, *right, "Calle Iturribide 14", "48006 Bilbao"),
    )
    assert parties("invoice", *printed) == (sides[0][1], sides[1][1])


def test_a_day_is_not_the_number_of_a_label_for_two() -> None:
    heads = ((50, 230, "Invoice No"), (150, 230, "Invoice/Tax Date"), (280, 230, "Account"))
    cells = ((50, 246, "INV-0048213"), (150, 246, "14/03/2025"), (280, 246, "THO014"))
    assert read("invoice_number", *heads, *cells) == "INV-0048213"
    assert read("issue_date", *heads, *cells) == "14/03/2025"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Invoice numberB7F2-0031", "B7F2-0031"),
        ("RechnungsnummerRE-2026-118", "RE-2026-118"),
        ("Invoice Numbers", None),
    ],
)
def test_a_number_may_be_glued_to_its_label(printed: str, number: str | None) -> None:
    assert read("invoice_number", (50, 230, printed)) == number


def test_an_engagement_is_the_number_of_an_order_that_has_no_other() -> None:
    title = (350, 200, "BON DE COMMANDE")
    engagement = (350, 226, "N° d'engagement : 25-00418")
    number = (350, 213, "N° 2025/EV/0126")
    assert read("po_number", title, number, engagement, schema="purchase_order") == "2025/EV/0126"
    assert read("po_number", title, engagement, schema="purchase_order") == "25-00418"


CAPTIONED = (
    (400, 300, 11.0, "1462"), (400, 313, 7.0, "N° de facture"),
    (400, 330, 11.0, "2 octobre 2025"), (400, 343, 7.0, "Date"),
    (400, 360, 11.0, "1er novembre 2025"), (400, 373, 7.0, "Échéance"),
)  # fmt: skip


def test_captions_in_smaller_print_name_what_is_above_them() -> None:
    assert read("invoice_number", *CAPTIONED) == "1462"
    assert read("issue_date", *CAPTIONED) == "2 octobre 2025"
    assert read("due_date", *CAPTIONED) == "1er novembre 2025"


def test_labels_in_smaller_print_above_their_values() -> None:
    tops = (312, 302, 342, 332, 372, 362)
    swapped = [(400, top, *run[2:]) for run, top in zip(CAPTIONED, tops, strict=True)]
    assert read("issue_date", *swapped) == "2 octobre 2025"
    assert read("due_date", *swapped) == "1er novembre 2025"


@pytest.mark.parametrize(
    ("path", "label", "value"),
    [
        ("invoice_number", "Avinummer", "118204477"),
        ("invoice_number", "N° d'avis", "26-0449127"),
        ("due_date", "Somme exigible le", "01/04/2026"),
        ("totals.amount_due", "Amount due by 20 March 2026", "£204.88"),
    ],
)
def test_labels_of_notices_to_pay(path: str, label: str, value: str) -> None:
    assert read(path, (50, 300, label), (250, 300, value)) == value
