"""Forms of companies, institutions, logos and signatures: what makes print a party's name."""

from __future__ import annotations

import pytest
from support.two_parties import CLUB, MAKER, block, parties
from support.word_pages import Printed

from docextract.engine.text.parties.addresses import is_address
from docextract.engine.text.values.names import COMPANY_FORM, is_institution, is_no_name

TITLE: tuple[Printed, ...] = ((400, 110, 14, "Invoice"), (400, 130, "Invoice no. 3207"))
HEAD: tuple[Printed, ...] = (*block(50, 40, *MAKER), *TITLE)


@pytest.mark.parametrize(
    "name",
    [
        "Haus Ges.m.b.H.", "Kern PartG mbB", "Luz S.à r.l.", "Marin, C.B.", "Olivar S. Coop.",
        "Rossi & C. s.n.c.", "Bruni S.a.s.", "Verdi S.r.l.s.", "Jansen V.O.F.", "VvE Parkzicht",
        "Klövsjö Ek. för.", "Dansk Andel A.M.B.A.", "Kuoro ry", "Kral d.o.o.", "Zielony sp. j.",
        "Harte Teo.", "Boréal inc.", "Gagnon Ltée", "Mokoena CC", "Reed L.L.C.", "SNC Aubert",
        "Pereira, Lda", "Kovář z. s.", "Тепло ТОВ", "Δέλτα Α.Ε.",
    ],
)  # fmt: skip
def test_forms_of_companies(name: str) -> None:
    assert COMPANY_FORM.search(name)


@pytest.mark.parametrize("text", ["20 % inc. VAT", "ry bread", "as of May", "cc: Ann Lee", "c.v."])
def test_words_that_look_like_forms(text: str) -> None:
    assert not COMPANY_FORM.search(text)


def test_a_form_may_end_in_a_word_that_announces_elsewhere() -> None:
    assert not is_no_name("Klövsjö Fjällstugor Ek. för.")
    assert is_no_name("Faktura för")


@pytest.mark.parametrize(
    ("person", "party"),
    [
        ("Prue Lalonde", "Wellington Catholic Library Board"),
        ("Marcus Deal", "Flint Hills Unified School District 253"),
        ("Anna Kern", "Musikschule Seeblick"),
        ("Jeanne Petit", "Mairie de Beaulieu"),
    ],
)
def test_an_institution_below_a_person_is_the_party(person: str, party: str) -> None:
    window = block(50, 160, "BILL TO", person, party, "75 Woolwich Street", "Bristol BS1 6XN")
    assert parties("invoice", *HEAD, *window)[1] == party


@pytest.mark.parametrize("house", ["Ivy Cottage", "The Old Library", "School House"])
def test_a_house_below_a_person_is_none(house: str) -> None:
    assert not is_institution(house)
    window = block(50, 160, "BILL TO", "Prue Lalonde", house, "75 Mill Road", "Bristol BS1 6XN")
    assert parties("invoice", *HEAD, *window)[1] == "Prue Lalonde"


@pytest.mark.parametrize(
    "line", ["for Acme Tools Ltd", "p/a Beheer Eemstad B.V.", "di Gino Tedeschi & figlio snc"]
)
def test_what_a_name_stands_behind_is_no_name(line: str) -> None:
    assert is_no_name(line)
    assert not is_no_name("Di Marco S.r.l.") and not is_no_name("For Eyes Optical Ltd")


def test_a_short_code_is_no_town_with_its_postcode() -> None:
    assert not is_address("HBT 118840")
    assert is_address("Pune 411001")


def test_what_stands_below_from_is_no_address_window() -> None:
    head = (50, 40, 18, "nordanå"), (50, 62, 18, "timmerhus"), (50, 90, 12, "Purchase Order 7714")
    maker = (50, 163, "Bastu Timber AB"), (50, 195, "order@bastutimber.example")
    rows = (300, 195, "12 boards at 10.00"), (480, 195, "120.00"), (480, 214, "80.00")
    sender = block(50, 227, "Nordanå Timmerhus AB", "Reg. no. 769618-4420", "Box 44, 931 21 Umeå")
    found = parties("purchase_order", *head, *maker, *rows, (50, 214, 8, "From"), *sender)
    assert found[1] == "Nordanå Timmerhus AB"


def test_a_logo_is_no_rival_of_the_name_it_is_a_part_of() -> None:
    logo: tuple[Printed, ...] = ((50, 40, 22, "TALLGRASS"), *TITLE)
    foot = block(50, 700, "Make all checks payable to", "Tallgrass Youth Services, Inc.")
    window = block(50, 160, "Bill to", *CLUB)
    assert parties("invoice", *logo, *window, *foot)[0] == "Tallgrass Youth Services, Inc."


def test_an_institution_stands_above_its_people() -> None:
    firm = block(50, 40, "Studio Legale Associato", "Ferraris & Bonomo")
    people = ("Avv. Carlo Ferraris", "Avv. Lucia Bonomo", "Corso dei Mille, 41 – 15099 Alba")
    head = (*firm, *block(330, 40, *people, "P. IVA 02417760068"), (400, 130, "Fattura 58/2025"))
    window = block(50, 160, "Spett.le", "Rovelli S.r.l.", "Via Garibaldi, 3", "15099 Alba (AL)")
    assert parties("invoice", *head, *window)[0] == "Studio Legale Associato"


def test_an_office_stands_above_an_institution() -> None:
    office = ("Supply Chain Management Unit", "Groenvlei District Municipality")
    window = block(50, 160, "BILL TO", *office, "75 Kloof Street", "Bristol BS1 6XN")
    assert parties("invoice", *HEAD, *window)[1] == office[1]


@pytest.mark.parametrize(
    "above",
    [
        ("Lucy Marsh", "Head Teacher"), ("Department of Geography",), ("Institut für Physik",),
        ("School of Music",),
    ],
)  # fmt: skip
def test_an_institution_stands_below_its_departments_and_officers(above: tuple[str, ...]) -> None:
    window = block(50, 160, "BILL TO", *above, "University of Lancaster", "Bailrigg Lane 7",
                   "Lancaster LA1 4YW")  # fmt: skip
    assert parties("invoice", *HEAD, *window)[1] == "University of Lancaster"


@pytest.mark.parametrize(
    "foot",
    [
        "Fjord Kontor is a trading name of Nilsen House Ltd · Company no. 5518840",
        "Fjord Kontor wird betrieben von der Nilsen Haus GmbH · HRB 22114",
        "Fjord Kontor drives av Nilsen Interiør AS · Org.nr. NO 914 778 271 MVA",
    ],
)
def test_who_runs_a_brand_is_told_behind_it(foot: str) -> None:
    logo: tuple[Printed, ...] = ((50, 40, 22, "Fjord Kontor"), *TITLE)
    name = parties("invoice", *logo, *block(50, 160, "Bill to", *CLUB), (50, 780, foot))[0]
    assert str(name).split()[0] in ("Nilsen", "Fjord") and len(str(name).split()) <= 3
