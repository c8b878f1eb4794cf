"""Dates and times: every style comes back, undecided ones keep the truth among readings."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docextract.normalise import LocaleEvidence, gather_evidence
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.dates.times import parse_time

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
SHORT = {
    "de": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan. feb. mrt. apr. mei juni juli aug. sep. okt. nov. dec.",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "ms": "Jan Feb Mac Apr Mei Jun Jul Ogos Sep Okt Nov Dis",
    "capitals": "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC",
}
ALL_MONTHS = MONTHS | {f"{language} short": names for language, names in SHORT.items()}
ORDINALS = ("{d}. {m} {y}", "{d}º {m} {y}", "{d}.º de {m} de {y}", "{m} {d}th, {y}",
            "{d}th of {m}, {y}", "{d}th day of {m} {y}", "Mi., {d}. {m} '{yy:02}",
            "{d}-{m}-{yy:02}", "{d} {m} {yy:02}", "{d}{m}{y}", "{m}{d}, {y}",
            "{d}/{m}/{y} 10:20")  # fmt: skip
WORDY = ("{d} {m} {y}", "{d}. {m} {y}", "{d} de {m} de {y}", "{d}-{m}-{y}", "{y} {m} {d}",
         "le {d} {m} {y}", "{m} {d}, {y}", "Due: {d} {m}, {y} 10:30")  # fmt: skip
NUMERIC = ("{d:02}{s}{m:02}{s}{y}", "{d}{s}{m}{s}{y}", "{d:02}{s}{m:02}{s}{yy:02}",
           "{d:02} {s} {m:02} {s} {y}", "{d:02}{s}{m:02}{s}'{yy:02}",
           "{d:02}{s}{m:02}{s}{y} 10:20", "({d:02}{s}{m:02}{s}{y})")  # fmt: skip
DAY_FIRST = ("{d:02}/{m:02}/{y}", "{d}/{m}/{y}", "{d:02}-{m:02}-{y}", "{d:02} {m:02} {y}")

# All of these years are what their last two digits mean (PIVOT).
days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@given(days, st.sampled_from(sorted(MONTHS)), st.sampled_from(WORDY))
@settings(max_examples=400, deadline=None)
def test_month_names_of_every_language(day: dt.date, language: str, style: str) -> None:
    month = MONTHS[language].split()[day.month - 1]
    reading = parse_date(style.format(d=day.day, m=month, y=day.year))
    assert reading.value == day.isoformat()
    assert not reading.is_ambiguous


@given(days, st.sampled_from(sorted(ALL_MONTHS)), st.sampled_from((*WORDY, *ORDINALS)))
@settings(max_examples=400, deadline=None)
def test_every_wordy_date_is_found_in_running_text(day: dt.date, language: str, style: str) -> None:
    month = ALL_MONTHS[language].split()[day.month - 1]
    printed = style.format(d=day.day, m=month, y=day.year, yy=day.year % 100)
    assert parse_date(printed).readings == (day.isoformat(),)
    text = f"Datum: {printed} an"
    found = list(find_dates(text))
    assert [parse_date(token).value for _, _, token in found] == [day.isoformat()]
    assert all(text[start:end] == token for start, end, token in found)


@given(days, st.sampled_from(NUMERIC), st.sampled_from("./-\u2013\uff0f"))
@settings(max_examples=200, deadline=None)
def test_every_numeric_date_is_found_in_running_text(
    day: dt.date, style: str, separator: str
) -> None:
    printed = style.format(d=day.day, m=day.month, y=day.year, yy=day.year % 100, s=separator)
    text = f"Datum: {printed} an"
    found = list(find_dates(text))
    assert len(found) == 1
    assert text[found[0][0] : found[0][1]] == found[0][2]
    assert parse_date(found[0][2], LocaleEvidence(day_first=True)).value == day.isoformat()
    assert day.isoformat() in parse_date(printed).readings


@given(days, st.sampled_from(("{:%Y年%m月%d日}", "{:%Y 年 %m 月 %d 日}", "{:%Y년 %m월 %d일}")))
@settings(max_examples=30, deadline=None)
def test_east_asian_dates(day: dt.date, style: str) -> None:
    assert parse_date(style.format(day)).readings == (day.isoformat(),)


@pytest.mark.parametrize(
    ("evidence", "value"),
    [(LocaleEvidence(country="JP"), "2024-05-12"), (LocaleEvidence(language="sv"), "2024-05-12"),
     (LocaleEvidence(country="DE"), "2012-05-24"),
     (LocaleEvidence(country="JP", day_first=True), "2012-05-24")],
)  # fmt: skip
def test_the_year_stands_first_where_people_print_it_so(
    evidence: LocaleEvidence, value: str
) -> None:
    assert parse_date("24/05/12", evidence).value == value


@pytest.mark.parametrize(
    ("text", "day_first"),
    [("Wed 03/04/2024", True), ("03/04/2024 (Mon)", False), ("Mon. 03/04/24", False),
     ("lundi 04/03/2024", True), ("Rabu, 03/04/2024", True), ("Fri 03/04/2024", None),
     ("from 03/04/2024 to", None)],
)  # fmt: skip
def test_a_weekday_tells_which_way_round_a_date_is(text: str, day_first: bool | None) -> None:
    assert gather_evidence([text]).day_first is day_first


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
        ("18/03/201823:02:16", "2018-03-18"),
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
        (LocaleEvidence(country="US", language="fr", decimal_mark=","), "2024-04-03"),
        (LocaleEvidence(country="US", language="fr", decimal_mark="."), "2024-03-04"),
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


YEAR_FIRST_MARKS = st.sampled_from("./-")


@given(days, days.filter(lambda day: day.day > 12), YEAR_FIRST_MARKS)
@settings(max_examples=200, deadline=None)
def test_one_day_in_the_middle_tells_the_order_of_all(
    day: dt.date, telling: dt.date, mark: str
) -> None:
    printed, other = (f"{d.year}{mark}{d.day:02}{mark}{d.month:02}" for d in (day, telling))
    evidence = gather_evidence([f"Date {printed}", f"Due {other}"])
    assert evidence.is_day_second
    assert parse_date(printed, evidence).readings == (day.isoformat(),)
    assert parse_date(other).readings == (telling.isoformat(),)


@given(st.lists(days, min_size=1, max_size=4), YEAR_FIRST_MARKS)
@settings(max_examples=200, deadline=None)
def test_iso_dates_stay_iso_beside_others(printed: list[dt.date], mark: str) -> None:
    texts = [f"{day:%Y{mark}%m{mark}%d}" for day in printed]
    evidence = gather_evidence(texts)
    assert not evidence.is_day_second
    assert [parse_date(t, evidence).value for t in texts] == [d.isoformat() for d in printed]


@pytest.mark.parametrize("text", ["2019-15-3", "2019 15 03", "2019-32-03", "2019-13-13"])
def test_codes_and_rows_of_numbers_are_no_dates_with_the_day_second(text: str) -> None:
    assert parse_date(text).value is None


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
        ("13:05 PM", "13:05:00"),
        ("8:13 PTG", "20:13:00"),
        ("8:13 PG", "08:13:00"),
        ("午後3:05", "15:05:00"),
        ("10h", "10:00:00"),
        ("15u30", "15:30:00"),
        ("1504 hrs", "15:04:00"),
        ("18/03/201823:02:16", "23:02:16"),
        ("13:05 AM", None),
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


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("令和6年6月6日", "2024-06-06"),
        ("令和６年６月６日", "2024-06-06"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("民國113年6月6日", "2024-06-06"),
        ("12.III.2026", "2026-03-12"),
        ("12-XII-2026", "2026-12-12"),
        ("12.V.2026", "2026-05-12"),
        ("12 Μαρτίου 2026", "2026-03-12"),
        ("2026. március 12.", "2026-03-12"),
        ("12 martie 2026", "2026-03-12"),
        ("12 марта 2026", "2026-03-12"),
        ("12 Mart 2026", "2026-03-12"),
        ("12. marca 2026", "2026-03-12"),
    ],
)
def test_eras_roman_months_and_other_languages(printed: str, day: str) -> None:
    assert parse_date(printed).value == day
    assert len(list(find_dates(printed))) == 1


@pytest.mark.parametrize(
    "printed", ["March 2026", "III/2026", "令和6年6月", "12 V 2026", "12 March"]
)
def test_what_lacks_a_day_or_a_year_or_a_month_is_no_date(printed: str) -> None:
    assert parse_date(printed).value is None


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("30.04.2009:58", "2020-04-30"),
        ("02.03.2015:59", "2020-03-02"),
        ("14/06/201721:17", "2017-06-14"),
        ("30.04.2020 09:58", "2020-04-30"),
        ("30.04.2020:", "2020-04-30"),
    ],
)
def test_a_glued_time_takes_no_part_of_the_year(printed: str, value: str) -> None:
    assert parse_date(printed, LocaleEvidence(day_first=True)).value == value


def test_both_days_of_a_range_tell_the_order() -> None:
    evidence = gather_evidence(["Schedule 04/09/20-04/14/20"])
    assert evidence.day_first is False
    assert parse_date("04/09/20", evidence).value == "2020-04-09"
    assert gather_evidence(["Part 12-31-2020-14"]).day_first is None
