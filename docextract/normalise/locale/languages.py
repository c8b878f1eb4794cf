"""Tells a document's language by its commonest words.

Knows nothing of grammar; the lists are our own, of words frequent on business papers.
"""

from __future__ import annotations

import re
from collections import Counter

_WORDS = {
    "en": "the of and to for in is with from by your you our please this on at be total amount "
    "invoice date due number tax thank price quantity description payment order shipping balance "
    "receipt change cash customer bill no",
    "de": "der die das und für mit von zu im den dem auf ist bei ihre ihr wir sie bitte nicht "
    "rechnung datum betrag summe gesamt mwst ust menge preis einzelpreis nr kunde lieferung "
    "zahlbar netto brutto steuer bezeichnung zzgl inkl gmbh straße bar eur uhr",
    "fr": "le la les des du de et à au aux pour par sur vous nous votre est en facture montant "
    "numéro date prix quantité tva ht ttc désignation total paiement client échéance siret rue "
    "règlement merci",
    "es": "el la los las de del y para por con su en que factura fecha importe cantidad precio "
    "iva total número cliente descripción base imponible pago gracias calle cif nif",
    "it": "il la le di del della e per con che in fattura data importo quantità prezzo iva totale "
    "numero cliente descrizione imponibile pagamento grazie via partita codice fiscale",
    "nl": "de het een van en voor met op te bij uw wij factuur datum bedrag aantal prijs btw "
    "totaal nummer klant omschrijving betaling straat excl incl kvk",
    "pt": "o os as do da dos das e para por com em fatura data valor quantidade preço iva total "
    "número cliente descrição pagamento obrigado rua nif contribuinte",
    "sv": "och att för med på av till är faktura datum belopp antal pris moms summa nummer kund "
    "betalning att betala förfallodatum tack kvitto öre",
    "da": "og at for med på af til er faktura dato beløb antal pris moms i alt nummer kunde "
    "betaling forfaldsdato tak kvittering cvr",
    "no": "og for med på av til er faktura dato beløp antall pris mva sum nummer kunde betaling "
    "forfallsdato takk kvittering å",
    "fi": "ja on lasku päivämäärä summa yhteensä alv hinta määrä asiakas eräpäivä viitenumero "
    "kiitos maksu kuitti veroton",
    "pl": "i z do na w od dla oraz faktura data kwota ilość cena vat razem numer klient nazwa "
    "zapłaty płatności sprzedawca nabywca nip wartość netto brutto",
    "cs": "a na za do se faktura datum částka množství cena dph celkem číslo odběratel dodavatel "
    "splatnosti ičo dič popis kč",
    "ms": "dan untuk di dengan tarikh jumlah harga resit cukai terima kasih kuantiti tunai baki "
    "masa sila",
}


def _index() -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for language, words in _WORDS.items():
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in owners.items()}


_LANGUAGES = _index()
_TOKEN = re.compile(r"[^\W\d_]+")


def count_languages(text: str) -> Counter[str]:
    """Return how many words of the text belong to each language's list.

    A word shared by several languages counts for each of them.
    """
    votes: Counter[str] = Counter()
    for word, count in Counter(_TOKEN.findall(text.lower())).items():
        for language in _LANGUAGES.get(word, ()):
            votes[language] += min(count, 5)
    return votes
