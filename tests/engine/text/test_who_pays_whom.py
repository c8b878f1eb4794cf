"""Who writes an invoice, whose account is paid to, and whose tax number stands there."""

from __future__ import annotations

import pytest
from support.two_parties import MAKER, PARTIES, block, parties, read
from support.word_pages import Paper, Printed, ask, leaf

OURS, OTHERS = "DE89 3704 0044 0532 0130 00", "DE02 1203 0000 0000 2020 51"


@pytest.mark.parametrize(
    "line",
    [
        f"Your account {OTHERS} will be debited on 15 Oct 2026.",
        f"Payment will be taken from IBAN {OTHERS} on or after 28/09/2026.",
        f"Lastschrifteinzug am 21.09.2026 zulasten IBAN {OTHERS}, Mandat M-4418.",
        f"Wir ziehen den Betrag von folgendem Konto ein: {OTHERS}.",
        f"SDD addebito in conto vs. IBAN {OTHERS}",
        f"Votre RIB enregistré pour le prélèvement : {OTHERS}",
        f"Wij schrijven het bedrag af van rekening {OTHERS}.",
    ],
)
def test_the_account_that_is_debited_is_not_the_one_to_pay_to(line: str) -> None:
    assert read("payment.iban", (50, 600, line)) is None
    both = (50, 600, line), (50, 640, f"IBAN: {OURS}")
    assert read("payment.iban", *both) == OURS


@pytest.mark.parametrize(
    "lines",
    [
        (
            "Wir haben die Forderung an die Rheinfactor AG abgetreten. Zahlung nur auf",
            f"deren Konto IBAN {OTHERS}.",
        ),
        (f"Votre règlement n'est libératoire que sur l'IBAN {OTHERS}",),
        (f"Credito ceduto pro soluto a Lombarda Factor S.p.A., IBAN {OTHERS}",),
        ("This invoice has been assigned to Kent Factors plc. Please pay only", f"IBAN {OTHERS}"),
    ],
)
def test_who_bought_the_claim_is_paid(lines: tuple[str, ...]) -> None:
    head = ((50, 210, "Invoice no. 4711"), (50, 224, "Date: 30.9.2025"), (50, 300, "Total: 12.00"))
    printed = (*head, *block(50, 600, *lines), (50, 760, f"Unsere Bank: IBAN {OURS}"))
    assert str(read("payment.iban", *printed)).strip(".") == OTHERS


@pytest.mark.parametrize(
    "printed",
    [
        ((350, 210, "Ihre USt-IdNr."), (350, 223, "DE136695976")),
        ((350, 210, "USt-IdNr. Kunde"), (350, 223, "DE136695976")),
        ((50, 210, "Votre n° TVA"), (50, 223, "DE136695976")),
        ((50, 210, "CIF cliente: DE136695976"),),
        ((50, 210, "Vs. P.IVA: DE136695976"),),
    ],
)
def test_the_tax_number_of_the_addressee_is_not_the_sellers(printed: tuple[Printed, ...]) -> None:
    assert read("seller.tax_id", *printed) is None
    assert read("seller.tax_id", (50, 760, "USt-IdNr. DE136695976")) == "DE136695976"


def test_a_tax_number_ends_before_the_label_of_another() -> None:
    line = (50, 82, "P.IVA 12345670017 C.F. BRTPLA70A01E897X")
    assert read("seller.tax_id", line) == "12345670017"


GIVER: tuple[Printed, ...] = (
    (50, 40, 14, "Biowärme Ostallgäu GmbH"), (50, 58, "Industriestr. 4 · 87616 Marktoberdorf"),
    *block(50, 130, "Forstbetrieb Xaver Linder", "Am Hochwald 2", "87634 Obergünzburg"),
    (350, 130, "Beleg-Nr.: G-2026-0088"), (350, 143, "Datum: 14.09.2026"),
)  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        "Gutschrift (Abrechnung gem. § 14 Abs. 2 UStG)",
        "Abrechnung im Gutschriftsverfahren",
        "Self-billed invoice",
        "Autofacturation",
        "Provisionsgutschrift",
        "Factuur uitgereikt door afnemer",
        "Samofakturowanie",
    ],
)
def test_who_writes_a_self_billed_invoice_buys(title: str) -> None:
    """The words that article 226 of the EU's VAT directive asks for, and what people say."""
    assert parties("invoice", *GIVER, (50, 230, 14, title)) == (
        "Forstbetrieb Xaver Linder",
        "Biowärme Ostallgäu GmbH",
    )


@pytest.mark.parametrize(
    "title",
    [
        "Rechnung",
        "Abrechnung Ihrer Stromlieferung 2025",
        "Versandkosten für Ihre Lieferung",
        "Auszahlungsbetrag",
        "Einspeisevergütung",
        "Rechnung nach § 14 Abs. 2 UStG",
    ],
)
def test_who_writes_an_ordinary_invoice_sells(title: str) -> None:
    assert parties("invoice", *GIVER, (50, 230, 14, title))[0] == "Biowärme Ostallgäu GmbH"


@pytest.mark.parametrize(
    "line",
    [
        "Mitglied im Zentralverband Sanitär Heizung Klima",
        "Meisterbetrieb der Innung",
        "Member of the Guild of Master Glaziers",
        "Incorporating Dobbs & Co",
        "Partner der BÄKO Südwest eG",
        "Adhérent de la Fédération du Bâtiment",
    ],
)
def test_what_a_firm_belongs_to_is_not_its_name(line: str) -> None:
    head = (
        (50, 40, line),
        (50, 54, 14, "Glaserei Ott"),
        (50, 72, "Am Deich 4"),
        (50, 85, MAKER[2]),
    )
    window = block(50, 150, "Garage Steiner GmbH", "Luzernerstrasse 98", "6330 Cham")
    assert parties("invoice", *head, *window)[0] == "Glaserei Ott"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("operated by Leisure Foods Ltd", "Leisure Foods Ltd"),
        ("betrieben durch Krone Gastro GmbH", "Krone Gastro GmbH"),
        ("exploitée par Torréfaction Michel SARL", "Torréfaction Michel SARL"),
        ("gestito da Gastronomia Como S.r.l.", "Gastronomia Como S.r.l."),
    ],
)
def test_who_runs_a_house_is_named_without_the_words_before(line: str, name: str) -> None:
    head = ((50, 40, 14, "Café Verona"), (50, 58, line), (50, 71, "Am Deich 4"), (50, 84, MAKER[2]))
    window = block(50, 150, "Garage Steiner GmbH", "Luzernerstrasse 98", "6330 Cham")
    assert parties("invoice", *head, *window)[0] in (name, "Café Verona")


@pytest.mark.parametrize(
    ("net", "tax", "gross"),
    [
        ("61 220,00", "15 305,00", "76 525,00"),
        ("1 000 000,00", "250 000,00", "1 250 000,00"),
    ],
)
def test_thousands_apart_in_letters_of_one_width(net: str, tax: str, gross: str) -> None:
    printed: list[Printed] = []
    for n, (label, amount) in enumerate((("Net", net), ("VAT 25%", tax), ("Total", gross))):
        printed += [(330, 300 + 16 * n, label), (-560, 300 + 16 * n, amount)]
    mono = Paper(595.0, 842.0, character=0.7, gap=0.7)
    found = ask("invoice", mono.page((330, 60, "Invoice no. 4711"), *printed)).values
    assert leaf(found, "totals.gross") == gross
    assert leaf(found, "totals.net") == net


def test_an_account_to_pay_to_may_stand_beside_the_number_of_the_buyers() -> None:
    line = f"Please pay to IBAN {OURS} quoting your account number 4711"
    assert read("payment.iban", (50, 600, line)) == OURS


@pytest.mark.parametrize(
    "lines",
    [
        (f"Client account: IBAN {OTHERS}", f"Office account (for our fees): IBAN {OURS}"),
        (f"EUR account IBAN {OTHERS}", f"GBP account IBAN {OURS}"),
        (f"Konto für Mieten: IBAN {OTHERS}", f"Konto für Rechnungen: IBAN {OURS}"),
    ],
)
def test_of_accounts_for_several_ends_none_is_sure(lines: tuple[str, ...]) -> None:
    head = ((50, 210, "Invoice no. 4711"), (50, 224, "Date: 30.9.2025"), (50, 300, "Total: 12.00"))
    answer = ask("invoice", Paper().page(*PARTIES, *head, *block(50, 600, *lines)))
    assert answer.probabilities["payment.iban"] < answer.probabilities["invoice_number"]
    sole = ask("invoice", Paper().page(*PARTIES, *head, *block(50, 600, lines[1])))
    assert sole.probabilities["payment.iban"] > answer.probabilities["payment.iban"]


@pytest.mark.parametrize(
    "line",
    [
        "Bisherige Bankverbindung IBAN {} (erloschen)",
        "Kaution bitte auf das Treuhandkonto IBAN {}",
        "Compte séquestre : IBAN {}",
        "Donations to our roof appeal: IBAN {}",
    ],
)
def test_accounts_for_other_ends_are_not_paid_to(line: str) -> None:
    assert read("payment.iban", (50, 600, line.format(OTHERS))) is None
    both = (50, 600, line.format(OTHERS)), (50, 640, f"IBAN: {OURS}")
    assert read("payment.iban", *both) == OURS


@pytest.mark.parametrize(
    "line",
    [
        "Card payments processed by PayLane Ltd, VAT no. GB 237559435",
        "Versand durch: Paketprofi GmbH, USt-IdNr. DE136695976",
        "Intermediario SdI: Datafatt S.r.l., P.IVA IT12345670017",
    ],
)
def test_the_tax_number_of_a_third_party_is_not_the_sellers(line: str) -> None:
    assert read("seller.tax_id", (50, 760, line)) is None
    own = (50, 740, "Alpina Kaffeetechnik AG, Baar, VAT no. GB 237559435")
    assert read("seller.tax_id", own) == "GB 237559435"
