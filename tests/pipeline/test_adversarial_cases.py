"""Every attack that once worked: those with files are read here, of the others the tests are named.

What the page shows, nobody else, is the truth: an account or amount that only programs can see is
no evidence.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from docextract.core import DocumentError, ReadOptions, Reason, Tree
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema

SHOWN = {"totals.gross": "714.00", "payment.iban": "DE89370400440532013000"}
SHOWN_SCAN = {
    "invoice_number": "F-25-0904",
    "totals.gross": "2012.59",
    "payment.iban": "NL52ZZQC0555666777",
}
FILES: Mapping[str, Mapping[str, str | None]] = {
    "01-amounts-times-ten/c01_tenfold_mode3.pdf": SHOWN,
    "01-amounts-times-ten/c03_tenfold_white.pdf": SHOWN,
    "02-iban-actualtext/c10_actualtext.pdf": SHOWN,
    "03-iban-tiny-or-squeezed/c05_iban_first_glyph.pdf": SHOWN,
    "03-iban-tiny-or-squeezed/c06_iban_half_pt.pdf": SHOWN,
    "04-iban-hidden-behind-other-ink/a03_image_visible_dots_under.pdf": {"payment.iban": None},
    "04-iban-hidden-behind-other-ink/a04_whiteout_retyped.pdf": SHOWN,
    "05-facturx-other-iban/x07_unprescribed_name.pdf": SHOWN,
    "12-scan-with-stamp-is-not-read/o0_plain.pdf": SHOWN_SCAN,
    "12-scan-with-stamp-is-not-read/o1_stamp.pdf": SHOWN_SCAN,
}
"""Values by path; where the page shows none, there is none."""

CONFLICTS = (
    "x01_xml_evil_page_legit",
    "x02_xml_evil_page_image",
    "x03_xml_evil_evil_also_in_footer",
    "x16_xml_evil_page_iban_footer",
)
PLAYED = {
    "06-code-from-the-input-folder": (
        "schema/test_trusted_spec.py:test_a_schema_beside_what_is_read_is_not_run",
        "schema/test_trusted_spec.py:test_no_command_runs_a_schema_that_others_can_change",
        "cli/test_config_file.py:test_settings_in_a_folder_that_is_read_are_strangers_and_passed_over",
    ),
    "07-link-swapped-after-listing": (
        "documents/test_discover.py:test_a_link_put_in_a_files_place_after_listing_leads_nowhere",
        "documents/test_discover.py:test_a_link_put_in_a_folders_place_after_listing_leads_nowhere",
        "documents/test_containers.py:test_a_link_put_in_a_containers_place_after_listing_leads_nowhere",
    ),
    "08-pickle-code-in-parent": (
        "workers/test_hostile_worker.py:test_whatever_a_worker_sends_costs_one_document_and_nothing_else",
        "workers/test_hostile_worker.py:test_a_worker_reaches_nothing_but_its_scratch_folder",
    ),
    "09-renamed-is-paid-twice": (
        "store/test_sightings.py:test_a_file_that_was_renamed_is_one_row_under_its_new_name",
    ),
    "10-same-name-next-night": (
        "store/test_sightings.py:test_nights_with_renamed_and_replaced_files",
    ),
    "11-paused-or-killed-worker": (
        "workers/test_pool.py:test_what_was_interrupted_from_outside_is_done_again",
        "workers/test_pool.py:test_a_machine_that_stood_still_is_nobodys_silence",
    ),
    "13-server": (
        "engine/server/test_server_limits.py:test_each_is_read_or_refused_with_a_remedy",
        "engine/server/test_server_limits.py:test_memory",
        "pipeline/test_judging_limits.py:test_a_signal_ends_judging_at_once",
    ),
    "15-export-without-shm": (
        "store/test_store.py:test_a_copy_of_a_killed_run_is_read_whole_on_a_read_only_mount",
    ),
    "16-growing-file": (
        "documents/test_discover.py:test_a_file_that_grows_while_it_is_hashed_is_too_large_in_the_end",
    ),
    "17-hidden-names-and-out-moved": (
        "documents/test_discover.py:test_hidden_names_and_the_output_folder_are_passed_over",
        "batch/test_faults.py:test_an_output_folder_that_is_moved_ends_the_run_and_no_other_is_made",
    ),
    "18-receipt-total-zero": (
        "pipeline/test_amounts_on_small_cases.py:test_a_receipt_may_come_to_nothing",
    ),
}
"""Attacks that take more than a file, and the tests that make them."""

READ_HERE = {name.partition("/")[0] for name in FILES} | {"14-png-palette-internal"}


def record(path: Path) -> Tree:
    """Return the record of a document, read in this process."""
    engine = load_engine(EngineChoice("text"))
    job = DocumentJob(load_schema("invoice"), engine, "", dt.date(2026, 11, 1))
    assembly = Assembly(job)
    (found,) = Discovery([str(path)])
    for part in open_document(found.document, ReadOptions()):
        assembly.add(part)
    return assembly.record().to_json()


@pytest.fixture
def cases(real_documents: Path) -> Path:
    return real_documents / "cases" / "adversarial"


@pytest.mark.parametrize("name", FILES)
def test_only_what_people_see_is_read(cases: Path, name: str) -> None:
    tree = record(cases / name)
    for path, value in FILES[name].items():
        head, _, leaf = path.partition(".")
        found = tree["values"][head]
        assert (found[leaf] if leaf else found) == value, path
        assert tree["fields"][path]["status"] in ({"verified"} if value else {"absent"})


@pytest.mark.parametrize("name", CONFLICTS)
def test_an_account_of_the_xml_that_the_page_does_not_have_is_in_conflict(
    cases: Path, name: str
) -> None:
    tree = record(cases / "05-facturx-other-iban" / f"{name}.pdf")
    assert tree["fields"]["payment.iban"]["status"] == "conflict"
    assert tree["status"] == "review"


def test_a_palette_picture_without_a_palette_is_corrupt(cases: Path) -> None:
    (found,) = Discovery([str(cases / "14-png-palette-internal" / "p_no_plte.png")])
    with pytest.raises(DocumentError) as raised:
        record(Path(found.document.path))
    assert raised.value.reason is Reason.CORRUPT


def test_every_folder_of_attacks_has_its_tests(cases: Path, root: Path) -> None:
    assert {folder.name for folder in cases.iterdir()} == READ_HERE | set(PLAYED)
    for file, _, name in (test.partition(":") for tests in PLAYED.values() for test in tests):
        tree = ast.parse((root / "tests" / file).read_text(encoding="utf-8"))
        functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        assert name in functions, f"{file}:{name}"
