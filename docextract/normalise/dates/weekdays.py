"""Names of weekdays, which tell which way round the date beside them is.

Knows nothing of dates; a name goes in, a number from 0 (Monday) comes out.
"""

from __future__ import annotations

from docextract.normalise.dates.months import fold_name

_NAMES = (
    "monday mon montag lundi lun lunes lunedi maandag segunda seg isnin isn",
    "tuesday tue tues dienstag mardi mar martes martedi dinsdag terca ter selasa sel",
    "wednesday wed mittwoch mercredi mer miercoles mie mercoledi woensdag woe quarta qua rabu rab",
    "thursday thu thur thurs donnerstag donderdag don jeudi jeu jueves jue giovedi gio quinta "
    "qui khamis kha",
    "friday fri freitag vendredi ven viernes vie venerdi vrijdag vri sexta sex jumaat jum",
    "saturday sat samstag sonnabend samedi sam sabado sab sabato zaterdag zat sabtu",
    "sunday sun sonntag dimanche dim domingo dom domenica zondag zon ahad ahd",
)
"""Full names and the usual cuts to three letters; cuts that are everyday words are left out."""

_WEEKDAYS = {name: number for number, names in enumerate(_NAMES) for name in names.split()}


def weekday_number(name: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday, or None for what is no weekday.

    Example:
        >>> weekday_number("Mié.")
        2
    """
    return _WEEKDAYS.get(fold_name(name.rstrip(".")))
