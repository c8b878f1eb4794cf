"""Scores change exactly where records do, and nothing is left out in silence."""

from __future__ import annotations

import copy
import csv
import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from docextract.cli import app
from docextract.core import OptionError, RecordStatus, UsageError
from docextract.evaluation import Gate, NameMapping, evaluate, read_source, read_truth, to_markdown
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.value_match import canonical, is_right
from docextract.evaluation.labels.truth import Labels
from docextract.evaluation.matching.assignment import assign
from docextract.evaluation.matching.pairing import pair
from docextract.evaluation.reporting.figures import Share, wilson
from docextract.evaluation.reporting.report import Report
from docextract.evaluation.reporting.score_tables import tables
from docextract.schema.loading import load_schema

NAMES = ("nordlicht", "alder-finch", "prairie-line", "waterkant")
INVOICE = load_schema("invoice")
MAPPING = NameMapping.load()


def command(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    """The output folder of a run over four invoices."""
    out = tmp_path_factory.mktemp("run") / "out"
    inputs = [root / f"fixtures/invoices/{name}.pdf" for name in NAMES]
    done = command("run", *inputs, "--schema", "invoice", "--engine", "text", "--out", out, "-q")
    assert done.exit_code == 0, done.stderr
    return out


@pytest.fixture
def records(run):
    return [json.loads(line) for line in (run / "results.jsonl").read_bytes().splitlines()]


@pytest.fixture
def truth(run):
    """The records themselves as labels: nothing is wrong before it is damaged."""
    return read_truth(run / "results.jsonl")


def score(records, labels, schema=INVOICE):
    return evaluate(labels, map(Given.from_record, records), schema, MAPPING).report()


def figures(report: Report):
    """Return every share a report holds but those of the confidence."""
    found: dict[tuple[str, str], Share] = {}
    for path, counts in report.fields.items():
        shares = counts.recall, counts.precision, counts.fabrication
        found |= dict(zip(itertools.product([path], "rpf"), shares, strict=True))
    for path, rows in report.rows.items():
        found |= {(path, "r"): rows.recall, (path, "p"): rows.precision}
        found[path, "whole"] = Share(rows.num_whole, rows.num_truth)
    for status, counts in report.statuses.items():
        found[status.value, "p"] = counts.precision
    return {key: share.value for key, share in found.items()}


def blank(record):
    record["values"]["invoice_number"] = None
    del record["fields"]["invoice_number"]


def change(record):
    record["values"]["totals"]["gross"] = "1.00"


def add(record):
    assert record["values"]["project_reference"] is None
    record["values"]["project_reference"] = "P-1"
    record["fields"]["project_reference"] = {"status": "unverified", "confidence": 0.4}


def drop_row(record):
    del record["values"]["lines"][-1]


def add_row(record):
    record["values"]["lines"].append({"description": "Nothing of the kind", "net": "0.07"})


def damage_row(record):
    record["values"]["lines"][0]["net"] = "0.07"


# What prairie-line.pdf prints in a row.
LINE_MEMBERS = [
    f"lines[].{name}"
    for name in ("product_code", "description", "quantity", "unit", "unit_price", "net")
]


@pytest.mark.parametrize(
    ("damage", "changed"),
    [
        (blank, {("invoice_number", "r")}),
        (change, {("totals.gross", "r"), ("totals.gross", "p"), ("verified", "p")}),
        (
            add,
            {("project_reference", "p"), ("project_reference", "f"), ("unverified", "p")},
        ),
        (
            drop_row,
            {("lines", "r"), ("lines", "whole"), *((name, "r") for name in LINE_MEMBERS)},
        ),
        (
            add_row,
            {("lines", "p"), ("lines[].description", "p"), ("lines[].net", "p"),
             ("lines[].description", "f"), ("lines[].net", "f")},
        ),
        (
            damage_row,
            {("lines", "whole"), ("lines[].net", "r"), ("lines[].net", "p"), ("verified", "p")},
        ),
    ],
)  # fmt: skip
def test_damage_lowers_what_it_should_and_nothing_else(records, truth, damage, changed):
    before = figures(score(records, truth))
    assert all(value in (None, float(key[1] != "f")) for key, value in before.items())
    damage(records[2])
    after = figures(score(records, truth))
    found = {key for key in before | after if before.get(key) != after.get(key)}
    assert found == changed


def test_order_of_rows_changes_nothing(records, truth):
    before = figures(score(records, truth))
    for record in records:
        record["values"]["lines"].reverse()
    assert figures(score(records, truth)) == before


def test_confidence_changes_reliability_alone(records, truth):
    before = score(records, truth)
    assert before.reliability["all"].error < 0.2
    for record in records:
        for field in record["fields"].values():
            field["confidence"] = 0.25
    after = score(records, truth)
    assert figures(after) == figures(before)
    assert after.reliability["all"].error == pytest.approx(0.75)
    assert [(item.low, item.num) for item in after.reliability["all"].bins] == [
        (0.2, before.reliability["all"].num)
    ]


def test_a_status_takes_its_values_along(records, truth):
    for record in records:
        for field in record["fields"].values():
            if field["status"] == "verified":
                field["status"] = "consistent"
    report = score(records, truth)
    assert "verified" not in report.statuses
    assert report.statuses["consistent"].right > 100


def test_a_failed_document_has_missed_everything(records, truth):
    before = score(records, truth)
    records[0] |= {"status": "failed", "values": None, "fields": {}}
    after = score(records, truth)
    assert [item.path for item in after.failed] == [records[0]["document"]["path"]]
    assert after.documents[0].path == records[0]["document"]["path"]
    missed = after.fields["invoice_number"]
    assert (missed.right, missed.missed) == (before.fields["invoice_number"].right - 1, 1)
    assert after.rows["lines"].num_given < before.rows["lines"].num_given


def test_worst_documents_come_first(records, truth):
    change(records[1])
    blank(records[3])
    add(records[3])
    report = score(records, truth)
    paths = [records[index]["document"]["path"] for index in (3, 1)]
    assert [item.path for item in report.documents[:2]] == paths
    worst = next(table for table in tables(report) if table.title == "Worst documents")
    assert [row[1:] for row in worst.rows] == [
        ("0", "1", "1", "invoice_number, project_reference"),
        ("1", "0", "0", "totals.gross"),
    ]


# Labels


def test_fixture_truth_counts_embedded_values_where_they_were_read(run, root, tmp_path):
    labels = read_truth(root / "fixtures/truth.jsonl")
    assert not any("broken/" in item.file for item in labels)
    source = read_source(run)
    own = [item for item in labels if item.file.split("/")[-1][:-4] in NAMES]
    with_xml = evaluate(own, source.records, source.schema, MAPPING).report()
    num = with_xml.fields["totals.tax"].recall.num
    assert with_xml.fields["totals.tax"].right == num
    pages = [replace(item, has_embedded=False) for item in source.records]
    without = evaluate(own, pages, source.schema, MAPPING).report()
    # nordlicht.pdf prints no sum of its taxes, and units as codes nowhere.
    assert without.fields["totals.tax"].recall.num == num - 1
    assert without.fields["lines[].unit"].recall.num < with_xml.fields["lines[].unit"].recall.num
    assert without.fields["lines[].net"] == with_xml.fields["lines[].net"]
    # What nobody can know makes no row less than whole.
    assert without.rows["lines"] == with_xml.rows["lines"]


def names_truth(tmp_path, **more):
    fields = {
        "invoice_number": "2025-04817", "vendor_name": "Nordlicht Bürobedarf", "total": "936.33",
        "issue_date": "18.03.2025", "buyer_order_number": None, "colour": "blue",
        "line_items": [{"description": "Röstkaffee, ganze Bohne", "quantity": "6.5", "unit": "KGM",
                        "unit_price": 17.8, "line_total": 115.7}],
    }  # fmt: skip
    row = {"id": "x", "file": "docs/nordlicht.pdf", "schema": "invoice", "fields": fields}
    path = tmp_path / "truth.jsonl"
    path.write_text(json.dumps(row | more) + "\n", "utf-8")
    return path


def test_names_of_labels_lead_to_fields(run, tmp_path):
    source = read_source(run)
    labels = read_truth(names_truth(tmp_path))
    found = evaluate(labels, source.records, source.schema, MAPPING)
    counts = found.report().fields
    right = {path: item.right for path, item in counts.items() if item.right}
    assert right == dict.fromkeys(
        ("invoice_number", "issue_date", "seller.name", "totals.gross", "lines[].description",
         "lines[].quantity", "lines[].unit_price", "lines[].net"), 1
    )  # fmt: skip
    assert counts["purchase_order"].absent == 1
    assert dict(found.unknown) == {"colour": 1}
    assert len(found.unlabelled) == 3
    rows = found.report().rows["lines"]
    assert (rows.num_truth, rows.num_given, rows.num_whole) == (1, 6, 1)


def test_a_list_may_be_empty_or_not_known(run, tmp_path):
    source = read_source(run)
    for items, num_extra in (([], 6), (None, 0)):
        labels = read_truth(names_truth(tmp_path, fields={"total": "1", "line_items": items}))
        found = evaluate(labels, source.records, source.schema, MAPPING)
        rows = found.report().rows
        assert sum(counts.num_given for counts in rows.values()) == num_extra
        assert not found.unknown


def test_what_labels_call_doubtful_is_not_scored(run, tmp_path):
    source = read_source(run)
    path = names_truth(
        tmp_path,
        ambiguous_fields=["total"],
        not_printed=["issue_date"],
        conflict=["invoice_number"],
        meta={"line_totals_printed": "1/6"},
    )
    pages = [Given.from_record(_without_xml(item)) for item in _lines(run / "results.jsonl")]
    found = evaluate(read_truth(path), pages, source.schema, MAPPING).report()
    assert set(found.fields) == {"seller.name", "purchase_order"}
    # Whoever reads the XML inside can know all of it but what is ambiguous.
    exact = evaluate(read_truth(path), source.records, source.schema, MAPPING).report()
    assert {"issue_date", "invoice_number", "lines[].net"} <= set(exact.fields)
    assert "totals.gross" not in exact.fields


def _lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _without_xml(record):
    for field in record["fields"].values():
        field["evidence"] = []
    return record


def test_labels_that_are_no_value_are_named(run, tmp_path):
    path = names_truth(
        tmp_path,
        fields={"total": "a lot", "issue_date": "03/04/2025", "due_date": "2025-04-17"},
    )
    source = read_source(run)
    found = evaluate(read_truth(path), source.records, source.schema, MAPPING)
    assert set(found.report().fields) == {"due_date"}
    assert found.unclear == (
        "truth.jsonl:1: totals.gross 'a lot' is no money",
        "truth.jsonl:1: issue_date '03/04/2025' could be 2025-04-03 or 2025-03-04",
    )


def test_labels_of_another_schema_are_left_out(run, root):
    source = read_source(run)
    labels = read_truth(root / "fixtures/truth.jsonl")
    found = evaluate(labels, source.records, source.schema, MAPPING)
    others = [item for item in labels if item.schema_name != "invoice"]
    assert found.num_other == len(others) > 5
    with pytest.raises(UsageError, match="none of these labels"):
        evaluate(others, source.records, source.schema, MAPPING)
    dsl = load_schema("invoice_number, total: money")
    assert evaluate(others, (), dsl, MAPPING).num_other == 0


@pytest.mark.parametrize(
    "line", ["[1]", "{", '{"file": "a.pdf"}', '{"file": "a.pdf", "fields": [1]}', "17"]
)
def test_a_line_that_holds_no_labels_is_named(tmp_path, line):
    path = tmp_path / "truth.jsonl"
    path.write_text(f'\n{{"file": "a.pdf", "fields": {{"total": "1"}}}}\n{line}\n')
    with pytest.raises(UsageError, match="line 3"):
        read_truth(path)


def test_no_labels_at_all_is_an_error(tmp_path):
    (tmp_path / "truth.jsonl").write_text("")
    with pytest.raises(UsageError, match="no labels"):
        read_truth(tmp_path / "truth.jsonl")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_an_edited_table_is_truth(run, tmp_path, delimiter):
    with (run / "documents.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if "nordlicht" in row["path"])
    row |= {"totals.gross": "1.234,56", "issue_date": "18.03.2025", "due_date": ""}
    row["seller.name"] = "'=Nordlicht Bürobedarf GmbH"
    path = tmp_path / "edited.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    labels = read_truth(path)
    assert [item.values["seller.name"] for item in labels if "nordlicht" in item.file] == [
        "=Nordlicht Bürobedarf GmbH"
    ]
    source = read_source(run)
    report = evaluate(labels, source.records, source.schema, MAPPING).report()
    counts = report.fields
    mistakes = {path: (c.wrong, c.fabricated) for path, c in counts.items() if c.right < c.right
                + c.wrong + c.missed + c.fabricated}  # fmt: skip
    assert mistakes == {"totals.gross": (1, 0), "due_date": (0, 1)}
    assert not report.rows


# Mapping


def test_a_mapping_file_extends_and_overrides(tmp_path):
    path = tmp_path / "names.toml"
    path.write_text(
        'lieferant = "seller.name"\n"posten[].betrag" = "lines[].net"\n'
        '[invoice]\ntotal = "totals.amount_due"\nvendor_name = ""\n'
    )
    mapping = NameMapping.load(path)
    assert mapping.field_path("lieferant", "", INVOICE) == "seller.name"
    assert mapping.field_path("posten[].betrag", "invoice", INVOICE) == "lines[].net"
    assert mapping.list_path("posten", "invoice", INVOICE) == "lines"
    assert mapping.list_path("line_items", "invoice", INVOICE) == "lines"
    assert mapping.field_path("total", "invoice", INVOICE) == "totals.amount_due"
    assert mapping.field_path("vendor_name", "invoice", INVOICE) == ""
    assert mapping.field_path("subtotal", "invoice", INVOICE) == "totals.net"
    assert mapping.field_path("tax_total", "receipt", load_schema("receipt")) == "tax_total"
    assert mapping.field_path("nothing", "invoice", INVOICE) is None
    (tmp_path / "names.json").write_text('{"lieferant": "buyer.name"}')
    as_json = NameMapping.load(tmp_path / "names.json")
    assert as_json.field_path("lieferant", "", INVOICE) == "buyer.name"


@pytest.mark.parametrize(
    "text", ["total", "total = 1", '"a[].b" = "totals.net"', 'a = ["b"]', "[x]\n[x.y]\nz = 1"]
)
def test_a_mapping_that_leads_nowhere_is_an_error(tmp_path, text):
    (tmp_path / "names.toml").write_text(text)
    with pytest.raises(UsageError):
        NameMapping.load(tmp_path / "names.toml")


def test_every_built_in_row_leads_to_a_field():
    for name, rows in MAPPING.sections.items():
        schema = load_schema(name)
        wrong = [path for path in rows.values() if path and schema.field_at(path) is None]
        assert wrong == []


# Pairing


def labels_of(file, sha256=""):
    return Labels("t:1", file, {}, sha256)


def given_of(path, sha256="", status=RecordStatus.OK):
    return Given(path, sha256, "invoice", "x", status, {}, {})


def paired(labels, records):
    found = pair(labels, records)
    return [item.path if item else None for _, item in found.pairs]


def test_equal_names_in_several_folders_are_told_apart():
    records = [given_of("in/a/bill.pdf", "1"), given_of("in/b/bill.pdf", "2")]
    labels = [labels_of("b/bill.pdf"), labels_of("a/bill.pdf"), labels_of("bill.pdf")]
    assert paired(labels, records) == ["in/b/bill.pdf", "in/a/bill.pdf", None]
    assert paired([labels_of("moved.pdf", "2")], records) == ["in/b/bill.pdf"]
    assert paired([labels_of("b/bill.pdf", "3")], records) == [None]
    assert paired([labels_of("old/c/other.pdf")], [given_of("new/other.pdf")]) == ["new/other.pdf"]
    assert paired([labels_of("c/bill.pdf"), labels_of("d/bill.pdf")], records[:1]) == [None, None]
    assert paired([labels_of("ill.pdf")], records[:1]) == [None]
    assert paired([labels_of("x\\b\\bill.pdf"), labels_of("b.pdf")], records) == [None, None]


def test_a_duplicate_is_represented_by_its_twin():
    twin = given_of("in/a.pdf", "1")
    records = [twin, given_of("in/b.pdf", "1", RecordStatus.SKIPPED), given_of("in/c.pdf", "2")]
    found = pair([labels_of("b.pdf")], records)
    assert found.pairs[0][1] is twin
    assert [item.path for item in found.unlabelled] == ["in/c.pdf"]


# Comparing


def field_at(path):
    field = INVOICE.field_at(path)
    assert field is not None
    return field


@pytest.mark.parametrize(
    ("path", "value", "truth", "expected"),
    [
        ("totals.gross", "59.4", "59.40", True),
        ("totals.gross", "59.41", "59.40", False),
        ("issue_date", "2024-03-01", "2024-03-01", True),
        ("issue_date", "2024-03-01", "2024-01-03", False),
        ("invoice_number", "re 2024/17", "RE-2024-17", True),
        ("invoice_number", "2024-17", "2024-18", False),
        ("seller.name", "Müller & Söhne GmbH", "MÜLLER&SÖHNE GMBH", True),
        ("seller.name", "INA", "INA - Industrija Nafte d.d.", True),
        ("seller.name", "Alder & Finch Ltd, Bath", "Alder and Finch", False),
        ("seller.name", "a", "Alder & Finch Ltd", False),
        ("seller.name", "Corner Shop", "Bakery", False),
        ("seller.address", "Hauptstr. 5 10115 Berlin", "Hauptstr. 5, 10115 Berlin", True),
        ("seller.address", "10115 Berlin", "Hauptstraße 5, 10115 Berlin", False),
        ("lines[].description", "Coffee beans 1 kg, Item 123-45", "Coffee beans", True),
        ("lines[].description", "Coffee", "Coffee beans 1 kg", False),
        ("seller.name", "--", "Alder", False),
    ],
)
def test_values_are_compared_by_the_type_of_their_field(path, value, truth, expected):
    assert is_right(value, truth, field_at(path)) is expected


@given(st.decimals(-(10**20), 10**20, places=2), st.integers(0, 4))
def test_an_amount_is_right_however_many_zeros_it_has(amount, num_zeros):
    field = field_at("totals.gross")
    text = f"{amount:f}"
    label = canonical(text + "0" * num_zeros, field)
    assert label is not None
    assert is_right(text, label, field)
    assert not is_right(f"{amount + Decimal('0.01'):f}", label, field)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_record_agrees_with_itself(run, data):
    record = data.draw(st.sampled_from(_lines(run / "results.jsonl")))
    order = data.draw(st.permutations(range(len(record["values"]["lines"]))))
    shuffled = copy.deepcopy(record)
    shuffled["values"]["lines"] = [record["values"]["lines"][index] for index in order]
    labels = Labels("t", record["document"]["path"], record["values"])
    report = score([shuffled], [labels])
    assert all(counts.wrong + counts.missed == 0 for counts in report.fields.values())
    assert report.rows["lines"].f1_whole == 1


def test_lists_inside_lists_are_paired_within_their_rows():
    schema = load_schema("bank_statement")
    bookings = [
        {"date": "2024-01-02", "deposit": "5.00"},
        {"date": "2024-01-03", "deposit": "7.00"},
    ]
    accounts = [
        {"account_number": "1", "ending_balance": "10.00", "transactions": bookings},
        {"account_number": "2", "ending_balance": "20.00", "transactions": bookings[:1]},
    ]
    values = {"accounts": [accounts[1], accounts[0] | {"transactions": bookings[::-1]}]}
    given = Given("a.pdf", "", "bank_statement", "x", RecordStatus.OK, values, {})
    labels = [Labels("t", "a.pdf", {"accounts": accounts})]
    report = evaluate(labels, [given], schema, MAPPING).report()
    assert report.rows["accounts"].f1_whole == 1
    assert report.rows["accounts[].transactions"].num_whole == 3
    assert report.fields["accounts[].transactions[].deposit"].recall == (3, 3)


def test_a_list_is_reached_through_rows_nothing_else_is_known_of():
    schema = load_schema("bank_statement")
    bookings = [{"date": "2024-01-02", "deposit": "5.00"}]
    given = Given(
        "a.pdf", "", "bank_statement", "x", RecordStatus.OK,
        {"accounts": [{"account_number": "1", "transactions": bookings}]}, {},
    )  # fmt: skip
    labels = [Labels("t", "a.pdf", {"accounts": [{"transactions": bookings}]})]
    report = evaluate(labels, [given], schema, MAPPING).report()
    assert report.rows["accounts[].transactions"].f1_whole == 1
    assert "accounts" not in report.rows


def test_lists_of_plain_values_are_paired():
    schema = load_schema("parties: [name]")
    values = {"parties": ["Finch Ltd", "Alder & Sons"]}
    given = Given("a.pdf", "", schema.name, "x", RecordStatus.OK, values, {})
    labels = [Labels("t", "a.pdf", {"parties": ["Alder & Sons", "Somebody Else"]})]
    report = evaluate(labels, [given], schema, MAPPING).report()
    assert report.rows["parties"].recall == (1, 2)
    assert (report.fields["parties[]"].missed, report.fields["parties[]"].fabricated) == (1, 1)


# Figures


GAINS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), max_size=5)
)


@given(GAINS)
def test_assignment_is_as_good_as_trying_them_all(gains):
    pairs = assign(gains)
    rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
    assert len(set(rows)) == len(set(columns)) == len(pairs)
    if not gains:
        return
    width = len(gains[0])
    assert len(pairs) == min(len(gains), width)
    matrix = gains if len(gains) <= width else [list(column) for column in zip(*gains, strict=True)]
    best = max(
        sum(row[column] for row, column in zip(matrix, order, strict=True))
        for order in itertools.permutations(range(len(matrix[0])), len(matrix))
    )
    assert sum(gains[row][column] for row, column in pairs) == best


@pytest.mark.parametrize(
    ("num_right", "num", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_intervals_are_those_of_the_literature(num_right, num, low, high):
    assert wilson(num_right, num) == pytest.approx((low, high), abs=5e-5)


# The command


def test_a_stored_run_gives_its_own_numbers_again(run, root, tmp_path):
    truth = root / "fixtures/truth.jsonl"
    outputs = []
    for number, source in enumerate((run, run, run / "results.jsonl")):
        report = tmp_path / f"{number}.json"
        done = command("eval", source, "--truth", truth, "--report", report)
        assert done.exit_code == 0, done.stderr
        outputs.append((done.stdout, json.loads(report.read_text("utf-8"))))
    assert outputs[0] == outputs[1] == outputs[2]
    tree = outputs[0][1]
    assert tree["fields"]["totals.gross"]["recall"]["num"] > 4
    assert "fixtures/invoices/nordlicht.pdf" in str(tree["documents"])
    assert len(tree["unread"]) > 10


def test_tables_are_data_and_messages_are_not(run, root, tmp_path):
    done = command(
        "eval", run, "--truth", names_truth(tmp_path), "--report", tmp_path / "report.md"
    )
    assert done.exit_code == 0
    assert "invoice_number" in done.stdout
    assert "Reliability" in done.stdout
    for text in ("colour (1)", "without labels, not scored: 3 documents", "--mapping"):
        assert text in done.stderr
        assert text not in done.stdout
    markdown = (tmp_path / "report.md").read_text("utf-8")
    assert "| invoice_number | 1 | 100.0 (21-100) |" in markdown


def test_gates_end_with_5_and_say_by_how_much(run, root, tmp_path):
    truth = names_truth(tmp_path, fields={"invoice_number": "2025-04817", "total": "1.00"})
    command_line = ("eval", run, "--truth", truth)
    passed = command(*command_line, "--min-recall", "invoice_number=1")
    assert passed.exit_code == 0
    failing = command(
        *command_line, "--min-recall", "totals.gross=0.9", "--min-precision", "totals.gross=0.25"
    )
    assert failing.exit_code == 5
    assert (
        "gate failed: recall of totals.gross is 0.000 (0 of 1), 0.900 below 0.9" in failing.stderr
    )
    assert "precision of totals.gross is 0.000 (0 of 1), 0.250 below 0.25" in failing.stderr
    unknown = command(*command_line, "--min-recall", "totals.grss=0.9")
    assert unknown.exit_code == 2
    assert "invoice_number, totals.gross" in unknown.stderr


@pytest.mark.parametrize("text", ["total", "total=", "=0.9", "total=90", "total=x", "total=-0.1"])
def test_a_gate_is_a_field_and_a_share(text):
    with pytest.raises(OptionError):
        Gate.parse("recall", text)


def test_a_gate_on_rows(records, truth):
    drop_row(records[0])
    report = score(records, truth)
    assert Gate.parse("precision", "lines=1").complaint(report) is None
    assert "lines" in (Gate.parse("recall", "lines=1").complaint(report) or "")


def test_documents_are_read_first(root, tmp_path):
    one = root / "fixtures/invoices/nordlicht.pdf"
    truth = names_truth(tmp_path)
    missing = command("eval", one, "--truth", truth)
    assert missing.exit_code == 2
    assert "--schema" in missing.stderr
    options = ("--schema", "invoice", "--engine", "text", "--no-embedded")
    done = command("eval", one, "--truth", truth, *options, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert "scored 1 labelled document" in done.stderr
    again = command("eval", tmp_path / "out", "--truth", truth)
    assert again.stdout == done.stdout
    kept = json.loads((tmp_path / "out/results.jsonl").read_text("utf-8"))
    assert kept["fields"]["totals.gross"]["evidence"][0]["source"] == "text_layer"


def test_results_need_one_schema(run, tmp_path):
    records = _lines(run / "results.jsonl")
    records[0]["schema"]["name"] = "receipt"
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    done = command("eval", path, "--truth", run / "results.jsonl")
    assert done.exit_code == 2
    assert "invoice, receipt" in done.stderr
    done = command("eval", path, "--truth", run / "results.jsonl", "--schema", "invoice")
    assert done.exit_code == 0
    assert "left out 1 record of another schema" in done.stderr
    assert "not in this run, all values missed: 1 document" in done.stderr
    path.write_text("{}\n")
    assert command("eval", path, "--truth", run / "results.jsonl").exit_code == 2


def test_a_run_of_a_one_line_schema_is_scored_by_it(root, tmp_path):
    one = root / "fixtures/invoices/nordlicht.pdf"
    spec = "invoice_number, total: money"
    done = command("run", one, "-s", spec, "--engine", "text", "-q", "--out", tmp_path / "out")
    assert done.exit_code == 0
    fields = {"invoice_number": "2025-04817", "total": "936.33"}
    truth = names_truth(tmp_path, fields=fields, schema="order")
    report = tmp_path / "report.json"
    done = command("eval", tmp_path / "out", "--truth", truth, "--report", report)
    assert done.exit_code == 0, done.stderr
    found = json.loads(report.read_text("utf-8"))["fields"]
    assert {path: item["right"] for path, item in found.items()} == {
        "invoice_number": 1,
        "total": 1,
    }


def test_a_calibration_is_written(run, tmp_path):
    done = command(
        "eval", run, "--truth", run / "results.jsonl", "--calibrate", tmp_path / "own.json"
    )
    assert done.exit_code == 0, done.stderr
    found = json.loads((tmp_path / "own.json").read_text("utf-8"))
    parts = found["values"], found["cells"]
    assert sum(part["num"] for part in parts) == sum(part["num_right"] for part in parts) > 100
    assert found["values"]["weights"]["bias"] > 0
    few = command(
        "eval", run, "--truth", names_truth(tmp_path), "--calibrate", tmp_path / "few.json"
    )
    assert few.exit_code == 2
    assert "50 labelled values" in few.stderr
    assert not (tmp_path / "few.json").exists()


def test_a_path_that_is_no_text_can_be_reported(run, tmp_path):
    records = _lines(run / "results.jsonl")
    records[0]["document"]["path"] = "in/\udcff.pdf"
    change(records[0])
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(item) + "\n" for item in records))
    reports = ("--report", tmp_path / "r.md", "--report", tmp_path / "r.json")
    done = command("eval", tmp_path / "results.jsonl", "--truth", run / "results.jsonl", *reports)
    assert done.exit_code == 0, done.stderr
    assert r"in/\udcff.pdf" in (tmp_path / "r.md").read_text("utf-8")
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["documents"]


def test_markdown_cannot_be_broken_by_a_path(records, truth):
    records[0]["document"]["path"] = "in/a|b.pdf"
    change(records[0])
    assert r"in/a\|b.pdf" in to_markdown(tables(score(records, truth)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[k](javascript:alert(1))", r"[k\](javascript:alert(1))"),
        ("![](https://x.example/i.png)", r"![\](https\://x.example/i.png)"),
        ("*a* `b` ~~c~~ _d_ e_f", r"\*a\* \`b\` \~\~c\~\~ \_d\_ e_f"),
        (r"a\| &lt; | b", r"a\\\| &amp;lt; \| b"),
        ("a\n\n# b", "a # b"),
    ],
)
def test_a_path_is_shown_in_markdown_and_does_nothing(records, truth, name, shown):
    records[0]["document"]["path"] = name
    change(records[0])
    written = to_markdown(tables(score(records, truth)))
    assert f"\n| {shown} |" in written
    assert "| invoice_number |" in written


def test_the_benchmark_scores_a_folder_of_data_sets(root, tmp_path):
    folder = tmp_path / "data/ours"
    folder.mkdir(parents=True)
    (folder / "docs").symlink_to(root / "fixtures/invoices")
    names_truth(folder, meta={"group": "g1", "label_source": "by hand"})
    options = ["--as-shipped", "--markdown", "m.md", "--errors", "e.txt", "--words", "words"]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, root / "benchmarks/accuracy.py", "data", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    written = (tmp_path / "m.md").read_text("utf-8")
    assert "| ours | totals.gross | 100.0 (1) | 100.0 (1) | 0 of 0 |" in written
    assert "fabricated ours nordlicht.pdf lines[0].net" in (tmp_path / "e.txt").read_text("utf-8")
    assert [path.name for path in (tmp_path / "words").glob("*/ours/*")] == ["nordlicht.pkl"]
