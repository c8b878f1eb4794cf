"""The rules of EN 16931 hold to the cent on XML; what people pay by must also stand on the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.e_invoices import HEAD, IBAN, OTHER_IBAN, PAGE, PARTIES, TAX, line, pdf, ubl
from support.papers import outcomes, read_bytes, status

from docextract.core import Outcome, Record
from docextract.documents.einvoice.invoice_xml import read_einvoice
from docextract.schema.loading import load_schema
from docextract.verify.checks.norm.xml_rules import with_norm

INVOICE = load_schema("invoice")
ARITHMETIC = {"BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16",
              "BR-CO-17", "line-net"}  # fmt: skip
DO_NOT_MULTIPLY = {
    "cen-cii_examples_CII_business_example_Z", "cen-cii_examples_CII_example1",
    "cen-cii_examples_CII_example8", "cen-cii_examples_XRechnung-O",
    "cen-ubl_examples_guide-example1", "cen-ubl_examples_guide-example2",
    "cen-ubl_examples_guide-example3", "cen-ubl_examples_ubl-tc434-example1",
    "cen-ubl_examples_ubl-tc434-example10", "cen-ubl_examples_ubl-tc434-example2",
    "cen-ubl_examples_ubl-tc434-example3",
}  # fmt: skip
"""Official examples with a row such as 6 x 18.33 = -109.98."""


def failing(xml: bytes) -> set[str]:
    checks = with_norm((), read_einvoice(xml).terms, INVOICE)
    return {check.id for check in checks if check.outcome is Outcome.FAILED}


def test_an_invoice_that_holds_passes_all() -> None:
    assert failing(ubl()) == set()


ALLOWANCE = """<cac:AllowanceCharge><cbc:ChargeIndicator>{is_charge}</cbc:ChargeIndicator>
<cbc:Amount>{amount}</cbc:Amount></cac:AllowanceCharge>"""
SECOND_TAX = '<cac:TaxTotal><cbc:TaxAmount currencyID="{0}">150.00</cbc:TaxAmount></cac:TaxTotal>'

PERIOD = """<cac:InvoicePeriod><cbc:StartDate>2026-03-02</cbc:StartDate>
<cbc:EndDate>2026-03-01</cbc:EndDate></cac:InvoicePeriod>"""
CODED = "<cac:InvoicePeriod><cbc:DescriptionCode>35</cbc:DescriptionCode></cac:InvoicePeriod>"
POINT = "<cbc:TaxPointDate>2026-03-01</cbc:TaxPointDate>"
NEGATIVE = "<cac:AllowanceCharge><cbc:BaseAmount>-1</cbc:BaseAmount></cac:AllowanceCharge>"
NO_ROWS = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">144.40</cbc:TaxAmount></cac:TaxTotal>'
VAT_ID, DUE = "<cbc:CompanyID>DE136695976</cbc:CompanyID>", "<cbc:DueDate>2026-04-09</cbc:DueDate>"


def ending(lines: str, net: str, gross: str, due: str, **more: str) -> dict[str, str]:
    named = ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")
    return dict(zip(named, (lines, net, gross, due), strict=True)) | more


WRONG = [
    ("BR-CO-10", ubl(**ending("760.01", "760.01", "904.41", "904.41"))),
    (
        "BR-CO-11",
        ubl(**ending("760.00", "759.00", "903.40", "903.40", AllowanceTotalAmount="1.00")),
    ),
    ("BR-CO-12", ubl(**ending("760.00", "761.00", "905.40", "905.40", ChargeTotalAmount="1.00"))),
    ("BR-CO-13", ubl(**ending("760.00", "759.99", "904.39", "904.39"))),
    (
        "BR-CO-14",
        ubl(
            tax=TAX.replace("144.40", "144.41", 1), **ending("760.00", "760.00", "904.41", "904.41")
        ),
    ),
    ("BR-CO-15", ubl(**ending("760.00", "760.00", "904.41", "904.41"))),
    ("BR-CO-15", ubl(tax=SECOND_TAX.format("EUR") + TAX)),
    ("BR-CO-16", ubl(PayableAmount="904.39")),
    ("BR-CO-17", ubl(tax=TAX.replace(">19<", ">20<"))),
    ("BR-27", ubl(lines=line(price="-190.00", quantity="-4"))),
    ("BR-28", ubl(lines=line(more=NEGATIVE))),
    ("line-net", ubl(lines=line(quantity="3"))),
    ("BR-29", ubl(between=PERIOD)),
    ("BR-CO-03", ubl(head=HEAD + POINT, between=CODED)),
    ("BR-CO-04", ubl(lines=line().replace("<cbc:ID>S</cbc:ID>", ""))),
    ("BR-CO-09", ubl(parties=PARTIES.replace("DE136695976", "136695976"))),
    ("BR-CO-18", ubl(tax=NO_ROWS)),
    ("BR-CO-25", ubl(head=HEAD.replace(DUE, ""))),
    ("BR-CO-26", ubl(parties=PARTIES.replace(VAT_ID, ""))),
]


@pytest.mark.parametrize(("rule", "xml"), WRONG, ids=[rule for rule, _ in WRONG])
def test_each_rule_fails_where_the_xml_breaks_it(rule: str, xml: bytes) -> None:
    assert failing(xml) == {rule}


def test_tax_in_the_currency_of_the_accounts_is_no_second_total() -> None:
    xml = ubl(tax=SECOND_TAX.format("CHF") + TAX)
    assert failing(xml) == set()
    assert read_einvoice(xml).values["totals"]["tax"] == "144.40"


@pytest.mark.parametrize("base", ["100", "100.", "100.00"])
def test_a_price_may_be_for_any_quantity(base: str) -> None:
    more = f"<cbc:BaseQuantity>{base}</cbc:BaseQuantity>"
    assert failing(ubl(lines=line(quantity="400", price="190.00", more=more))) == set()


def test_a_price_for_a_year_of_days_needs_no_finite_quotient() -> None:
    more = "<cbc:BaseQuantity>366</cbc:BaseQuantity>"
    xml = ubl(lines=line(quantity="31", price="8972.9032258", more=more))
    assert failing(xml) == set()


def test_amounts_collected_for_others_are_due_as_well() -> None:
    paid = "<cac:PrepaidPayment><cbc:PaidAmount>10.00</cbc:PaidAmount></cac:PrepaidPayment>"
    assert failing(ubl(between=paid, PayableAmount="914.40")) == set()


def test_allowances_and_charges_of_the_document_count() -> None:
    both = ALLOWANCE.format(is_charge="false", amount="10.00")
    both += ALLOWANCE.format(is_charge="true", amount="10.00")
    xml = ubl(between=both, AllowanceTotalAmount="10.00", ChargeTotalAmount="10.00")
    assert failing(xml) == set()


def test_the_extended_profile_may_miss_a_sum_by_a_cent_a_line() -> None:
    profile = "<cbc:CustomizationID>urn:factur-x.eu:1p0:extended</cbc:CustomizationID>"
    xml = ubl(head=profile + HEAD, TaxInclusiveAmount="904.39", PayableAmount="904.39")
    assert failing(xml) == set()


def test_a_schema_without_the_fields_is_asked_nothing() -> None:
    from docextract.schema import Schema
    from docextract.schema.sources.dsl import parse_dsl

    schema = Schema.from_model(parse_dsl("invoice_number, gross: money"))
    terms = read_einvoice(ubl(PayableAmount="1.00")).terms
    assert with_norm((), terms, schema) == ()


def paid_by(tmp_path: Path, *lines: str, iban: str = IBAN, **changes: str) -> Record:
    return read_bytes(tmp_path, pdf(ubl(iban=iban, **changes), *lines))


def test_what_the_page_prints_too_is_verified(tmp_path: Path) -> None:
    record = paid_by(tmp_path)
    assert record.status.value == "ok"
    for path in ("payment.iban", "payment.bic", "totals.amount_due", "seller.name"):
        assert status(record, path) == "verified"
    assert outcomes(record, "BR-CO-15") == {"passed"}


def test_an_account_that_no_page_prints_is_not_verified(tmp_path: Path) -> None:
    without = [text for text in PAGE if not text.startswith(("IBAN", "BIC"))]
    record = paid_by(tmp_path, *without)
    assert status(record, "payment.iban") == "unverified"
    assert status(record, "payment.bic") == "unverified"
    assert record.fields["payment.iban"].note == "embedded data say so; no page prints it"


def test_another_account_on_the_page_is_a_conflict_also_beside_the_xmls(tmp_path: Path) -> None:
    record = paid_by(tmp_path, iban=OTHER_IBAN)
    assert status(record, "payment.iban") == "conflict"
    assert record.fields["payment.iban"].readings == (OTHER_IBAN, IBAN)
    both = paid_by(tmp_path, *PAGE, "Ref GB33 BUKB 2020 1555 5555 55", iban=OTHER_IBAN)
    assert status(both, "payment.iban") == "conflict"
    assert both.status.value == "review"


def test_a_seller_and_an_amount_due_that_no_page_prints_are_not_verified(tmp_path: Path) -> None:
    record = paid_by(tmp_path, *PAGE[1:], PrepaidAmount="4.40", PayableAmount="900.00")
    assert status(record, "seller.name") != "verified"
    assert status(record, "totals.amount_due") == "unverified"
    assert record.status.value == "review"


def test_an_xml_file_has_no_page_to_be_held_against(tmp_path: Path) -> None:
    record = read_bytes(tmp_path, ubl(), name="a.xml")
    assert status(record, "payment.iban") == "verified"


def official(real_documents: Path) -> Path:
    folder = real_documents / "en16931"
    if not folder.is_dir():
        pytest.skip("the official tests of EN 16931 are not here")
    return folder


def test_all_official_unit_tests_agree(real_documents: Path) -> None:
    folder = official(real_documents)
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    assert len(expected) > 100
    for name, rules in expected.items():
        found = failing((folder / "unit" / name).read_bytes())
        assert set(rules["fails"]) <= found, name
        assert not set(rules["passes"]) & found, name


def test_official_examples_pass_but_those_whose_rows_do_not_multiply(real_documents: Path) -> None:
    paths = sorted((official(real_documents) / "examples").glob("*.xml"))
    read = [path for path in paths if "edifact" not in path.name]
    assert len(read) > 100
    wrong = {path.stem: failing(path.read_bytes()) & ARITHMETIC for path in read}
    assert {name for name, rules in wrong.items() if rules} == DO_NOT_MULTIPLY
    assert set[str]().union(*wrong.values()) == {"line-net"}


CASES = {
    "01-two-tax-totals/cii.xml": ("totals", "tax", "163.16"),
    "01-two-tax-totals/ubl.xml": ("totals", "tax", "163.16"),
    "01-two-tax-totals/cii-nocur.xml": ("totals", "tax", "163.16"),
    "03-ubl-party-variants/only-registration.xml": ("seller", "name", "Ruebel Metallbau GmbH"),
    "03-ubl-party-variants/person.xml": ("buyer", "name", "Mara Oldenhuis"),
    "03-ubl-party-variants/sbdh.xml": ("totals", "gross", "1021.91"),
    "05-xml-vs-print/rounding.xml": ("totals", "amount_due", "19.95"),
    "06-base-quantity-allowances/per100.xml": ("totals", "gross", "100.67"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cases_of_e_invoices(real_documents: Path, case: str) -> None:
    xml = (real_documents / "cases" / "reports" / case).read_bytes()
    group, name, value = CASES[case]
    assert read_einvoice(xml).values[group][name] == value
    assert not failing(xml) & ARITHMETIC


ACCOUNTS = {
    "x01_xml_evil_page_legit": "conflict", "x02_xml_evil_page_image": "conflict",
    "x03_xml_evil_evil_also_in_footer": "conflict", "x16_xml_evil_page_iban_footer": "conflict",
    "x07_unprescribed_name": "verified",
}  # fmt: skip


@pytest.mark.parametrize("case", ACCOUNTS)
def test_the_cases_of_other_accounts(real_documents: Path, tmp_path: Path, case: str) -> None:
    path = real_documents / "cases" / "adversarial" / "05-facturx-other-iban" / f"{case}.pdf"
    assert status(read_bytes(tmp_path, path.read_bytes()), "payment.iban") == ACCOUNTS[case]
