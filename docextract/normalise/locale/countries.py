"""Country names and codes in the languages business papers come in.

Knows nothing of addresses; one printed country in, ISO 3166-1 alpha-2 out.
"""

from __future__ import annotations

import unicodedata

from docextract.schema.languages import by_phrase

_ISO_3166 = (
    "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR "
    "BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE "
    "EG ER ES ET FI FJ FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN "
    "HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KM KN KP KR KW KY KZ LA LB "
    "LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MQ MR MT MU MV MW MX MY "
    "MZ NA NC NE NG NI NL NO NP NZ OM PA PE PF PG PH PK PL PR PS PT PW PY QA RE RO RS RU "
    "RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN "
    "TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WS XK YE YT ZA ZM ZW"
)
CODES = frozenset(_ISO_3166.split())

_ALPHA3 = (
    "AUT AT,AUS AU,BEL BE,BGR BG,BRA BR,CAN CA,CHE CH,CHN CN,CYP CY,CZE CZ,DEU DE,DNK DK,EST EE,"
    "ESP ES,FIN FI,FRA FR,GBR GB,GRC GR,HRV HR,HUN HU,IND IN,IRL IE,ITA IT,JPN JP,LTU LT,LUX LU,"
    "LVA LV,MEX MX,MLT MT,MYS MY,NLD NL,NOR NO,NZL NZ,POL PL,PRT PT,ROU RO,SGP SG,SVK SK,SVN SI,"
    "SWE SE,TUR TR,UKR UA,USA US,ZAF ZA"
)


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    kept = (char for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(kept).replace(".", "").replace("-", " ").split())


_BY_NAME = {_fold(name): code for name, code in by_phrase("countries").items()} | {
    pair.split()[0].lower(): pair.split()[1] for pair in _ALPHA3.split(",")
}


def country_code(printed: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a printed country name or code, or None.

    Example:
        >>> country_code("Österreich")
        'AT'
    """
    code = printed.strip().upper()
    if code in CODES:
        return code
    if code == "UK":
        return "GB"
    return _BY_NAME.get(_fold(printed.strip(" ,;()")))
