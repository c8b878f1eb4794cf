"""Schemas in every spelling: names, files, modules, JSON Schema, the DSL, plain classes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from docextract.core import SchemaInvalidError, SchemaNotFoundError
from docextract.schema.fields import Schema
from docextract.schema.kinds import Comparison, Kind, Labels, Role
from docextract.schema.loading import find_schemas, load_schema
from docextract.schema.sources.dsl import parse_dsl

BUILT_IN = ("invoice", "receipt", "purchase_order", "bank_statement", "example")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class PlainItem(BaseModel):
    description: str
    price: float


class Plain(BaseModel):
    """Written by somebody who read no docs of ours."""

    vendor: str
    invoice_total: Decimal | None = None
    due_date: dt.date | None = None
    paid: bool | None = None
    colour: Colour | None = None
    size: Literal["S", "M"] | None = None
    iban: str | None = None
    items: list[PlainItem] = []


def field_at(schema, path):
    """Return a leaf that is there."""
    found = schema.field_at(path)
    assert found is not None
    return found


class TestPlainModel:
    def test_kinds_follow_types_and_names(self):
        kinds = {item.path: item.kind for item in Schema.from_model(Plain).fields}
        assert kinds == {
            "vendor": Kind.NAME,
            "invoice_total": Kind.MONEY,
            "due_date": Kind.DATE,
            "paid": Kind.BOOLEAN,
            "colour": Kind.ENUM,
            "size": Kind.ENUM,
            "iban": Kind.IBAN,
            "items[].description": Kind.TEXT,
            "items[].price": Kind.MONEY,
        }

    def test_required_fields_are_keys(self):
        schema = Schema.from_model(Plain)
        assert [item.path for item in schema.fields if item.is_key][:1] == ["vendor"]

    def test_labels_come_from_names_in_many_languages(self):
        labels = Schema.from_model(Plain).fields[1].labels
        assert labels[0] == "invoice total"
        assert "gesamtbetrag" in labels and "total ttc" in labels

    def test_choices(self):
        schema = Schema.from_model(Plain)
        assert field_at(schema, "colour").choices == ("red", "blue")
        assert field_at(schema, "size").choices == ("S", "M")

    def test_lists(self):
        schema = Schema.from_model(Plain)
        assert schema.list_paths == ("items",)
        assert [item.name for item in schema.members("items")] == ["description", "price"]
        assert field_at(schema, "items[12].price").path == "items[].price"

    def test_role_of_a_group_reaches_its_fields(self):
        schema = load_schema("seller: {name, address}, buyer: {name}")
        assert [item.role for item in schema.fields] == [
            Role.SELLER,
            Role.SELLER,
            Role.BUYER,
        ]

    def test_declared_labels_replace_guessed_ones(self):
        class Own(BaseModel):
            total: Annotated[Decimal | None, Labels(de=["Endsumme"])] = None

        assert Schema.from_model(Own).fields[0].labels == ("endsumme",)

    def test_impossible_field_is_named(self):
        class Wrong(BaseModel):
            data: bytes

        with pytest.raises(SchemaInvalidError, match="field data"):
            Schema.from_model(Wrong)

    def test_class_that_contains_itself(self):
        class Node(BaseModel):
            name: str
            children: list[Node] = []

        Node.model_rebuild(_types_namespace={"Node": Node})
        with pytest.raises(SchemaInvalidError, match="contains itself"):
            Schema.from_model(Node)

    def test_empty_class(self):
        class Empty(BaseModel):
            pass

        with pytest.raises(SchemaInvalidError):
            Schema.from_model(Empty)


class TestIdentity:
    def test_same_schema_same_id(self):
        assert load_schema("invoice").id == load_schema("invoice").id

    @pytest.mark.parametrize("other", ["a: date, b", "a: money!, b", "b, a: money", "a: money, c"])
    def test_anything_that_can_change_an_answer_changes_it(self, other):
        assert load_schema("a: money, b").id != load_schema(other).id

    def test_description_changes_it(self):
        class One(BaseModel):
            x: str = Field("", description="one")

        class Two(BaseModel):
            x: str = Field("", description="two")

        assert Schema.from_model(One, "s").id != Schema.from_model(Two, "s").id


class TestBuiltIn:
    @pytest.mark.parametrize("name", BUILT_IN)
    def test_loads_by_name(self, name):
        assert load_schema(name).name == name

    @pytest.mark.parametrize("name", BUILT_IN[:-1])
    def test_every_field_is_described(self, name):
        missing = [item.path for item in load_schema(name).fields if not item.description]
        assert missing == []

    @pytest.mark.parametrize("name", BUILT_IN[:-1])
    def test_empty_answer_is_valid_and_extra_keys_are_not(self, name):
        model = load_schema(name).model
        model.model_validate({})
        with pytest.raises(ValueError, match="extra"):
            model.model_validate({"surprise": 1})

    def test_paths_other_tools_rely_on(self):
        paths = {item.path for item in load_schema("invoice").fields}
        for path in [
            "invoice_number",
            "issue_date",
            "due_date",
            "currency",
            "purchase_order",
            "seller.name",
            "seller.address",
            "seller.tax_id",
            "buyer.name",
            "buyer.address",
            "buyer.tax_id",
            "totals.net",
            "totals.tax",
            "totals.gross",
            "totals.paid",
            "totals.amount_due",
            "payment.iban",
            "payment.bic",
            "payment.reference",
            "lines[].description",
            "lines[].quantity",
            "lines[].unit",
            "lines[].unit_price",
            "lines[].net",
            "lines[].tax_rate",
            "taxes[].rate",
        ]:
            assert path in paths

    def test_list(self):
        found = {item.name: item for item in find_schemas()}
        assert set(BUILT_IN) <= set(found)
        assert all(item.description for item in found.values())


class TestFiles:
    def test_own_folder_hides_built_in(self, tmp_path, monkeypatch):
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas" / "invoice.py").write_text(
            "from pydantic import BaseModel\n\nclass Invoice(BaseModel):\n    mine: str\n"
        )
        monkeypatch.chdir(tmp_path)
        assert [item.path for item in load_schema("invoice").fields] == ["mine"]
        assert next(i for i in find_schemas() if i.name == "invoice").origin == "yours"

    def test_class_of_a_file(self):
        root = Path(__file__).parents[2]
        assert load_schema(f"{root}/schemas/invoice.py:Seller").fields[0].path == "name"

    def test_class_of_a_module(self):
        with pytest.raises(SchemaNotFoundError, match="no class Nope"):
            load_schema("docextract.schema.types:Nope")

    def test_syntax_error_is_told(self, tmp_path):
        path = tmp_path / "bad.py"
        path.write_text("class :")
        with pytest.raises(SchemaInvalidError, match="does not import"):
            load_schema(str(path))

    def test_several_classes_need_a_name(self, tmp_path):
        path = tmp_path / "two.py"
        path.write_text(
            "from pydantic import BaseModel\nclass A(BaseModel):\n    x: str\n"
            "class B(BaseModel):\n    y: str\n"
        )
        with pytest.raises(SchemaNotFoundError, match="A, B"):
            load_schema(str(path))
        assert load_schema(f"{path}:B").fields[0].path == "y"

    def test_nearest_name(self):
        with pytest.raises(SchemaNotFoundError) as caught:
            load_schema("invoise")
        assert "Did you mean invoice?" in caught.value.hint
        assert "searched" in str(caught.value)

    def test_missing_file(self):
        with pytest.raises(SchemaNotFoundError, match=r"nothere\.py"):
            load_schema("nothere.py")


class TestFaults:
    def test_all_fields_that_cannot_be_filled_are_told_at_once_with_their_file(self, tmp_path):
        path = tmp_path / "bad.py"
        path.write_text(
            "from pydantic import BaseModel\n"
            "class Inner(BaseModel):\n    odd: list[dict[str, int]] = []\n"
            "class Bad(BaseModel):\n    extra: dict[str, str]\n    fine: str\n    inner: Inner\n"
        )
        with pytest.raises(SchemaInvalidError) as told:
            load_schema(str(path))
        first, *rows = str(told.value).splitlines()
        assert first == f"{path}: Bad has 2 fields that cannot be filled"
        assert [row.partition(":")[0] for row in rows] == ["field extra", "field inner.odd[]"]
        assert "Use one of Decimal" in told.value.hint

    def test_one_fault_is_told_as_it_is(self, tmp_path):
        path = tmp_path / "one.py"
        path.write_text(
            "from pydantic import BaseModel\nclass One(BaseModel):\n    extra: dict[str, str]\n"
        )
        with pytest.raises(SchemaInvalidError, match=r"one\.py: field extra: cannot fill dict"):
            load_schema(str(path))


class TestDsl:
    def test_all_shapes(self):
        schema = load_schema(
            "vendor, total: money!, date: date, tags: [text], lines: [description, net: money],"
            " buyer: {name, tax_id}"
        )
        assert {item.path: item.kind for item in schema.fields} == {
            "vendor": Kind.NAME,
            "total": Kind.MONEY,
            "date": Kind.DATE,
            "tags[]": Kind.TEXT,
            "lines[].description": Kind.TEXT,
            "lines[].net": Kind.MONEY,
            "buyer.name": Kind.NAME,
            "buyer.tax_id": Kind.TAX_ID,
        }
        assert [item.path for item in schema.fields if item.is_key] == ["total"]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a,,b", "field name"),
            ("a: mony", "no kind"),
            ("a: mony, b: dte", "'mony' is no kind of field\n--schema: 'dte' is no kind"),
            ("a: [b", "comma or ]"),
            ("a, a", "twice"),
            ("a: money extra", "comma"),
            ("a; b", "expected a comma or the end, found ';' at column 2"),
            ("invoice number, total", "found 'number' at column 9"),
            ("invoice-number", "found '-'"),
            ("1st, b", "field name"),
            ('"1st", b', "begins with a letter"),
            ("a: , b", "a kind, such as money"),
            ("a: paid|, b", "lacks a choice"),
            ("a: datetimes", "no kind"),
            ("a = , b", "words that describe"),
            ("a: money = b] c", "comma or the end"),
        ],
    )
    def test_mistakes_are_told(self, text, told):
        with pytest.raises(SchemaInvalidError, match=re.escape(told)):
            parse_dsl(text)

    @pytest.mark.parametrize(
        ("text", "remedy"),
        [
            ("vendor; total", "separated by commas"),
            ("invoice number, total", '("invoice no.")'),
            ("totals.net: money", "totals: {net: money"),
            ("vendor: name\ntotal: money", "separated by commas, not lines"),
            ("total: money = 'x", "stand in quotes"),
            ("kind: enum", "paid|open"),
            ("a: mony", "Did you mean money?"),
        ],
    )
    def test_mistakes_come_with_a_remedy(self, text, remedy):
        with pytest.raises(SchemaInvalidError) as told:
            load_schema(text)
        assert remedy in told.value.hint

    @pytest.mark.parametrize("name", ["fields.yaml", "fields.YML", "fields.toml"])
    def test_files_of_other_kinds_are_told_what_to_become(self, name):
        with pytest.raises(SchemaInvalidError, match="is no spelling of a schema") as told:
            load_schema(name)
        assert ".json" in told.value.hint

    def test_choices(self):
        schema = load_schema("status!: paid|open|'part paid', marks: [new | old], one: \"due\"")
        assert {item.path: item.choices for item in schema.fields} == {
            "status": ("paid", "open", "part paid"),
            "marks[]": ("new", "old"),
            "one": ("due",),
        }
        assert [item.kind for item in schema.fields] == [Kind.ENUM] * 3
        assert [item.is_key for item in schema.fields] == [True, False, False]

    def test_descriptions_and_names_with_blanks_announce_a_field(self):
        schema = load_schema(
            'total: money = amount to pay, "Our ref. no.": id, note = "net, without tax",'
            " rows: [code: text = article, net: money] = what was sold"
        )
        fields = {item.path: item for item in schema.fields}
        assert fields["total"].description == "amount to pay"
        assert "amount to pay" in fields["total"].labels
        assert fields["our_ref_no"].labels[0] == "our ref. no."
        assert fields["our_ref_no"].kind is Kind.IDENTIFIER
        assert fields["note"].description == "net, without tax"
        assert fields["rows[].code"].description == "article"

    def test_plain_lists(self):
        schema = load_schema("codes: [id], mails: email[], parts: [code]")
        assert {item.path: item.kind for item in schema.fields} == {
            "codes[]": Kind.IDENTIFIER,
            "mails[]": Kind.EMAIL,
            "parts[].code": Kind.IDENTIFIER,
        }

    @given(st.text(alphabet="ab:,[]{}! |=\"';", max_size=30))
    def test_never_anything_but_a_class_or_a_told_mistake(self, text):
        with contextlib.suppress(SchemaInvalidError):
            assert parse_dsl(text).model_fields


class TestJsonSchema:
    def test_own_schemas_survive_the_round_trip(self, tmp_path):
        original = load_schema("invoice")
        path = tmp_path / "invoice.json"
        path.write_text(json.dumps(original.model.model_json_schema()))
        loaded = load_schema(str(path))
        assert [item.path for item in loaded.fields] == [item.path for item in original.fields]

    def test_kinds_labels_and_keys(self, tmp_path):
        path = tmp_path / "permit.json"
        extra = {"kind": "money", "labels": {"de": ["Gebühr"]}, "key": True}
        tree = {
            "type": "object",
            "properties": {
                "fee": {"type": ["string", "null"], "x-docextract": extra},
                "until": {"type": "string", "format": "date"},
                "state": {"enum": ["open", "closed", None]},
            },
        }
        path.write_text(json.dumps(tree))
        fee, until, state = load_schema(str(path)).fields
        assert (fee.kind, fee.labels, fee.is_key) == (Kind.MONEY, ("gebühr",), True)
        assert until.kind is Kind.DATE
        assert state.choices == ("open", "closed")

    @pytest.mark.parametrize(
        "tree",
        [
            [],
            {"type": "string"},
            {"type": "object", "properties": {}},
            {"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}},
            {"type": "object", "properties": {"a": {"type": ["string", "number"]}}},
            {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}},
        ],
    )
    def test_what_is_not_supported_is_told(self, tmp_path, tree):
        path = tmp_path / "bad.json"
        path.write_text(json.dumps(tree))
        with pytest.raises(SchemaInvalidError):
            load_schema(str(path))


def test_comparison_follows_kind():
    schema = load_schema("number: identifier, vendor: name, total: money")
    assert [item.comparison for item in schema.fields] == [
        Comparison.IDENTIFIER,
        Comparison.SIMILAR,
        Comparison.EQUAL,
    ]
