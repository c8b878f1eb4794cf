from __future__ import annotations

import hashlib
import io
import os
import socket
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docextract.core import Document
from docextract.documents.discovery.discover import Discovery
from docextract.documents.discovery.inspection import inspect_file
from docextract.documents.discovery.sniff import HEAD_BYTES, sniff

PDF = b"%PDF-1.4\n% a little of a PDF\n"
CII = b'<?xml version="1.0"?>\n<!-- hello -->\n<rsm:CrossIndustryInvoice xmlns:rsm="urn:x">'


def names(inputs: Sequence[str | bytes | Path], **options: Any) -> list[str]:
    return [found.document.relative for found in discover(inputs, **options)]


def discover(inputs: Sequence[str | bytes | Path], **options: Any) -> Discovery:
    return Discovery([os.fspath(item) for item in inputs], **options)


def reasons(inputs: Sequence[str | bytes | Path], **options: Any) -> list[str]:
    return [found.error.reason if found.error else "" for found in discover(inputs, **options)]


def put(path: Path, content: bytes = PDF) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_folder_is_walked_in_sorted_order_and_others_are_counted(tmp_path: Path) -> None:
    put(tmp_path / "b.pdf")
    put(tmp_path / "a" / "z.pdf")
    put(tmp_path / "a" / "no_suffix")
    put(tmp_path / "c.txt", b"notes")
    put(tmp_path / "truth.json", b"{}")
    found = discover([tmp_path])
    assert [f.document.relative for f in found] == ["a/no_suffix", "a/z.pdf", "b.pdf"]
    assert [item.path for item in found.passed_over.named] == [
        str(tmp_path / "c.txt"), str(tmp_path / "truth.json"),
    ]  # fmt: skip


def test_a_document_says_what_it_is(tmp_path: Path) -> None:
    path = put(tmp_path / "scan.bin", PDF + b"x" * 5_000_000)
    (found,) = discover([path])
    document = found.document
    assert found.error is None
    assert document.path == str(path)
    assert document.raw_path == os.fsencode(path)
    assert document.media_type == "application/pdf"
    assert document.num_bytes == len(path.read_bytes())
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document.relative == "scan.bin"


def test_hidden_names_and_the_output_folder_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path / ".git" / "a.pdf")
    put(tmp_path / ".hidden.pdf")
    put(tmp_path / "out" / "b.pdf")
    put(tmp_path / "in" / "c.pdf")
    found = discover([tmp_path], exclude=tmp_path / "out")
    assert [f.document.relative for f in found] == ["in/c.pdf"]
    assert [(item.path, item.why) for item in found.passed_over.named] == [
        (f"{tmp_path}/.git/", "hidden"), (f"{tmp_path}/.hidden.pdf", "hidden"),
    ]  # fmt: skip


def test_an_output_folder_that_is_the_input_folder_hides_nothing(tmp_path: Path) -> None:
    put(tmp_path / "a.pdf")
    assert names([tmp_path], exclude=tmp_path) == ["a.pdf"]
    assert names([tmp_path / "a.pdf"], exclude=tmp_path) == ["a.pdf"]


def test_a_named_file_of_no_type_is_found_and_one_in_a_folder_is_not(tmp_path: Path) -> None:
    notes = put(tmp_path / "notes.txt", b"notes")
    assert names([tmp_path]) == []
    (found,) = discover([notes])
    assert (found.document.media_type, found.error) == ("", None)
    assert found.document.sha256


def test_a_document_suffix_with_other_bytes_counts(tmp_path: Path) -> None:
    put(tmp_path / "a.pdf", b"<html>not found</html>")
    put(tmp_path / "b.PDF", b"")
    put(tmp_path / "c.txt", b"")
    assert names([tmp_path]) == ["a.pdf", "b.PDF"]
    assert reasons([tmp_path]) == ["", "empty_file"]


def test_xml_counts_only_as_an_invoice_or_when_named(tmp_path: Path) -> None:
    put(tmp_path / "cii.xml", CII)
    put(tmp_path / "pom.xml", b'<?xml version="1.0"?><project/>')
    assert names([tmp_path]) == ["cii.xml"]
    assert names([tmp_path / "pom.xml"]) == ["pom.xml"]


def test_globs(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "b.txt", "x/c.pdf", "x/y/d.pdf", "x/.h/e.pdf"):
        put(tmp_path / name)
    assert names([f"{tmp_path}/*.pdf"]) == ["a.pdf", "b.pdf"]
    assert names([f"{tmp_path}/[!a].pdf"]) == ["b.pdf"]
    assert names([f"{tmp_path}/?.pdf"]) == ["a.pdf", "b.pdf"]
    assert names([f"{tmp_path}/**/*.pdf"]) == ["a.pdf", "b.pdf", "x/c.pdf", "x/y/d.pdf"]
    assert names([f"{tmp_path}/*/*.pdf"]) == ["x/c.pdf"]
    assert names([f"{tmp_path}/x*"]) == ["x/c.pdf", "x/y/d.pdf"]
    assert len(names([f"{tmp_path}/**"])) == 5
    empty = discover([f"{tmp_path}/*.gif", f"{tmp_path}/none/*.pdf"])
    assert list(empty) == []
    assert len(empty.unmatched) == 2


def test_a_name_that_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    put(tmp_path / "a[1].pdf")
    put(tmp_path / "a1.pdf")
    assert names([tmp_path / "a[1].pdf"]) == ["a[1].pdf"]


@pytest.mark.parametrize("separator", [b"\n", b"\0", b"\r\n"])
def test_a_list_on_stdin(tmp_path: Path, separator: bytes) -> None:
    paths = [put(tmp_path / name) for name in ("b.pdf", "a.pdf", "d/c.pdf")]
    listed = [os.fsencode(paths[0]), os.fsencode(paths[1]), os.fsencode(tmp_path / "d")]
    for text in (separator.join(listed), separator.join(listed) + separator):
        assert names(["-"], stdin=io.BytesIO(text)) == ["b.pdf", "a.pdf", "c.pdf"]


def test_nul_separated_names_may_hold_newlines(tmp_path: Path) -> None:
    path = put(tmp_path / "a\nb.pdf")
    assert names(["-"], stdin=io.BytesIO(os.fsencode(path) + b"\0")) == ["a\nb.pdf"]


def test_the_same_file_is_found_once_and_equal_bytes_twice(tmp_path: Path) -> None:
    first, copy = put(tmp_path / "a.pdf"), put(tmp_path / "b.pdf")
    (tmp_path / "link.pdf").symlink_to(first)
    (tmp_path / "hard.pdf").hardlink_to(copy)
    inputs: list[str | bytes | Path] = [first, tmp_path, tmp_path / "a.pdf", f"{tmp_path}/*.pdf"]
    assert names(inputs) == ["a.pdf", "b.pdf", "hard.pdf"]


def test_links_are_followed_inside_the_roots_only_and_loops_end(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.pdf")
    root = tmp_path / "in"
    put(root / "z" / "a.pdf")
    (root / "loop").symlink_to(root)
    (root / "again").symlink_to(root / "z")
    (root / "secret.pdf").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "broken.pdf").symlink_to(root / "nowhere.pdf")
    found = discover([root])
    assert [f.document.relative for f in found] == ["again/a.pdf"]
    told = {Path(item.path).name: item.why for item in found.passed_over.named}
    assert told == dict.fromkeys(
        ["broken.pdf", "folder", "secret.pdf"], "a link that leads out of the folder, or nowhere"
    )
    assert names([root / "secret.pdf"]) == ["secret.pdf"]
    assert names([root, outside.parent]) == ["again/a.pdf", "folder/secret.pdf"]


def test_what_is_no_regular_file_is_neither_opened_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.pdf")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.pdf"))
        found = discover([tmp_path])
        assert list(found) == []
        assert {item.why for item in found.passed_over.named} == {"no regular file"}
        assert reasons([tmp_path / "fifo.pdf", "/dev/null"]) == ["not_a_document"] * 2


def test_what_cannot_be_read_is_found_with_its_reason(tmp_path: Path) -> None:
    assert reasons([tmp_path / "nowhere.pdf"]) == ["vanished"]
    assert reasons([put(tmp_path / "a.pdf") / "below"]) == ["vanished"]
    assert reasons([put(tmp_path / "b.pdf")], max_bytes=3) == ["too_large"]
    assert reasons([tmp_path / ("x" * 300)]) == ["read_error"]
    (found,) = discover([tmp_path / "nowhere.pdf"])
    assert found.document.sha256 == ""


def test_missing_permission_on_files_and_folders(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.pdf").chmod(0)
    put(tmp_path / "in" / "shut" / "b.pdf").parent.chmod(0)
    try:
        if os.access(tmp_path / "in" / "a.pdf", os.R_OK):
            pytest.skip("this user may read everything")
        assert reasons([tmp_path / "in"]) == ["permission"] * 2
    finally:
        (tmp_path / "in" / "shut").chmod(0o700)


def test_refused_reads_are_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.pdf")

    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("docextract.documents.discovery.discover.os.open", refuse)
    assert reasons([path]) == reasons([tmp_path]) == ["permission"]
    monkeypatch.undo()
    monkeypatch.setattr("docextract.documents.discovery.walk.os.scandir", refuse)
    assert reasons([tmp_path]) == ["permission"]


def test_names_are_bytes_and_their_display_is_valid_unicode(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe.pdf"
    with open(raw, "wb") as file:  # noqa: PTH123 (the name is no text)
        file.write(PDF)
    for inputs in ([tmp_path], [raw], [os.fsdecode(raw)], [os.fsencode(tmp_path) + b"/*.pdf"]):
        (found,) = discover(inputs)
        assert found.document.raw_path == raw
        assert found.document.relative == r"\xff\xfe.pdf"
        found.document.path.encode("utf-8")


def test_names_of_every_kind_are_found(tmp_path: Path) -> None:
    kinds = [
        "-x.pdf",
        "=1+1.pdf",
        "a\x1b[31m.pdf",
        "a\u202ex.pdf",
        "e\u0301.pdf",
        "\u00e9.pdf",
        "x" * 250 + ".pdf",
        "A.pdf",
        "a.pdf",
    ]
    for name in kinds:
        put(tmp_path / name)
    assert sorted(names([tmp_path])) == sorted(kinds)


def test_a_deep_tree_needs_no_recursion(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(400):
        folder /= "d"
    put(folder / "a.pdf")
    assert len(names([tmp_path])) == 1


def image_bytes(image_format: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, image_format)
    return buffer.getvalue()


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_images_are_known_by_their_bytes(image_format: str) -> None:
    assert sniff(image_bytes(image_format)) == f"image/{image_format.lower()}"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\0" * 1000 + PDF, "application/pdf"),
        (b"\0" * 2000 + PDF, "application/pdf"),
        ((b"\0" * 9000 + PDF)[:HEAD_BYTES], ""),
        (b"%XXX-1.4\n1 0 obj\n<< >>", "application/pdf"),
        (b"see objection 12 0 objects", ""),
        (b"version https://git-lfs.github.com/spec/v1\n", "text/x-git-lfs"),
        (b"MM\x00+\x00\x08", "image/tiff"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", ""),
        (CII, "application/xml"),
        (CII.decode().encode("utf-16"), "application/xml"),
        (b"\xef\xbb\xbf" + CII, "application/xml"),
        (b"<Invoice xmlns='urn:oasis'>", "application/xml"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><ubl:CreditNote >',
            "application/xml",
        ),
        (b"<StandardBusinessDocument><Header/><Invoice xmlns='u'>", "application/xml"),
        (b'<?xml version="1.0"?><StandardBusinessDocument><Header/><Order>', "text/xml"),
        (b'<?xml version="1.0"?><svg/>', "image/svg+xml"),
        (b'<?xml version="1.0"?><order/>', "text/xml"),
        (b"<html></html>", "text/html"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "application/postscript"),
        (b"BMW is a car", ""),
        (b"", ""),
    ],
)
def test_sniff(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


def test_office_files_are_named() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    assert sniff(buffer.getvalue()).endswith("wordprocessingml.document")


def test_a_silent_stdin_holds_nothing_up(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4 a")
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stdin:
        found = Discovery(["-"], stdin=stdin).as_they_come()
        assert next(found) is None
        os.write(writing, os.fsencode(path) + b"\nnot yet whole")
        first = next(found)
        assert first is not None
        assert first.document.raw_path == os.fsencode(path)
        assert next(found) is None
        os.close(writing)
        assert [item.error.reason for item in found if item and item.error] == ["vanished"]


def test_images_nobody_reads_are_found_and_drawings_are_not(tmp_path: Path) -> None:
    put(tmp_path / "scan.sgi", b"\x01\xda\x01\x01\x00\x02")
    put(tmp_path / "texture.blp", b"BLP2\x01\x00\x00\x00")
    put(tmp_path / "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    found = discover([tmp_path])
    assert [item.document.media_type for item in found] == ["image/sgi", "image/x-blp"]


def test_a_link_put_in_a_files_place_after_listing_leads_nowhere(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.pdf")
    put(tmp_path / "in" / "b.pdf")
    put(tmp_path / "in" / "z.pdf")
    secret = put(tmp_path / "elsewhere" / "board.pdf", PDF + b"secret")
    discovery = discover([tmp_path / "in"])
    found = iter(discovery)
    first = next(found)
    (tmp_path / "in" / "z.pdf").unlink()
    (tmp_path / "in" / "z.pdf").symlink_to(secret)
    assert [first.document.relative, *(f.document.relative for f in found)] == ["a.pdf", "b.pdf"]
    assert [file.path for file in discovery.passed_over.named] == [str(tmp_path / "in" / "z.pdf")]


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_link_put_in_a_folders_place_after_listing_leads_nowhere(
    tmp_path: Path, has_begun: bool
) -> None:
    put(tmp_path / "in" / "a.pdf")
    put(tmp_path / "in" / "zz" / "a.pdf")
    put(tmp_path / "in" / "zz" / "board.pdf")
    put(tmp_path / "elsewhere" / "board.pdf", PDF + b"secret")
    discovery = discover([tmp_path / "in"])
    found = iter(discovery)
    seen = [next(found).document.relative for _ in range(1 + has_begun)]
    (tmp_path / "in" / "zz").rename(tmp_path / "gone")
    (tmp_path / "in" / "zz").symlink_to(tmp_path / "elsewhere")
    seen += [f.document.relative for f in found]
    assert seen == (["a.pdf", "zz/a.pdf"] if has_begun else ["a.pdf"])
    assert len(discovery.passed_over.named) == 1


def test_links_within_the_folder_are_still_read(tmp_path: Path) -> None:
    put(tmp_path / "in" / "kept" / "a.pdf")
    (tmp_path / "in" / "b.pdf").symlink_to("kept/a.pdf")
    (tmp_path / "in" / "year").symlink_to("kept")
    (tmp_path / "way").symlink_to("in")
    assert names([tmp_path / "way"]) == ["b.pdf"]


def test_a_file_that_grows_while_it_is_hashed_is_too_large_in_the_end(tmp_path: Path) -> None:
    """Somebody writes faster than it is read; its size was small when it was looked at."""
    path = put(tmp_path / "a.pdf")
    with path.open("ab") as file:
        file.truncate(3 << 20)
    document = Document(str(path), os.fsencode(path))
    looked_at = path.stat()

    def before_it_grew(descriptor: int) -> os.stat_result:
        return os.stat_result((*looked_at[:6], 100, *looked_at[7:]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("docextract.documents.discovery.inspection.os.fstat", before_it_grew)
        found = inspect_file(document, 2 << 20)
    assert found.error is not None
    assert found.error.reason == "too_large"
    assert found.document.sha256 == ""
