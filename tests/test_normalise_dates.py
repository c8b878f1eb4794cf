"""Dates and times: every style comes back, undecided ones keep the truth among readings."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docextract.normalise.dates import find_dates, parse_date
from docextract.normalise.locale import LocaleEvidence
from docextract.normalise.times import parse_time

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto "
    "settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto "
    "setembro outubro novembro dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "ms": "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember",
}  # fmt: skip
WORDY = ("{d} {m} {y}", "{d}. {m} {y}", "{d} de {m} de {y}", "{d}-{m}-{y}", "{y} {m} {d}",
         "le {d} {m} {y}", "{m} {d}, {y}", "Due: {d} {m}, {y} 10:30")  # fmt: skip
DAY_FIRST = ("{d:02}/{m:02}/{y}", "{d}/{m}/{y}", "{d:02}-{m:02}-{y}", "{d:02} {m:02} {y}")

days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@given(days, st.sampled_from(sorted(MONTHS)), st.sampled_from(WORDY))
@settings(max_examples=400, deadline=None)
def test_month_names_of_every_language(day: dt.date, language: str, style: str) -> None:
    month = MONTHS[language].split()[day.month - 1]
    reading = parse_date(style.format(d=day.day, m=month, y=day.year))
    assert reading.value == day.isoformat()
    assert not reading.is_ambiguous


@given(days, st.sampled_from(DAY_FIRST))
@settings(max_examples=200, deadline=None)
def test_numeric_dates_keep_the_truth_and_evidence_finds_it(day: dt.date, style: str) -> None:
    text = style.format(d=day.day, m=day.month, y=day.year)
    assert day.isoformat() in parse_date(text).readings
    assert parse_date(text, LocaleEvidence(day_first=True)).value == day.isoformat()
    assert parse_date(text, LocaleEvidence(country="DE")).value == day.isoformat()
    american = style.format(d=day.month, m=day.day, y=day.year)
    assert day.isoformat() in parse_date(american).readings
    assert parse_date(american, LocaleEvidence(day_first=False)).value == day.isoformat()


@given(days.filter(lambda day: 1990 <= day.year <= 2060), st.sampled_from("/.-"))
@settings(deadline=None)
def test_two_digit_years_are_unsure_or_right(day: dt.date, mark: str) -> None:
    text = mark.join((f"{day.day:02}", f"{day.month:02}", f"{day.year % 100:02}"))
    reading = parse_date(text)
    assert day.isoformat() in reading.readings
    assert reading.is_ambiguous or reading.value == day.isoformat()


@given(days, st.sampled_from(("{:%Y-%m-%d}", "{:%Y/%m/%d}", "{:%Y.%m.%d}", "{:%Y%m%d}",
                              "{:%d.%m.%Y}", "{:%Y-%m-%dT00:00:00Z}")))  # fmt: skip
@settings(deadline=None)
def test_unambiguous_orders(day: dt.date, style: str) -> None:
    reading = parse_date(style.format(day))
    assert (reading.value, reading.is_ambiguous) == (day.isoformat(), False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1er août 2024", "2024-08-01"),
        ("3rd of May 2024", "2024-05-03"),
        ("31DEC2024", "2024-12-31"),
        ("Dec 31 '24", "2024-12-31"),
        ("Mittwoch, 3. Jänner 2024", "2024-01-03"),
        ("Berlin, den 12.05.2024", "2024-05-12"),
        ("25/12/2018 8:13:39 PM", "2018-12-25"),
        ("12 . 05 . 2024", "2024-05-12"),
        ("3O.12.2O24", "2024-12-30"),
    ],
)
def test_printed_dates(text: str, value: str) -> None:
    assert parse_date(text).value == value


@pytest.mark.parametrize(
    "text",
    ["", "March 2024", "07/17", "2024", "31/02/2024", "01.01.2024 - 31.01.2024", "12 Items 24",
     "01.23.45.67.89", "12.345.678", "1.2.3", "INV 20241399", "9" * 5000],
)  # fmt: skip
def test_partial_impossible_and_double_dates_have_no_value(text: str) -> None:
    assert parse_date(text).value is None


@pytest.mark.parametrize(
    ("evidence", "value"),
    [
        (LocaleEvidence(country="US"), "2024-03-04"),
        (LocaleEvidence(currency="USD", language="en"), "2024-03-04"),
        (LocaleEvidence(currency="MYR"), "2024-04-03"),
        (LocaleEvidence(language="fr"), "2024-04-03"),
        (LocaleEvidence(country="US", day_first=True), "2024-04-03"),
    ],
)
def test_evidence_decides_between_day_and_month(evidence: LocaleEvidence, value: str) -> None:
    reading = parse_date("03/04/2024", evidence)
    assert (reading.value, reading.is_ambiguous) == (value, False)


@pytest.mark.parametrize(
    "evidence",
    [LocaleEvidence(), LocaleEvidence(language="en"), LocaleEvidence(country="CA"),
     LocaleEvidence(currency="USD")],
)  # fmt: skip
def test_weak_evidence_does_not_decide(evidence: LocaleEvidence) -> None:
    reading = parse_date("03/04/2024", evidence)
    assert reading.is_ambiguous
    assert set(reading.readings) == {"2024-04-03", "2024-03-04"}


def test_dates_are_found_in_running_text() -> None:
    text = "from 05/28/20-06/03/20, printed 12 May 2024 (ref 12.345.678, tel 01.23.45.67.89)"
    assert [found for _, _, found in find_dates(text)] == ["05/28/20", "06/03/20", "12 May 2024"]


@pytest.mark.parametrize("piece", ["1/", "12 ", "1.1.1.", "Jan 1 ", "2024-", "abc ", "1 de "])
def test_long_hostile_texts_are_searched(piece: str) -> None:
    for _ in find_dates(piece * 20_000):
        pass


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    reading = parse_date(text)
    for value in reading.readings:
        dt.date.fromisoformat(value)
    assert (reading.value is None) == (not reading.readings)
    for start, end, found in find_dates(text):
        assert text[start:end] == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10:20", "10:20:00"),
        ("10.20 Uhr", "10:20:00"),
        ("10h20", "10:20:00"),
        ("3:05 PM", "15:05:00"),
        ("12:00 am", "00:00:00"),
        ("5 pm", "17:00:00"),
        ("15:04:05", "15:04:05"),
        ("25/12/2018 8:13:39 PM", "20:13:39"),
        ("2024-01-31T10:20:30", "10:20:30"),
        ("25:00", None),
        ("10", None),
        ("12,50", None),
        ("10:20 - 11:00", None),
    ],
)
def test_times(text: str, value: str | None) -> None:
    assert parse_time(text).value == value
