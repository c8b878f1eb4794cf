"""Month names and abbreviations of the languages business papers come in.

Knows nothing of dates; a name goes in, a number from 1 comes out.
"""

from __future__ import annotations

import unicodedata

_NAMES = (
    "january januar jänner janvier enero gennaio januari janeiro tammikuu styczeń stycznia "
    "leden ledna",
    "february februar feber februari février febrero febbraio fevereiro helmikuu luty "
    "lutego únor února",
    "march märz maerz mars marzo maart março marts maaliskuu marzec marca březen března mac maret",
    "april avril abril aprile huhtikuu kwiecień kwietnia duben dubna",
    "may mai mayo maggio mei maio maj toukokuu maja květen května",
    "june juni juin junio giugno junho kesäkuu czerwiec czerwca červen června jun",
    "july juli juillet julio luglio julho heinäkuu lipiec lipca červenec července julai jul",
    "august août agosto augustus augusti elokuu sierpień sierpnia srpen srpna ogos agustus",
    "september septembre septiembre setiembre settembre setembro syyskuu wrzesień września září",
    "october oktober octobre octubre ottobre outubro lokakuu październik października říjen října",
    "november novembre noviembre novembro marraskuu listopad listopada listopadu",
    "december dezember décembre diciembre dicembre dezembro desember joulukuu grudzień grudnia "
    "prosinec prosince disember",
)
_ABBREVIATIONS = (
    "jan jän gen ene sty led tammi",
    "feb fév fev febr lut hel úno",
    "mar mär mrz mrt maa bře mars",
    "apr abr avr kwi huh dub",
    "may mai mei mag maj tou kvě",
    "jun giu cze kesä jui",
    "jul lug lip hei juil čvc",
    "aug ago aoû sie elo srp ogo",
    "sep sept set wrz syy zář",
    "oct okt ott out paź lok říj",
    "nov lis marras",
    "dec dez dic des déc gru jou pro dis",
)


def fold_name(name: str) -> str:
    """Return a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _table() -> dict[str, int]:
    table: dict[str, int] = {}
    for source in (_ABBREVIATIONS, _NAMES):
        for number, names in enumerate(source, start=1):
            table |= {fold_name(name): number for name in names.split()}
    del table["jui"]  # juin or juillet: a wrong month is worse than none
    return table | {f"{name}ta": n for name, n in table.items() if name.endswith("kuu")}


_MONTHS = _table()


def month_number(name: str) -> int | None:
    """Return 1 to 12 for a month's name or abbreviation in any known language, or None.

    Case, accents and a closing point do not matter; a longer cut of a name, such as
    ``Septem``, counts where it can mean one month only.
    """
    folded = fold_name(name.rstrip("."))
    found = _MONTHS.get(folded)
    if found is not None or len(folded) < 4:
        return found
    starts = {number for full, number in _MONTHS.items() if full.startswith(folded)}
    return starts.pop() if len(starts) == 1 else None
