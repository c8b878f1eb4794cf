"""Schemas nobody prepared for, on drawn PDFs: what announces a value, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field
from support import pdfs

from docextract import Extraction, extract
from docextract.schema.loading import load_schema

Printed = tuple[float, float, str]
FILLER = "The parties agree that each of them shall keep what the other tells it to itself"


def read(tmp_path: Path, schema: str | type[BaseModel], *lines: Printed) -> Extraction[BaseModel]:
    path = tmp_path / "page.pdf"
    path.write_bytes(pdfs.text_pdf(list(lines)))
    return extract(path, load_schema(schema).model if isinstance(schema, str) else schema)


def value(tmp_path: Path, schema: str, *lines: Printed) -> object:
    """Return the value of a schema's only field as printed."""
    record = read(tmp_path, schema, *lines)
    return next(iter(record.fields.values())).raw


@pytest.mark.parametrize(
    "lines",
    [
        [(40, 100, "Permit number"), (200, 100, "PX-4471")],
        [(40, 100, "Permit number: PX-4471")],
        [(40, 100, "PERMIT NO."), (200, 100, "PX-4471")],
        [(40, 100, "Permit # PX-4471")],
        [(40, 100, "Permit Nr"), (40, 114, "PX-4471")],
        [(40, 100, "PermitNo:PX-4471")],
        [(40, 100, "Permit number ........: PX-4471")],
        [(40, 100, "3. Number of permit"), (40, 114, "PX-4471")],
        [
            (40, 100, "Permit no"), (200, 100, "Issued on"), (340, 100, "Holder"),
            (40, 116, "PX-4471"), (200, 116, "3 May 2024"), (340, 116, "A. Meyer"),
        ],
        [
            (40, 100, "Holder"), (200, 100, "A. Meyer"),
            (40, 116, "Permit no"), (200, 116, "PX-4471"),
            (40, 132, "Issued on"), (200, 132, "3 May 2024"),
        ],
    ],
)  # fmt: skip
def test_a_label_is_found_however_it_is_printed(tmp_path: Path, lines: list[Printed]) -> None:
    assert value(tmp_path, "permit_number: identifier", *lines) == "PX-4471"


@pytest.mark.parametrize(
    ("field", "printed"),
    [
        ("registrant_name: name", "Name of Registrant"),
        ("received_date: date", "Date received"),
        ("effective_date: date", "Effective date"),
        ("account_numbers: identifier", "Account number(s)"),
        ("date_of_birth: date", "Birth date"),
        ("flight_from: date", "Flight start"),
        ("ssn: identifier", "Social security number"),
        ("employer_ein: identifier", "Employer identification number"),
        ("payer_tin: identifier", "PAYER'S TIN"),
        ("max_weight: decimal", "Maximum weight"),
        ("supplier_reference: identifier", "Vendor ref."),
        ("registration_fee: money", "Reg. fee"),
    ],
)
def test_names_of_fields_are_put_the_way_forms_put_them(
    tmp_path: Path, field: str, printed: str
) -> None:
    kind = field.partition(": ")[2]
    wanted = {"date": "4 June 2024", "money": "120.00", "decimal": "120.00"}.get(kind, "88-12345")
    wanted = "Harbour Trade Centre" if kind == "name" else wanted
    assert value(tmp_path, field, (40, 100, f"{printed}:"), (240, 100, wanted)) == wanted


def test_a_description_announces_what_it_quotes(tmp_path: Path) -> None:
    class Pass(BaseModel):
        ref: str | None = Field(None, description='Printed as "Ski pass" on the card.')
        valley: str | None = Field(None, description="Resort name")

    record = read(tmp_path, Pass, (40, 100, "Ski pass: ZZ-90210"), (40, 120, "Resort name: Arosa"))
    assert record.fields["ref"].raw == "ZZ-90210"
    assert record.fields["valley"].raw == "Arosa"


@pytest.mark.parametrize(
    "lines",
    [
        [(40, 100, "Alt permit no"), (200, 100, "77-1234")],
        [(40, 100, "Permit Act of 1938 as amended")],
        [(40, 100, f"{FILLER} and permit"), (40, 114, "4471 is the number of their house")],
        [(40, 100, f"{FILLER} unless the"), (40, 114, "permit"), (40, 128, "4. Costs")],
        [(40, 100, "1. Permit number"), (200, 100, "2. Holder of the permit")],
    ],
)  # fmt: skip
def test_what_only_looks_like_a_label_gives_nothing_sure(
    tmp_path: Path, lines: list[Printed]
) -> None:
    field = next(iter(read(tmp_path, "permit_number: identifier", *lines).fields.values()))
    assert field.status.value != "verified" or field.confidence < 0.7


@pytest.mark.parametrize(
    "field", ["term: text", "jurisdiction: text", "employee_name: name", "remarks: text"]
)
def test_sentences_hold_no_values(tmp_path: Path, field: str) -> None:
    word = field.partition(":")[0].replace("_name", "").capitalize()
    lines: list[Printed] = [
        (40, 100, f"{FILLER} during the {word.lower()} of this agreement"),
        (40, 114, f"{word} of this agreement means what the parties write down in it"),
        (40, 128, f"and submits to the {word.lower()}"),
    ]
    assert value(tmp_path, field, *lines) is None


def test_words_behind_a_date_label_make_it_another_one(tmp_path: Path) -> None:
    lines = [(40, 100, "Invoice date settled: 1 May 2024"), (40, 120, "Invoice date: 9 May 2024")]
    assert value(tmp_path, "invoice_date: date", *lines) == "9 May 2024"


def test_a_form_prints_amounts_at_the_right_edge_of_their_box(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        "wages: money, medicare_tax: money, allocated_tips: money",
        (40, 100, "1 Wages, tips, other comp."), (300, 100, "2 Medicare tax withheld"),
        (240, 112, "37160.56"), (500, 112, "538.83"),
        (40, 130, "8 Allocated tips"), (300, 130, "9 Verification code"),
        (240, 142, "874.20"),
    )  # fmt: skip
    assert [f.raw for f in record.fields.values()] == ["37160.56", "538.83", "874.20"]


def test_an_amount_may_stand_before_its_label(tmp_path: Path) -> None:
    assert value(tmp_path, "deposit_held: money", (40, 100, "450.00"), (140, 100, "Deposit held"))


def test_a_compound_ends_in_its_label(tmp_path: Path) -> None:
    lines = [(40, 100, "Verwalter-IBAN:"), (200, 100, "DE89 3704 0044 0532 0130 00")]
    assert value(tmp_path, "iban: iban", *lines) == "DE89 3704 0044 0532 0130 00"


def test_words_printed_over_one_another_are_two_lines(tmp_path: Path) -> None:
    lines = [
        (40, 104, "REMIT TO Harbour Broadcast Group Incorporated"),
        (180, 100, "Advertiser"), (300, 100, "Quay Street Books"),
    ]  # fmt: skip
    assert value(tmp_path, "advertiser: name", *lines) == "Quay Street Books"


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("[x] Leased", True), ("[ ] Leased", False), ("Leased [X]", True), ("Leased: yes", True),
        ("Leased: [ ] Yes [x] No", False), ("Leased? Nein", False), ("Leased at the port", None),
        ("[x] Owned [ ] Leased", False),
    ],
)  # fmt: skip
def test_boxes_are_ticked_or_not(tmp_path: Path, printed: str, wanted: bool | None) -> None:
    record = read(tmp_path, "is_leased: bool", (40, 100, printed))
    assert getattr(record.values, "is_leased") is wanted  # noqa: B009


def test_the_ticked_choice_counts(tmp_path: Path) -> None:
    class Taxpayer(BaseModel):
        kind: Literal["individual", "corporation", "partnership"] | None = None

    line = "[ ] Individual/sole proprietor [x] Corporation [ ] Partnership"
    assert read(tmp_path, Taxpayer, (40, 100, line)).fields["kind"].raw == "corporation"
    both = "[ ] Individual [x] Corporation [x] Partnership"
    assert read(tmp_path, Taxpayer, (40, 100, both)).fields["kind"].raw is None


FOREIGN = [
    "patient_name, blood_type, policy_number, date_of_birth: date, diagnosis",
    "passport_number, nationality, place_of_birth, expiry_date: date",
    "employee_name, gross_pay: money, pay_period_start: date, pay_date: date",
    "vehicle_registration, mileage: int, chassis_number, is_leased: bool",
    "tracking_number, gross_weight: decimal, container_number, vessel_name",
]


@pytest.mark.parametrize("schema", FOREIGN)
def test_fields_of_another_kind_of_document_are_absent(tmp_path: Path, schema: str) -> None:
    record = read(tmp_path, schema, *pdfs.invoice_lines("INV-77", 1250.0))
    assert {f.status.value for f in record.fields.values()} == {"absent"}


@pytest.mark.parametrize("schema", ["invoice", "receipt", "bank_statement", "purchase_order"])
def test_a_letter_is_none_of_the_documents_we_know(tmp_path: Path, schema: str) -> None:
    lines: list[Printed] = [
        (40, 50, "Harbour Books Ltd"), (40, 64, "3 Quay Street"), (40, 78, "York YO1 7HH"),
        (40, 120, "12 March 2024"), (40, 150, "Dear Mr Meyer,"),
        *((40, 170 + 14 * n, f"{FILLER} in the year that follows.") for n in range(8)),
        (40, 300, "Yours sincerely"), (40, 330, "Anna Smith"),
    ]  # fmt: skip
    record = read(tmp_path, schema, *lines)
    assert not [p for p, f in record.fields.items() if f.status.value == "verified"]


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("14.03.2024 um 9:30", "2024-03-14T09:30:00"),
        ("2024-03-14T14:30", "2024-03-14T14:30:00"),
        ("March 14, 2024 at 2:30 PM", "2024-03-14T14:30:00"),
        ("14:30 14/03/2024", "2024-03-14T14:30:00"),
        ("14/03/2024", "2024-03-14T00:00:00"),
    ],
)
def test_a_moment_is_a_date_with_the_time_of_day_beside_it(
    tmp_path: Path, printed: str, moment: str
) -> None:
    found = read(tmp_path, "departure: datetime, gate: id", (40, 100, f"Departure: {printed}"))
    assert found.record.values is not None
    assert found.record.values["departure"] == moment
    assert found.fields["departure"].evidence[0].quote == printed
    assert found.is_valid
