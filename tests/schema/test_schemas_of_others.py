"""A class nobody of ours wrote is filled by what its author meant: groups, aliases, types."""

from __future__ import annotations

import datetime as dt
import enum
import json
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel
from support.pdfs import text_pdf
from typer.testing import CliRunner

from docextract.api import Extraction, extract
from docextract.cli.app import app
from docextract.core import SchemaInvalidError
from docextract.normalise import normalise
from docextract.schema import Kind, Schema
from docextract.schema.loading import load_schema
from docextract.verify.checks import strict_values, typed_instance

PAGE = [
    (60, 780, "Kupferhof Elektrotechnik GmbH"), (60, 740, "Rechnungsnummer RE-55410"),
    (60, 720, "Rechnungsdatum 12.03.2026"), (60, 700, "Fällig am 11.04.2026"),
    (60, 660, "Pos"), (100, 660, "Bezeichnung"), (300, 660, "Menge"), (360, 660, "Einzelpreis"),
    (460, 660, "Betrag"),
    (60, 640, "1"), (100, 640, "Schaltschrank"), (300, 640, "2"), (360, 640, "1.245,50"),
    (460, 640, "2.491,00"),
    (60, 620, "2"), (100, 620, "Kabelkanal"), (300, 620, "85"), (360, 620, "7,80"),
    (460, 620, "663,00"),
    (60, 600, "3"), (100, 600, "Montage"), (300, 600, "12"), (360, 600, "68,00"),
    (460, 600, "816,00"),
    (300, 560, "Nettobetrag"), (460, 560, "3.970,00 EUR"),
    (300, 540, "zzgl. 19 % USt"), (460, 540, "754,30 EUR"),
    (300, 520, "Gesamtbetrag"), (460, 520, "4.724,30 EUR"),
]  # fmt: skip


class Amount(BaseModel):
    amount: Decimal | None = None
    currency: str | None = None


class Dated(BaseModel):
    date: dt.date | None = None


class Numbered(BaseModel):
    number: str | None = None


class Grouped(BaseModel):
    invoice: Numbered = Numbered()
    due: Dated = Dated()
    total: Amount = Amount()
    subtotal: Amount = Amount()
    tax: Amount = Amount()


class Row(BaseModel):
    description: str | None = None
    net: Decimal | None = None


class Group(BaseModel):
    items: list[Row] = []


class Nested(BaseModel):
    groups: list[Group] = []


class StrictRow(BaseModel):
    model_config = ConfigDict(strict=True)
    description: str
    net: Decimal


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    issue_date: dt.date
    total: Decimal
    lines: list[StrictRow] = []


class Currency(enum.Enum):
    EURO = "EUR"
    DOLLAR = "USD"


class Named(BaseModel):
    waehrung: Currency | None = None
    Währung: Currency | None = None
    nummer: str | None = Field(None, alias="Rechnungsnummer")
    betrag: Decimal | None = Field(None, title="Gesamtbetrag")
    tag: dt.date | None = Field(None, description="Rechnungsdatum")


class Totals(BaseModel):
    subtotal: Decimal | None = None
    total: Decimal | None = None


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf([(x, 842 - y, text) for x, y, text in PAGE]))
    return path


def complaints(found: Extraction[BaseModel]) -> list[str]:
    return [check.message for check in found.checks if check.outcome.value == "failed"]


def test_a_group_gives_its_fields_their_meaning(paper: Path) -> None:
    values = extract(paper, Grouped).values
    assert values.invoice.number == "RE-55410"
    assert values.due.date == dt.date(2026, 4, 11)
    amounts = (values.total.amount, values.subtotal.amount, values.tax.amount)
    assert amounts == (Decimal("4724.30"), Decimal("3970.00"), Decimal("754.30"))


def test_lists_in_lists_keep_their_rows(paper: Path) -> None:
    (group,) = extract(paper, Nested).values.groups
    assert [str(row.net) for row in group.items] == ["2491.00", "663.00", "816.00"]


def test_a_strict_class_is_filled(paper: Path) -> None:
    found = extract(paper, Strict)
    assert complaints(found) == []  # type: ignore[arg-type]
    assert found.values.total == Decimal("4724.30")
    assert found.values.lines[2].net == Decimal("816.00")


def test_aliases_titles_and_descriptions_announce_as_names_do(paper: Path) -> None:
    values = extract(paper, Named).values
    assert values.nummer == "RE-55410"
    assert values.betrag == Decimal("4724.30")
    assert values.tag == dt.date(2026, 3, 12)
    assert (values.waehrung, values.Währung) == (Currency.EURO, Currency.EURO)


def test_an_enum_with_umlauts_is_read() -> None:
    class Stay(BaseModel):
        tarif: Literal["Frühstück", "Halbpension", "Übernachtung"] | None = None

    schema = Schema.from_model(Stay)
    values = {"tarif": normalise("ÜBERNACHTUNG", schema.fields[0]).value}
    assert strict_values(values, schema) == ({"tarif": "Übernachtung"}, [])


@pytest.mark.parametrize(
    ("enum", "text", "value"),
    [
        ([190, 191], "190", 190),
        ([None, 190, 191], "191", 191),
        ([7.5, 19], "7.5", 7.5),
        ([True, False], "true", True),
        (["190", "191"], "190", "190"),
    ],
)
def test_a_choice_of_numbers_is_a_number(tmp_path: Path, enum, text, value) -> None:
    tree = {"type": "object", "properties": {"rate": {"enum": enum}, "no": {"type": "string"}}}
    (tmp_path / "rates.json").write_text(json.dumps(tree))
    schema = load_schema(str(tmp_path / "rates.json"))
    found = {"rate": normalise(text, schema.fields[0]).value, "no": None}
    assert strict_values(found, schema) == ({"rate": value, "no": None}, [])
    assert type(typed_instance(schema.model, found).rate) is type(value)  # type: ignore[attr-defined]


def test_a_choice_of_numbers_of_python_is_one_in_a_record_that_breaks_a_rule() -> None:
    class Rate(BaseModel):
        rates: list[Literal[190, 191]] = []
        no: Literal[1, 2]

    schema = Schema.from_model(Rate)
    values, complaints = strict_values({"rates": ["190", "191"], "no": None}, schema)
    assert values == {"rates": [190, 191], "no": None}
    assert len(complaints) == 1
    assert typed_instance(Rate, {"rates": [], "no": "2"}).no == 2


@pytest.mark.parametrize("enum", [[], [None], "paid", 5, [{"a": 1}], [["a"]]])
def test_an_enum_without_choices_is_refused(tmp_path: Path, enum) -> None:
    tree = {"type": "object", "properties": {"rate": {"enum": enum}}}
    (tmp_path / "rates.json").write_text(json.dumps(tree))
    with pytest.raises(SchemaInvalidError, match=r"root\.rate: an enum is a list"):
        load_schema(str(tmp_path / "rates.json"))


def test_a_sum_is_not_missed_for_a_field_the_schema_lacks(paper: Path) -> None:
    found = extract(paper, Totals)
    assert (found.values.subtotal, found.values.total) == (Decimal("3970.00"), Decimal("4724.30"))
    assert complaints(found) == []  # type: ignore[arg-type]


def test_a_root_model_is_refused_with_what_to_do() -> None:
    class Root(RootModel[list[Row]]):
        pass

    class Holder(BaseModel):
        rows: Root | None = None

    for model in (Root, Holder):
        with pytest.raises(SchemaInvalidError, match="RootModel") as caught:
            Schema.from_model(model)
        assert "rows: list[Row]" in caught.value.hint


TYPES = {
    "type": "object",
    "required": ["invoice_number", "total", "supplier_code"],
    "properties": {
        "invoice_number": {"type": "string"},
        "total": {"type": "number"},
        "num_items": {"type": "integer"},
        "is_paid": {"type": "boolean"},
        "supplier_code": {"type": "string"},
    },
}


def test_json_schema_types_and_what_it_requires_are_honoured(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(TYPES), "utf-8")
    path = tmp_path / "c.pdf"
    lines = ("Rechnungsnummer RE-1", "Num items: 12", "Is paid: yes", "Gesamtbetrag 4.724,30 EUR")
    path.write_bytes(text_pdf([(60, 700 - 30 * n, text) for n, text in enumerate(lines)]))
    schema = load_schema(str(tmp_path / "t.json"))
    found = extract(path, schema.model)
    assert found.record.values["total"] == 4724.3  # type: ignore[index]
    assert found.record.values["num_items"] in (12, "12")  # type: ignore[index]
    assert found.status.value == "review"
    assert [check.paths for check in found.checks if check.id == "schema"] == [("supplier_code",)]
    keys = {field.path for field in schema.fields if field.is_key}
    assert keys == set(TYPES["required"])


def test_show_tells_all_words_of_a_field_and_words_those_of_a_concept(tmp_path: Path) -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["schema", "show", "invoice", "totals.net"]).stdout.splitlines()
    assert "nettobetrag" in shown
    assert shown == runner.invoke(app, ["schema", "words", "net"]).stdout.splitlines()
    assert "invoice_number" in runner.invoke(app, ["schema", "words"]).stdout
    wrong = runner.invoke(app, ["schema", "words", "gros"])
    assert wrong.exit_code == 2


def test_a_currency_is_one_in_any_language() -> None:
    kinds = {field.path: field.kind for field in Schema.from_model(Named).fields}
    assert kinds["waehrung"] is kinds["Währung"] is Kind.CURRENCY


CASES = {
    "copperleaf": {"total": "2440.05", "shipping": "64.18"},
    "luminosa": {"total": "4553.95", "tax": "630.26"},
    "prairie-line": {"total": "3774.73", "tax": "303.71", "shipping": "185.00"},
}


class Money(BaseModel):
    total: Amount = Amount()
    tax: Amount = Amount()
    shipping: Amount = Amount()


@pytest.mark.parametrize("name", CASES)
def test_money_in_groups_of_the_fixtures(fixtures: Path, name: str) -> None:
    values = extract(fixtures / "invoices" / f"{name}.pdf", Money).record.values
    assert {group: values[group]["amount"] for group in CASES[name]} == CASES[name]  # type: ignore[index]
