"""Papers in the languages of ``schema/languages``: a row each, and one language not yet there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.word_pages import ask_printed, leaf

ROOT = Path(__file__).parents[3]

PAPERS = [
    ("de", "Rechnungsnummer", "Rechnungsdatum", "3. März 2025", "Netto", "MwSt 20 %", "Brutto"),
    ("fr", "N° de facture", "Date de facture", "3 mars 2025", "Total HT", "TVA 20 %",
     "Total TTC"),
    ("it", "Numero fattura", "Data fattura", "3 marzo 2025", "Imponibile", "IVA 20 %", "Totale"),
    ("nl", "Factuurnummer", "Datum", "3 maart 2025", "Totaal excl.", "Btw 20 %", "Totaal incl."),
    ("pl", "Nr faktury", "Data wystawienia", "3 marca 2025", "Razem netto", "VAT 20 %",
     "Razem brutto"),
    ("sv", "Fakturanummer", "Fakturadatum", "3 mars 2025", "Summa exkl. moms", "Moms 20 %",
     "Summa att betala"),
    ("da", "Fakturanr.", "Fakturadato", "3. marts 2025", "I alt ekskl. moms", "Moms 20 %",
     "I alt inkl. moms"),
    ("no", "Fakturanr", "Fakturadato", "3. mars 2025", "Sum eks. mva", "Mva 20 %",
     "Sum inkl. mva"),
    ("fi", "Laskun numero", "Laskun päivämäärä", "3. maaliskuuta 2025", "Veroton yhteensä",
     "Alv 20 %", "Maksettava yhteensä"),
    ("cs", "Číslo faktury", "Datum vystavení", "3. března 2025", "Celkem bez DPH", "DPH 20 %",
     "Celkem k úhradě"),
    ("hu", "Számla sorszáma", "Számla kelte", "2025. március 3", "Nettó összesen", "Áfa 20 %",
     "Fizetendő összesen"),
    ("ro", "Nr. facturii", "Data emiterii", "3 martie 2025", "Total fără TVA", "TVA 20 %",
     "Total de plată"),
    ("pt", "Número da nota", "Data de emissão", "3 de março de 2025", "Valor líquido",
     "Imposto 20 %", "Valor total da nota"),
]  # fmt: skip
"""The code of a language; labels of number and date, the date, labels of net, tax and gross."""


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper[0])
def test_a_paper_in_a_language_is_read(paper: tuple[str, ...]) -> None:
    _, number, date, day, net, tax, gross = paper
    values = ask_printed(
        "invoice",
        (350, 100, number), (500, 100, "AB-0042"),
        (350, 114, date), (500, 114, day),
        (350, 500, net), (500, 500, "100,00"),
        (350, 514, tax), (500, 514, "20,00"),
        (350, 528, gross), (500, 528, "120,00"),
    ).values  # fmt: skip
    paths = ("invoice_number", "issue_date", "totals.net", "totals.tax", "totals.gross")
    assert [leaf(values, path) for path in paths] == ["AB-0042", day, "100,00", "20,00", "120,00"]


PARTIES = [
    ("pl", "Faktura VAT nr FV 1/05/2025", "Sprzedawca:", "Młyn Jasny sp. z o.o.", "Nabywca:",
     "Dom Kultury Wrzos", "Termin płatności:", "2025-05-09"),
    ("sv", "Faktura", "Leverantör", "Björk Snickeri AB", "Fakturaadress", "Havets Café",
     "Förfallodatum", "2025-05-09"),
    ("da", "Faktura", "Sælger:", "Bøge Tømrer ApS", "Køber:", "Havnens Bageri", "Forfaldsdato:",
     "9. maj 2025"),
    ("no", "Faktura", "Selger:", "Fjord Snekkeri AS", "Faktureres til:", "Nordlys Kafé",
     "Forfallsdato:", "9. mai 2025"),
    ("fi", "LASKU", "Myyjä:", "Koivun Puutyö Oy", "Ostaja:", "Järven Leipomo", "Eräpäivä:",
     "9. toukokuuta 2025"),
    ("cs", "Faktura - daňový doklad", "Dodavatel:", "Truhlářství Dub s.r.o.", "Odběratel:",
     "Pekárna Klas", "Datum splatnosti:", "9. května 2025"),
    ("hu", "Számla", "Szállító:", "Tölgy Asztalos Kft", "Vevő:", "Malom Pékség",
     "Fizetési határidő:", "2025. május 9."),
    ("ro", "FACTURĂ FISCALĂ", "Furnizor:", "Stejar Mobilă S.R.L.", "Cumpărător:", "Brutăria Spic",
     "Data scadenței:", "9 mai 2025"),
    ("pt", "NOTA FISCAL", "Emitente:", "Carvalho Móveis Ltda", "Destinatário:", "Padaria Trigo",
     "Data de vencimento:", "9 de maio de 2025"),
]  # fmt: skip
"""A language, a title, who sells and who buys under their headings, the last day to pay."""


@pytest.mark.parametrize("paper", PARTIES, ids=lambda paper: paper[0])
def test_headings_in_a_language_tell_who_sells_and_who_buys(paper: tuple[str, ...]) -> None:
    _, title, sells, seller, buys, buyer, label, day = paper
    values = ask_printed(
        "invoice",
        (400, 40, 16, title),
        (50, 90, sells), (50, 104, seller), (50, 118, "Lind 12"), (50, 132, "12345 Ost"),
        (320, 90, buys), (320, 104, buyer), (320, 118, "Birk 7"), (320, 132, "54321 Vest"),
        (50, 180, label), (180, 180, day),
    ).values  # fmt: skip
    found = [leaf(values, path) for path in ("seller.name", "buyer.name", "due_date")]
    assert found == [seller, buyer, day.rstrip(".")]


def in_icelandic(*folders: Path) -> dict[str, str | None]:
    done = subprocess.run(
        [sys.executable, "-m", "support.other_language", *map(str, folders)],
        cwd=ROOT / "tests", capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown: dict[str, str | None] = json.loads(done.stdout)
    return shown


def test_a_language_is_added_by_one_file(tmp_path: Path) -> None:
    page = (ROOT / "docs/languages.md").read_text("utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    (tmp_path / "is.toml").write_text(example[1], "utf-8")
    assert in_icelandic(tmp_path) == {
        "invoice_number": "NL-0042", "issue_date": "2025-06-03", "due_date": "2025-06-17",
        "net": "100000.00", "tax": "24000.00", "gross": "124000.00",
        "já": "true", "nei": "false", "country": "IS", "language": "is",
    }  # fmt: skip


def test_a_language_without_a_file_is_not_read() -> None:
    shown = in_icelandic()
    # Amounts that add up need no words, nor does a day that stands where days of issue do.
    words = ("invoice_number", "due_date", "já", "country", "language")
    assert [shown[name] for name in words] == [None] * len(words)
