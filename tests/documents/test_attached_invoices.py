"""An e-invoice inside a PDF counts where its name or its relation says so, wherever it hangs."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from support.drawn_files import opened, write
from support.e_invoices import HEAD, NUMBER, PAGE, pdf, ubl

from docextract.documents.einvoice.attached.associated_files import associated_files, holds_files


def number_in(tmp_path: Path, data: bytes) -> str | None:
    document = opened(write(tmp_path / "a.pdf", data))
    return document.embedded.values["invoice_number"] if document.embedded else None


@pytest.mark.parametrize("place", ["names", "af", "annotation"])
def test_xml_is_seen_wherever_it_hangs(tmp_path: Path, place: str) -> None:
    assert number_in(tmp_path, pdf(ubl(), place=place)) == NUMBER


def test_a_prescribed_name_may_lack_its_ending(tmp_path: Path) -> None:
    assert number_in(tmp_path, pdf(ubl(), name="ZUGFeRD-invoice")) == NUMBER


def test_another_name_counts_where_the_pdf_relates_the_file(tmp_path: Path) -> None:
    assert number_in(tmp_path, pdf(ubl(), name="Beleg-17.xml", place="af")) == NUMBER


def test_another_name_without_relation_is_not_used_and_said(tmp_path: Path) -> None:
    document = opened(write(tmp_path / "a.pdf", pdf(ubl(), name="note.xml")))
    assert document.embedded is None
    (error,) = document.errors
    assert "note.xml" in error.message
    assert "it was not used" in error.message


def test_of_several_the_one_the_page_prints_is_read(tmp_path: Path) -> None:
    older = ubl(head=HEAD.replace(NUMBER, "QW-388"))
    files = [("QW-388.xml", older), ("QW-417.xml", ubl())]
    assert number_in(tmp_path, pdf(files, place="af")) == NUMBER
    assert number_in(tmp_path, pdf(files[::-1], place="af")) == NUMBER


def test_files_named_in_object_streams_are_found() -> None:
    inner = b"1 0 2 30 " + b"<< /Type /Catalog /AF [2 0 R]>".ljust(30)
    inner += b"<< /Type /Filespec /UF <FEFF0061> /EF << /F 3 0 R >> >>"
    packed, xml = zlib.compress(inner), zlib.compress(b"<?xml?>")
    data = b"%%PDF-1.7\n3 0 obj << /Type /EmbeddedFile /Filter /FlateDecode >> stream\n%s\n" % xml
    data += b"endstream endobj\n4 0 obj << /Type /ObjStm /N 2 /First 9 /Filter /FlateDecode >> "
    data += b"stream\n%s\nendstream endobj\n" % packed
    assert holds_files(data)
    (file,) = associated_files(data)
    assert (file.name, file.data, file.is_associated) == ("a", b"<?xml?>", True)


def test_what_is_no_pdf_holds_no_files() -> None:
    assert not holds_files(b"1 0 obj << /AF [1 0 R] >> endobj")
    assert associated_files(b"1 0 obj << /AF [1 0 R 7 0 R] /EmbeddedFile >> endobj") == []


def test_an_invoice_in_an_envelope_is_read(tmp_path: Path) -> None:
    body = ubl().partition(b"?>")[2]
    path = tmp_path / "a.xml"
    envelope = b'<?xml version="1.0"?><StandardBusinessDocument><StandardBusinessDocumentHeader/>'
    document = opened(write(path, envelope + body + b"</StandardBusinessDocument>"))
    assert document.embedded is not None
    assert document.embedded.values["invoice_number"] == NUMBER


@pytest.mark.parametrize("name", ["af-only", "file-annotation", "noext", "odd-name", "old-and-new"])
def test_the_cases_of_attachments(real_documents: Path, name: str) -> None:
    path = real_documents / "cases" / "reports" / "04-attachments" / f"{name}.pdf"
    document = opened(write_as(path))
    assert document.embedded is not None
    assert document.embedded.values["invoice_number"] == "R-2026-0417"
    assert document.embedded.values["seller"]["name"] == "Quarzwerk Halden GmbH"


def write_as(path: Path):
    import hashlib
    import os

    from docextract.core import Document

    return Document(str(path), os.fsencode(path), hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_page_of_the_helper_prints_what_the_xml_says() -> None:
    assert any(NUMBER in text for text in PAGE)
