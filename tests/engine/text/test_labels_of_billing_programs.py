"""The words that billing programs print before values, a paper each in the words of one program."""

from __future__ import annotations

import pytest
from support.word_pages import Printed, ask_printed, leaf

from docextract.normalise.dates.dates import parse_date

HEAD = {
    "invoice_number": "INV-2025/0471", "issue_date": "14.03.2025", "due_date": "13.04.2025",
    "purchase_order": "4500017733", "customer_id": "K-20815",
}  # fmt: skip
TOTALS = {
    "totals.net": "1.240,00", "totals.tax": "260,40", "totals.gross": "1.500,40",
    "totals.paid": "500,40", "totals.amount_due": "1.000,00",
}  # fmt: skip
PATHS = (*HEAD, "buyer.name", *TOTALS)
CUSTOMER = "Borealis Nord"

PAPERS = {
    "hr": (
        "Broj računa", "Datum računa", "Datum dospijeća", "Broj narudžbe", "ID klijenta",
        "Kupac", "Osnovica", "Porez", "Ukupan iznos", "Do sada plaćeno", "Stanje duga",
    ),
    "sl": (
        "Št. računa", "Datum računa", "Rok plačila", "Št. naročilnice", "ID klienta",
        "Stranka", "Skupaj brez DDV", "Davek", "Skupni znesek", "Že plačano", "Za plačilo",
    ),
    "sk": (
        "Číslo faktúry", "Dátum faktúry", "Dátum splatnosti", "Číslo objednávky", "ID klienta",
        "Odberateľ", "Medzisúčet", "Daň", "Celkom k úhrade", "Zaplatené ku dňu",
        "Zostáva uhradiť",
    ),
    "el": (
        "Αριθμός Τιμολογίου", "Ημερομηνία Τιμολογίου", "Ημερομηνία λήξης", "Αριθμός Παραγγελίας",
        "Κωδικός Πελάτη", "Στοιχεία Αγοραστή", "Καθαρό Σύνολο", "ΦΠΑ", "Γενικό σύνολο",
        "Εξοφλημένο Ποσό", "Υπόλοιπο",
    ),
    "et": (
        "Arve Number", "Arve Kuupäev", "Maksetähtaeg", "Tellimuse number", "Kliendi number",
        "Klient", "Neto kokku", "Käibemaks", "Arve kokku", "Tasutud", "Tasumisele kuuluv summa",
    ),
    "lt": (
        "Sąskaitos numeris", "Išrašymo data", "Apmokėti iki", "Užsakymo numeris",
        "Kliento numeris", "Klientas", "Tarpinė suma", "Mokestis", "Suma Viso", "Apmokėta",
        "Mokėtina suma",
    ),
    "lv": (
        "Rēķina numurs", "Rēķina datums", "Apmaksas termiņš", "Pasūtījuma numurs",
        "Klienta numurs", "Saņēmējs", "Starpsumma", "PVN", "Pavisam kopā", "Apmaksāts",
        "Neapmaksātā summa",
    ),
    "tr": (
        "Fatura Numarası", "Fatura Tarihi", "Son Ödeme Tarihi", "Sipariş No", "Müşteri Numarası",
        "Müşteri", "Ara Toplam", "KDV", "Genel Toplam", "Ödenen",
        "Kalan Tutar",
    ),
    "uk": (
        "Номер рахунку", "Дата рахунку", "Заплатити до", "Номер замовлення", "Номер клієнта",
        "Клієнт", "Проміжний підсумок", "ПДВ", "Загальна сума", "Сплачено", "До сплати",
    ),
    "ru": (
        "Номер счета-фактуры", "Дата счета-фактуры", "Оплатить до", "Номер заказа",
        "Код клиента", "Клиент", "Промежуточный итог", "НДС", "Общая сумма", "Оплачено",
        "Сумма к оплате",
    ),
    "sr": (
        "Broj fakture", "Datum fakture", "Datum dospeća", "Broj porudžbine", "Šifra kupca",
        "Kupac", "Osnovica za obračun PDV-a", "PDV", "Ukupan iznos", "Uplaćeno", "Za uplatu",
    ),
    "id": (
        "ID Faktur", "Tanggal Faktur", "Tanggal Tenggat", "Nomor Pesanan", "Nomor Pelanggan",
        "Faktur ke", "Jumlah bersih", "Pajak", "Total Keseluruhan", "Dibayar",
        "Jumlah yang Harus Dibayar",
    ),
    "ja": (
        "請求書番号", "請求日", "支払期限", "注文番号", "顧客番号", "請求先", "小計", "税額",
        "合計金額", "入金額", "お支払金額",
    ),
    "zh": (
        "发票编号", "发票日期", "到期日", "订单编号", "客户编号", "受票方", "小计", "税额",
        "总计", "已付", "应付金额",
    ),
    "ko": (
        "송장 번호", "송장 날짜", "만기일", "주문 번호", "고객 번호", "고객", "소계", "세액",
        "총계", "납부액", "잔액",
    ),
}  # fmt: skip
"""By language, labels in the order of ``PATHS``; the label of the customer stands above it."""


def drawn(labels: dict[str, str], *, is_beside: bool) -> list[Printed]:
    """Return a small invoice: a head of labels, perhaps a customer, totals at its foot."""
    printed: list[Printed] = []
    if "buyer.name" in labels:
        lines = (labels["buyer.name"] + ":", CUSTOMER, "Lind 12", "12345 Ostby")
        printed += [(50, 90 + 14 * number, line) for number, line in enumerate(lines)]
    head = [(labels[path], text) for path, text in HEAD.items() if path in labels]
    for number, (label, text) in enumerate(head):
        top, left = 200 + 15 * number, 40 + 112 * number
        beside = [(330, top, f"{label}:"), (-575, top, text)]
        printed += beside if is_beside else [(left, 200, 8.0, label), (left, 214, 8.0, text)]
    sums = [(labels[path], text) for path, text in TOTALS.items() if path in labels]
    for number, (label, text) in enumerate(sums):
        top = 500 + 15 * number
        printed += [(330, top, f"{label}:" if is_beside else label), (-575, top, text)]
    return printed


def read(labels: dict[str, str], *, is_beside: bool) -> dict[str, object]:
    values = ask_printed("invoice", *drawn(labels, is_beside=is_beside)).values
    return {path: leaf(values, path) for path in labels}


def expected(paths: dict[str, str]) -> dict[str, str]:
    return {path: {**HEAD, **TOTALS, "buyer.name": CUSTOMER}[path] for path in paths}


@pytest.mark.parametrize("is_beside", [True, False], ids=["beside", "above"])
@pytest.mark.parametrize("language", PAPERS)
def test_a_paper_in_the_words_of_a_program_is_read(language: str, is_beside: bool) -> None:
    labels = dict(zip(PATHS, PAPERS[language], strict=True))
    assert read(labels, is_beside=is_beside) == expected(labels)


KNOWN = {
    "en": ("Invoice number", "Invoice date", "Net amount", "VAT", "Total amount"),
    "de": ("Rechnungsnummer", "Rechnungsdatum", "Nettobetrag", "MwSt", "Gesamtbetrag"),
    "fr": ("Numéro de facture", "Date de facture", "Total HT", "TVA", "Total TTC"),
    "es": ("Número de factura", "Fecha de factura", "Base imponible", "IVA", "Total factura"),
    "it": ("Numero fattura", "Data fattura", "Imponibile", "IVA", "Totale fattura"),
    "nl": ("Factuurnummer", "Factuurdatum", "Totaal excl. btw", "Btw", "Totaal incl. btw"),
    "pt": ("Número da fatura", "Data de emissão", "Valor líquido", "IVA", "Valor total"),
    "pl": ("Numer faktury", "Data wystawienia", "Razem netto", "VAT", "Razem brutto"),
    "sv": ("Fakturanummer", "Fakturadatum", "Summa exkl. moms", "Moms", "Summa inkl. moms"),
    "da": ("Fakturanummer", "Fakturadato", "I alt ekskl. moms", "Moms", "I alt inkl. moms"),
    "no": ("Fakturanummer", "Fakturadato", "Sum eks. mva", "Mva", "Sum inkl. mva"),
    "fi": ("Laskun numero", "Laskun päivämäärä", "Veroton yhteensä", "Alv", "Yhteensä"),
    "cs": ("Číslo faktury", "Datum vystavení", "Celkem bez DPH", "DPH", "Celkem s DPH"),
    "hu": ("Számla sorszáma", "Számla kelte", "Nettó összesen", "Áfa", "Bruttó összesen"),
    "ro": ("Nr. facturii", "Data emiterii", "Total fără TVA", "TVA", "Total cu TVA"),
}  # fmt: skip
"""By language, labels of number, date, net, tax and gross that were known before."""
ADDED = {
    "purchase_order": {
        "de": "Bestellungsnummer", "es": "Número de la orden",
        "nl": "Bestelcode", "pt": "Nº Ordem de Serviço", "pl": "Kod zamówienia",
        "sv": "Bokningskod", "no": "Bestillingskode", "fi": "Tilauskoodi",
        "cs": "Kód objednávky", "hu": "Rendelési azonosító",
    },
    "customer_id": {
        "fr": "N° de client", "es": "ID de cliente", "it": "ID cliente", "nl": "Klant-ID",
        "pt": "ID do cliente", "pl": "Identyfikator klienta", "sv": "Kund ID", "da": "Kunde ID",
        "no": "Kunde-ID", "fi": "Asiakastunnus", "cs": "ID zákazníka", "hu": "Vevő azonosító",
        "ro": "ID client",
    },
    "due_date": {"fr": "Date limite règlement"},
    "totals.paid": {
        "de": "Bereits eingegangene Zahlungen", "fr": "Paiements reçus", "es": "Pagos",
        "it": "Pagamenti ricevuti", "nl": "Ontvangen betalingen", "pt": "Pagamentos recebidos",
        "pl": "Otrzymane płatności", "sv": "Mottagna betalningar", "da": "Modtagne betalinger",
        "no": "Mottatte betalinger", "cs": "Přijaté platby", "hu": "Beérkezett fizetések",
        "ro": "Plăți primite",
    },
    "totals.amount_due": {
        "en": "Remaining amount", "de": "Betrag fällig", "fr": "Montant restant",
        "es": "Importe adeudado", "it": "Importo rimanente", "nl": "Verschuldigd bedrag",
        "pt": "Montante devido", "pl": "Kwota należna", "da": "Forfalden beløb",
        "no": "Gjenstående", "cs": "Splatná částka", "hu": "Esedékes összeg",
        "ro": "Suma datorată",
    },
    "buyer.name": {
        "es": "Dirección de facturación", "it": "Indirizzo di fatturazione", "nl": "Factuur naar",
        "pt": "Endereço de faturação", "pl": "Wystawiono dla", "ro": "Adresa de facturare",
    },
}  # fmt: skip
"""By path and language, what programs print that was not known."""


@pytest.mark.parametrize("path", ADDED)
def test_words_that_were_not_known_are_read(path: str) -> None:
    shown = {}
    for language, label in ADDED[path].items():
        number, date, net, tax, gross = KNOWN[language]
        labels = {
            "invoice_number": number, "issue_date": date, path: label,
            "totals.net": net, "totals.tax": tax, "totals.gross": gross,
        }  # fmt: skip
        found = read(labels, is_beside=True)
        shown[language] = None if found == expected(labels) else found
    assert shown == dict.fromkeys(ADDED[path])


RIGHT_TO_LEFT = {
    "he": ("מספר חשבונית", "תאריך חשבונית", "תאריך פרעון", "סכום ביניים", "סכום כולל"),
    "ar": (
        "رقم الفاتورة",
        "تاريخ الفاتورة",
        "تاريخ الاستحقاق",
        "المجموع الفرعي",
        "المبلغ الإجمالي",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_a_paper_from_right_to_left_is_read(language: str) -> None:
    number, date, due, net, gross = RIGHT_TO_LEFT[language]
    values = ask_printed("invoice", *(
        (left, 78 + 26 * row, text)
        for row, (label, value) in enumerate((
            (number, "10482"), (date, "12/03/2026"), (due, "11/04/2026"),
            (net, "1,000.00"), (gross, "1,170.00"),
        ))
        for left, text in ((-540, " ".join(reversed(f"{label}:".split()))), (-330, value))
    )).values  # fmt: skip
    paths = ("invoice_number", "issue_date", "due_date", "totals.net", "totals.gross")
    found = [leaf(values, path) for path in paths]
    assert found == ["10482", "12/03/2026", "11/04/2026", "1,000.00", "1,170.00"]


@pytest.mark.parametrize(
    "line", ["Travel 120 km", "Impuesto de matriculación", "Tassa di soggiorno", "Viso crema"]
)
def test_a_line_that_begins_with_a_word_of_another_tongue_is_no_total(line: str) -> None:
    values = ask_printed(
        "invoice",
        (40, 80, "Description"), (-400, 80, "Qty"), (-480, 80, "Price"), (-575, 80, "Amount"),
        (40, 100, line), (-400, 100, "12"), (-480, 100, "3,00"), (-575, 100, "36,00"),
        (40, 116, "Hotel"), (-400, 116, "1"), (-480, 116, "64,00"), (-575, 116, "64,00"),
        (40, 150, "Total"), (-575, 150, "100,00"),
    ).values  # fmt: skip
    lines = values["lines"]
    assert isinstance(lines, list)
    assert [leaf(row, "description") for row in lines] == [line, "Hotel"]
    assert (leaf(values, "totals.tax"), leaf(values, "totals.gross")) == (None, "100,00")


def test_who_is_paid_by_a_slip_is_not_the_customer() -> None:
    values = ask_printed(
        "invoice",
        (50, 60, "Asiakas:"), (50, 74, "Kuusamon Kartano Oy"), (50, 88, "Kuja 3"),
        (50, 600, "Saaja"), (150, 600, "Rukan Hissihuolto Oy"),
        (50, 630, "Viesti"), (50, 660, "Maksaja"),
    ).values  # fmt: skip
    assert leaf(values, "buyer.name") == "Kuusamon Kartano Oy"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14 березня 2025", "2025-03-14"), ("14 kovo 2025", "2025-03-14"),
        ("14. junija 2025", "2025-06-14"), ("14. jūnijs 2025", "2025-06-14"),
        ("14. oktoober 2025", "2025-10-14"),
    ],
)  # fmt: skip
def test_a_month_of_a_language_is_known(text: str, day: str) -> None:
    assert parse_date(text).value == day
