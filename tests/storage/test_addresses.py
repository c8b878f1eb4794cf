"""What addresses mean, what a spool holds, and keys as odd as keys are; without a run."""

from __future__ import annotations

import pytest
from support.object_storage import served_bucket

from docextract.core import OptionError, shown_uri
from docextract.storage.address import Address
from docextract.storage.known_objects import Known, Ledger
from docextract.storage.remote_documents import RemoteDocuments
from docextract.storage.spool import Spool

ODD = (
    "a b.pdf",
    "100%.pdf",
    "#1?.pdf",
    "ü [2].pdf",
    "x+y=z&q.pdf",
    "deep/er/..ok.pdf",
    "UPPER.PDF",
)


@pytest.mark.parametrize(
    ("name", "root", "key", "folder"),
    [
        ("s3://bucket", "s3://bucket", "", ""),
        ("S3://bucket/in/", "s3://bucket", "in", "in"),
        ("gs://bucket/in/**/*.pdf", "gs://bucket", "in/**/*.pdf", "in"),
        ("az://box/a b/#1?.pdf", "az://box", "a b/#1?.pdf", "a b/#1?.pdf"),
        ("https://host/a.pdf?x=1", "https://host/a.pdf?x=1", "", ""),
    ],
)
def test_an_address_names_a_bucket_and_what_is_in_it(name, root, key, folder):
    found = Address.parse(name)
    assert (found.root, found.key, found.folder) == (root, key, folder)


def test_two_pages_of_one_path_have_two_names_and_a_signed_one_keeps_its_own():
    assert shown_uri("https://h/get?id=1") != shown_uri("https://h/get?id=2")
    signed = [shown_uri(f"https://h/a.pdf?X-Amz-Signature={text}") for text in "ab"]
    assert signed == ["https://h/a.pdf"] * 2


def test_an_address_without_a_bucket_is_refused():
    with pytest.raises(OptionError, match="names no bucket"):
        Address.parse("s3:///in")


def test_a_spool_gives_room_back_and_lets_one_large_file_in(tmp_path):
    spool = Spool(tmp_path / "spool", 100)
    large = spool.reserve(1000)
    large.write_bytes(b"x")
    assert not spool.has_room(1)
    spool.release(bytes(large))
    assert spool.has_room(100)
    assert not large.exists()
    spool.close()
    assert not (tmp_path / "spool").exists()


def test_a_ledger_knows_a_version_alone(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.note("s3://b/a", "one", 3, Known("0" * 64, "application/pdf"))
    ledger.close()
    again = Ledger(tmp_path)
    assert again.known("s3://b/a", "one", 3) == Known("0" * 64, "application/pdf")
    assert again.known("s3://b/a", "two", 3) is None
    assert again.known("s3://b/a", "one", 4) is None
    again.close()


def test_keys_are_taken_as_they_stand(tmp_path):
    with served_bucket() as bucket:
        for key in ODD:
            bucket.put(f"in/{key}", f"%PDF-1.7 {key}".encode())
        ledger, spool = Ledger(tmp_path), Spool(tmp_path / "spool", 1000)
        remote = RemoteDocuments(
            ["s3://archive/in"],
            ledger,
            spool,
            needs_bytes=lambda document: True,
            is_wanted=lambda path: True,
            max_bytes=1000,
        )
        found = [item.document for item in remote.as_they_come() if item is not None]
        ledger.close()
    # A name that begins with a dot is hidden, in folders too.
    assert sorted(item.path for item in found) == sorted(
        f"s3://archive/in/{key}" for key in ODD if "/." not in key
    )
    assert all(item.sha256 and item.place != item.raw_path for item in found)
