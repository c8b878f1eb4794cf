"""Country names and codes in the languages business papers come in.

Knows nothing of addresses; one printed country in, ISO 3166-1 alpha-2 out.
"""

from __future__ import annotations

import unicodedata

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
_NAMES = {
    "AE": "united arab emirates uae|vereinigte arabische emirate|émirats arabes unis",
    "AR": "argentina|argentinien|argentine",
    "AT": "austria|österreich|oesterreich|autriche|oostenrijk|áustria|österrike",
    "AU": "australia|australien|australie|austrália",
    "BE": "belgium|belgien|belgique|belgië|belgie|bélgica|belgica|belgio",
    "BG": "bulgaria|bulgarien|bulgarie",
    "BR": "brazil|brasilien|brésil|brasil|brasile|brazilië",
    "CA": "canada|kanada|canadá",
    "CH": "switzerland|schweiz|suisse|svizzera|suiza|suíça|zwitserland|schweizerland",
    "CL": "chile|chili|cile",
    "CN": "china|chine|cina|people's republic of china|p.r. china|pr china",
    "CO": "colombia|kolumbien|colombie",
    "CY": "cyprus|zypern|chypre|chipre|cipro",
    "CZ": "czech republic|czechia|tschechien|tschechische republik|république tchèque|česko"
    "|česká republika|república checa|tsjechië|repubblica ceca",
    "DE": "germany|deutschland|allemagne|alemania|germania|duitsland|alemanha|tyskland|niemcy"
    "|německo|saksa|jerman|federal republic of germany|bundesrepublik deutschland",
    "DK": "denmark|dänemark|danemark|dinamarca|danimarca|denemarken|danmark",
    "EE": "estonia|estland|estonie|eesti",
    "ES": "spain|spanien|espagne|españa|espana|spagna|spanje|espanha",
    "FI": "finland|finnland|finlande|finlandia|suomi",
    "FR": "france|frankreich|francia|frankrijk|frança|frankrike|francja|francie|ranska",
    "GB": "united kingdom|great britain|england|scotland|wales|northern ireland|uk|u.k."
    "|vereinigtes königreich|großbritannien|grossbritannien|royaume-uni|royaume uni|reino unido"
    "|regno unito|gran bretagna|verenigd koninkrijk|storbritannien|wielka brytania",
    "GR": "greece|griechenland|grèce|grecia|griekenland|grécia|el|hellas|ελλάδα",
    "HK": "hong kong|hongkong",
    "HR": "croatia|kroatien|croatie|croacia|croazia|hrvatska",
    "HU": "hungary|ungarn|hongrie|hungría|ungheria|magyarország",
    "ID": "indonesia|indonesien|indonésie",
    "IE": "ireland|irland|irlande|irlanda|ierland|republic of ireland|éire",
    "IL": "israel|israël",
    "IN": "india|indien|inde",
    "IT": "italy|italien|italie|italia|italië|itália|włochy|itálie|italien",
    "JP": "japan|japon|japón|giappone",
    "KR": "south korea|korea|republic of korea|südkorea|corée du sud",
    "LI": "liechtenstein",
    "LT": "lithuania|litauen|lituanie|lietuva|lituania",
    "LU": "luxembourg|luxemburg|luxemburgo|lussemburgo",
    "LV": "latvia|lettland|lettonie|latvija|letonia",
    "MC": "monaco",
    "MT": "malta|malte",
    "MX": "mexico|mexiko|mexique|méxico|messico",
    "MY": "malaysia|malaisie|malasia",
    "NL": "netherlands|the netherlands|holland|niederlande|die niederlande|pays-bas|pays bas"
    "|países bajos|paesi bassi|nederland|países baixos|nederländerna|holandia",
    "NO": "norway|norwegen|norvège|noruega|norvegia|noorwegen|norge",
    "NZ": "new zealand|neuseeland|nouvelle-zélande|nueva zelanda",
    "PH": "philippines|philippinen|filipinas",
    "PL": "poland|polen|pologne|polonia|polska|polónia|polsko",
    "PT": "portugal|portogallo|portugalia",
    "RO": "romania|rumänien|roumanie|românia|rumania",
    "RS": "serbia|serbien|serbie|srbija",
    "RU": "russia|russland|russie|rusia|russian federation",
    "SA": "saudi arabia|saudi-arabien|arabie saoudite",
    "SE": "sweden|schweden|suède|suecia|svezia|zweden|sverige|szwecja|suécia",
    "SG": "singapore|singapur|singapour|singapura",
    "SI": "slovenia|slowenien|slovénie|slovenija|eslovenia",
    "SK": "slovakia|slowakei|slovaquie|slovensko|slovak republic|eslovaquia",
    "TH": "thailand|thaïlande|tailandia",
    "TR": "turkey|türkiye|türkei|turquie|turquía|turchia",
    "TW": "taiwan|taïwan",
    "UA": "ukraine|ukraina|ucrania",
    "US": "united states|united states of america|usa|u.s.a.|u.s.|us|vereinigte staaten"
    "|vereinigte staaten von amerika|états-unis|etats-unis|estados unidos|stati uniti"
    "|verenigde staten|america",
    "VN": "vietnam|viet nam",
    "ZA": "south africa|südafrika|afrique du sud|sudáfrica",
}


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    kept = (char for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(kept).replace(".", "").replace("-", " ").split())


_BY_NAME = {_fold(name): code for code, names in _NAMES.items() for name in names.split("|")} | {
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
