"""Rows that print day and month only: their year is that of the statement's period."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from docextract.normalise import normalise_tree
from docextract.schema.loading import load_schema

PERIOD_SCHEMA = load_schema(
    "statement_start: date, statement_end: date, rows: [day: date, net: money]"
)
FORMATS = ("{0.month:02}/{0.day:02}", "{0.day}.{0.month}.", "{0.day:02} {1}", "{1} {0.day}")


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)),
    st.integers(0, 365),
    st.integers(0, 365),
    st.sampled_from(FORMATS),
)
def test_a_row_without_a_year_lies_in_its_period(start, length, offset, form):
    day, end = start + dt.timedelta(min(offset, length)), start + dt.timedelta(length)
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
        day.month - 1
    ]
    said = {
        "statement_start": start.isoformat(), "statement_end": end.isoformat(),
        "rows": [{"day": form.format(day, month), "net": "1.00"}],
    }  # fmt: skip
    _, readings = normalise_tree(said, PERIOD_SCHEMA)
    found = readings["rows[0].day"]
    assert day.isoformat() in found.readings
    assert all(start.isoformat() <= value <= end.isoformat() for value in found.readings)
    assert found.is_ambiguous is (len(found.readings) > 1)


def test_a_row_outside_the_period_stays_absent():
    rows = [{"day": day, "net": "1.00"} for day in ("31/12", "32/13", "12 Foo")]
    tree, _ = normalise_tree({"statement_end": "2024-05-31", "rows": rows}, PERIOD_SCHEMA)
    assert [row["day"] for row in tree["rows"]] == ["2023-12-31", None, None]
    said = {"statement_start": "2024-05-01", "statement_end": "2024-05-31", "rows": rows}
    tree, _ = normalise_tree(said, PERIOD_SCHEMA)
    assert [row["day"] for row in tree["rows"]] == [None, None, None]
