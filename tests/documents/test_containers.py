"""Mails, mailboxes and zips: what is told of what they hold, and how a member is opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.containers import (
    Compound,
    attach,
    locked,
    mail,
    outlook,
    overlapping,
    pdf,
    png,
    told,
    zipped,
)

from docextract.core import Document, DocumentError, Mail, ReadOptions, Reason
from docextract.documents.containers.bounds import Bounds
from docextract.documents.containers.looking_inside import look_inside
from docextract.documents.containers.members import (
    Entry,
    Left,
    Member,
    is_sound,
    named,
    pack_listing,
    safe_name,
    unpack_listing,
)
from docextract.documents.containers.opened_member import container_of
from docextract.documents.discovery.discover import Discovery
from docextract.documents.discovery.sniff import sniff
from docextract.documents.opening import read_bytes
from docextract.export.naming.mirror import Mirror


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def members(path: Path) -> dict[str, Member]:
    (container,) = Discovery([str(path)])
    found = look_inside(container.document, Bounds())
    return {item.path: item for item in found if isinstance(item, Member)}


def test_a_mail_in_a_zip_in_a_mail(tmp_path):
    inner = mail("Rechnung 7", rechnung_pdf=pdf())
    packed = zipped(("post/mail.eml", inner.as_bytes()), ("b.pdf", pdf("R-2")))
    path = put(tmp_path / "post.eml", mail("Fwd: Rechnung", alles_zip=packed).as_bytes())
    found = members(path)
    assert list(found) == ["alles.zip!post/mail.eml!rechnung.pdf", "alles.zip!b.pdf"]
    nested, plain = found.values()
    assert nested.mail == Mail(
        "Jörg Bäcker <joerg@baecker.example>", "Rechnung 7", "2026-11-02T10:00:00+01:00"
    )
    assert plain.mail is not None
    assert plain.mail.subject == "Fwd: Rechnung"
    assert (nested.media_type, nested.num_bytes) == ("application/pdf", len(pdf()))


def test_a_member_is_opened_by_its_path_and_is_the_one_that_was_found(tmp_path):
    inner = zipped(("a.pdf", pdf("A")), ("mail.eml", mail("x", b_pdf=pdf("B")).as_bytes()))
    path = put(tmp_path / "odd!name" / "post.zip", zipped(("in.zip", inner), ("c.pdf", pdf("C"))))
    found = members(path)
    expected = {"in.zip!a.pdf": "A", "in.zip!mail.eml!b.pdf": "B", "c.pdf": "C"}
    assert set(found) == set(expected)
    for inner_path, number in expected.items():
        raw = os.fsencode(path) + b"!" + inner_path.encode()
        document = Document("x", raw, found[inner_path].sha256)
        assert read_bytes(document, ReadOptions()) == pdf(number)
    gone = Document("x", os.fsencode(path) + b"!d.pdf")
    with pytest.raises(DocumentError, match=r"There is no d\.pdf"):
        read_bytes(gone, ReadOptions())


def test_a_container_that_has_changed_is_told(tmp_path):
    path = put(tmp_path / "a.zip", zipped(("a.pdf", pdf())))
    (found,) = Discovery([str(path)])
    (member,) = members(path).values()
    put(path, zipped(("a.pdf", pdf("other"))))
    with pytest.raises(DocumentError, match="has changed"):
        list(look_inside(found.document, Bounds()))
    document = Document("x", os.fsencode(path) + b"!a.pdf", member.sha256)
    with pytest.raises(DocumentError, match="has changed"):
        read_bytes(document, ReadOptions())


def test_inline_pictures_are_documents_and_logos_are_not(tmp_path):
    message = mail("Beleg")
    for name, size in (("photo", (900, 1400)), ("logo", (320, 120)), ("dot", (1, 1))):
        message.add_attachment(
            png(*size),
            "image",
            "png",
            filename=f"{name}.png",
            cid=f"<{name}>",
            disposition="inline",
        )
    message.add_attachment(png(200, 500), "image", "png", filename="slip.png")
    message.add_attachment(png(32, 32), "image", "png", filename="icon.png")
    result = told(put(tmp_path / "a.eml", message.as_bytes()))
    assert result["photo.png"] == result["slip.png"] == "found"
    assert result["logo.png"] == "a logo or signature: 320 x 120 pixels, shown within a mail"
    assert result["dot.png"].startswith("a logo or signature: 1 x 1 pixels")
    assert result["icon.png"] == "a logo or signature: 32 x 32 pixels, on a mail"


def test_a_mail_without_a_document_is_told_and_its_text_is_none(tmp_path):
    message = mail("Hallo")
    message.add_alternative("<p>Hallo</p>", subtype="html")
    result = told(put(tmp_path / "a.eml", message.as_bytes()))
    assert list(result) == [""]
    assert result[""].startswith("no document in it; the text of a mail is not read")


def test_forwarded_mails_and_odd_parts_have_names(tmp_path):
    outer = mail("Fwd")
    outer.add_attachment(mail("Rechnung 5/2026", a_pdf=pdf()))
    attach(outer, "", pdf("B"))
    attach(outer, "notes.txt", b"notes")
    result = told(put(tmp_path / "a.eml", outer.as_bytes()))
    assert result == {
        "Rechnung 5-2026.eml!a.pdf": "found",
        "part-3": "found",
        "notes.txt": "no document",
    }


def test_sealed_mails_say_so(tmp_path):
    message = mail("geheim")
    message.add_attachment(b"x", "application", "pkcs7-mime", filename="smime.p7m")
    assert told(put(tmp_path / "a.eml", message.as_bytes())) == {"smime.p7m": "encrypted"}


@pytest.mark.parametrize(
    "head",
    [
        b"From: =?utf-8?b?gg?= <x>\nSubject: =?nonsense?q?=FF?=\nDate: 99 Foo\n",
        b"From: \xff\xfe\nSubject: a\n b\n c\nDate: Mon, 32 Nov 99999 10:00:00 +9999\n",
        b"From: a\nTo: b\nDate:\n",
        b"From: =?utf-\xff?q?a?= <x>\nSubject: =?\xfcf-8?q?a?=\nDate: x\n",
    ],
)
def test_headers_of_any_kind_are_read(tmp_path, head):
    body = b'Content-Type: application/pdf; name="=?x?q?=\xff.pdf"\n\n' + pdf()
    (member,) = members(put(tmp_path / "a.eml", head + body)).values()
    assert member.mail is not None
    assert member.mail.subject.encode() is not None


def test_a_mailbox_is_its_mails_in_order(tmp_path):
    mails = [mail(f"nr {number}", a_pdf=pdf(str(number))).as_bytes() for number in (1, 2, 3)]
    line = b"From joerg@baecker.example Mon Nov  2 10:00:00 2026\n"
    path = put(tmp_path / "post.mbox", b"\n".join(line + data for data in mails))
    found = members(path)
    assert list(found) == ["1.eml!a.pdf", "2.eml!a.pdf", "3.eml!a.pdf"]
    assert [item.mail and item.mail.subject for item in found.values()] == ["nr 1", "nr 2", "nr 3"]


def test_a_mail_saved_by_outlook_and_the_mail_that_hangs_on_it(tmp_path):
    pytest.importorskip("oxmsg")
    inner = outlook("innen", ("b.pdf", pdf("B")), top=False)
    tree = outlook("Rechnung ä", ("a.pdf", pdf("A") + b" " * 5000), ("x", inner))
    path = put(tmp_path / "post.msg", Compound(tree).data())
    found = members(path)
    assert list(found) == ["a.pdf", "mail-2/b.pdf"]
    first, second = found.values()
    assert first.mail == Mail("Jörg Bäcker <joerg@baecker.example>", "Rechnung ä")
    assert second.mail is not None
    assert second.mail.subject == "innen"
    raw = os.fsencode(path) + b"!mail-2/b.pdf"
    assert read_bytes(Document("x", raw, second.sha256), ReadOptions()) == pdf("B")


def test_office_files_of_old_are_no_mails(tmp_path):
    pytest.importorskip("oxmsg")
    path = put(tmp_path / "a.msg", Compound({"WordDocument": b"x" * 5000}).data())
    with pytest.raises(DocumentError, match="Office file of old"):
        told(path)
    with pytest.raises(DocumentError, match="damaged"):
        told(put(tmp_path / "b.msg", path.read_bytes()[:700]))


def test_bombs_are_told_by_name_and_never_unpacked(tmp_path):
    bomb = zipped(("zeros.bin", b"\0" * 50_000_000), ("a.pdf", pdf()))
    path = put(tmp_path / "a.zip", bomb)
    assert told(path) == {"zeros.bin": "too_large", "a.pdf": "found"}
    blank = zipped(("blank.bmp", b"BM" + b"\0" * 9_000_000))
    assert told(put(tmp_path / "b.zip", blank)) == {"blank.bmp": "found"}


def test_members_that_share_bytes_are_refused(tmp_path):
    with pytest.raises(DocumentError, match="share the same bytes"):
        told(put(tmp_path / "a.zip", overlapping(pdf())))


def test_locked_and_damaged_members_are_told_and_the_others_read(tmp_path):
    assert told(put(tmp_path / "a.zip", locked(zipped(("a.pdf", pdf()))))) == {"a.pdf": "encrypted"}
    data = bytearray(zipped(("a.pdf", pdf("A")), ("b.pdf", pdf("B"))))
    data[60:64] = b"\xff\xff\xff\xff"
    assert told(put(tmp_path / "b.zip", bytes(data))) == {"a.pdf": "corrupt", "b.pdf": "found"}


def test_zips_in_name_only_are_refused(tmp_path):
    book = zipped(("xl.xml", b""), ("[Content_Types].xml", b""), ("word/document.xml", b""))
    with pytest.raises(DocumentError, match="an Office file"):
        told(put(tmp_path / "a.zip", book))
    with pytest.raises(DocumentError, match="damaged or cut off"):
        told(put(tmp_path / "b.zip", b"PK\x03\x04" + b"x" * 100))


def test_what_should_be_a_mail_or_a_zip_and_is_none_fails(tmp_path):
    inner = zipped(("a.eml", b"no mail"), ("b.zip", b"no zip"), ("c.txt", b"no mail"))
    result = told(put(tmp_path / "a.zip", inner))
    assert result == {"a.eml": "found", "b.zip": "found", "c.txt": "no document"}
    put(tmp_path / "b.eml", b"no mail")
    found = Discovery([str(tmp_path)], look_inside=lambda container: iter(()))
    assert [item.document.relative for item in found] == ["b.eml"]


def test_what_is_nested_too_deep_is_told(tmp_path):
    data = zipped(("a.pdf", pdf()))
    for _ in range(7):
        data = zipped(("in.zip", data), ("b.pdf", pdf("B")))
    result = told(put(tmp_path / "a.zip", data), Bounds(max_depth=2))
    assert result == {
        "in.zip!in.zip!in.zip": "too_large",
        "in.zip!in.zip!b.pdf": "found",
        "in.zip!b.pdf": "found",
        "b.pdf": "found",
    }


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (Bounds(max_members=2), "holds over 2 files"),
        (Bounds(max_bytes=3_000_000), "unpacks to over"),
    ],
)
def test_what_fits_is_told_before_a_bound_ends_it(tmp_path, bounds, message):
    files = [(f"{number}.pdf", pdf(str(number)) + os.urandom(1_200_000)) for number in range(4)]
    path = put(tmp_path / "a.zip", zipped(*files))
    (container,) = Discovery([str(path)])
    found = look_inside(container.document, bounds)
    assert [next(found).path, next(found).path] == ["0.pdf", "1.pdf"]
    with pytest.raises(DocumentError, match=message):
        next(found)


def test_hidden_members_and_links_are_told(tmp_path):
    import zipfile

    link = zipfile.ZipInfo("link.pdf")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/._a.pdf", "x")
        archive.writestr(".git/a.pdf", "x")
        archive.writestr("empty.pdf", "")
    assert told(path) == {
        "link.pdf": "a link",
        "__MACOSX/._a.pdf": "hidden",
        ".git/a.pdf": "hidden",
        "empty.pdf": "empty_file",
    }


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text() | st.sampled_from(["../a", "/a", "C:\\a", "a\0b", "..", "a!b", "a"])))
def test_no_name_leaves_its_container_and_no_two_are_the_same(names):
    found = [name for name, _ in named(Entry(name, bytes) for name in names)]
    assert len(set(found)) == len(names)
    for name in found:
        parts = PurePosixPath(name).parts
        assert parts
        assert not PurePosixPath(name).is_absolute()
        assert not {"..", "."} & set(parts)
        assert not {"!", "\0", "\\"} & set(name)
        assert name.encode()
        place = Mirror().place(f"post.zip!{name}", name.encode())
        assert not {".."} & set(place.parts)


def test_names_are_cut_and_kept_apart():
    assert safe_name("../../etc/passwd") == "etc/passwd"
    assert safe_name("C:\\Users\\x\\a.pdf") == "C:/Users/x/a.pdf"
    assert safe_name("\0") == "_"
    assert safe_name("") == "unnamed"
    assert len(safe_name("x/" * 100 + "y" * 5000 + ".pdf")) < 300
    two = [name for name, _ in named([Entry("a/b.pdf", bytes), Entry("a//b.pdf", bytes)])]
    assert two == ["a/b.pdf", "a/b (2).pdf"]


def test_nothing_is_written_while_a_container_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = zipped(("../../evil.pdf", pdf("A")), ("/tmp/evil.pdf", pdf("B")))
    put(tmp_path / "in/a.zip", evil)
    before = sorted(tmp_path.rglob("*"))
    assert set(told(tmp_path / "in/a.zip")) == {"evil.pdf", "tmp/evil.pdf"}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_listing_that_was_kept_is_the_same(tmp_path):
    path = put(tmp_path / "a.eml", mail("x", a_pdf=pdf(), b_txt=b"x", c_pdf=b"").as_bytes())
    (container,) = Discovery([str(path)])
    items = list(look_inside(container.document, Bounds()))
    assert unpack_listing(pack_listing(items)) == items


def test_what_a_hijacked_worker_tells_is_not_taken_for_names():
    none: Any = None
    number: Any = 7
    text: Any = "3"
    mail: Any = {"sender": "x"}
    good = Member("a.zip!b.pdf", "ab" * 32, "application/pdf", 3, Mail("x", "y", ""))
    assert is_sound(good)
    assert is_sound(Left("", "hidden"))
    for bad in (
        Member("a\0b"), Member("../a"), Member("a!../b"), Member("\udcff"), Left(none, "x"),
        replace(good, sha256="../x"), replace(good, num_bytes=text), Left("a", number),
        replace(good, mail=Mail("\udcff")), replace(good, mail=mail),
    ):  # fmt: skip
        assert not is_sound(bad)


def test_folders_with_the_mark_in_their_name_are_folders(tmp_path):
    path = put(tmp_path / "a!b" / "c!d.pdf", pdf())
    assert container_of(os.fsencode(path)) is None
    assert container_of(os.fsencode(tmp_path / "a!b/none.pdf")) is None
    assert container_of(os.fsencode(path) + b"!x!y") == (os.fsencode(path), "x!y")


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (mail().as_bytes(), "message/rfc822"),
        (b"From x@y.example Mon Nov  2 10:00:00 2026\n" + mail().as_bytes(), "application/mbox"),
        (b"Received: from a\r\n\tby b\r\nReturn-Path: <x>\r\nTo: y\r\n\r\nhi", "message/rfc822"),
        (b"Subject: x\nDate: y\n\nnotes", ""),
        (b"From: me\nnot a header\nTo: x\nSubject: y\n", ""),
        (b"Total: 12\nNet: 10\nTax: 2\n", ""),
        (zipped(("a.pdf", b"xl/")), "application/zip"),
        (b"PK\x05\x06" + b"\0" * 18, "application/zip"),
    ],
)
def test_containers_are_known_by_their_bytes(head, media_type):
    assert sniff(head) == media_type


def test_why_a_container_cannot_be_read_is_told_of_a_member_that_is_named(tmp_path):
    path = put(tmp_path / "a.zip", b"PK\x03\x04 cut off")

    def look(container):
        yield from look_inside(container, Bounds())

    for name, reason in ((f"{path}!a.pdf", "corrupt"), (f"{path}x!a.pdf", "vanished")):
        (found,) = Discovery([name], look_inside=look)
        assert found.error is not None
        assert found.error.reason == reason
    put(path, zipped(("a.pdf", pdf()), ("b.pdf", pdf("B"))))
    assert [item.document.relative for item in Discovery([f"{path}!b.pdf"], look_inside=look)] == [
        "a.zip!b.pdf"
    ]
    (gone,) = Discovery([f"{path}!c.pdf"], look_inside=look)
    assert gone.error is not None
    assert gone.error.reason == "vanished"


@pytest.mark.parametrize("swapped", ["in/box.zip", "in"])
def test_a_link_put_in_a_containers_place_after_listing_leads_nowhere(tmp_path, swapped):
    put(tmp_path / "in" / "box.zip", zipped(("a.pdf", pdf("R-1")), ("b.pdf", pdf("R-2"))))
    boxes: list[Document] = []

    def look(container):
        boxes.append(container)
        return look_inside(container, Bounds())

    found = [item.document for item in Discovery([str(tmp_path / "in")], look_inside=look)]
    # The very bytes that were found: nothing but the link is wrong.
    (tmp_path / swapped).rename(tmp_path / "elsewhere")
    (tmp_path / swapped).symlink_to(tmp_path / "elsewhere")
    reads: list[Callable[[], object]] = [
        partial(read_bytes, document, ReadOptions()) for document in found
    ]
    reads.append(lambda: list(look_inside(boxes[0], Bounds())))
    for read in reads:
        with pytest.raises(DocumentError, match="a link has taken its place") as raised:
            read()
        assert raised.value.reason is Reason.CHANGED
