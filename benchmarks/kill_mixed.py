"""A run over mails, zips and packets, with somebody who corrects values, to be killed.

Knows nothing of when it is killed. What is taught before is used by every run; what is taught
meanwhile is of another layout, whose documents were all read before, so that a run that was never
disturbed reads the same.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from kill import Victim
from scale import bill, pdf

from docextract.review.desk.corrections import correct_document
from docextract.review.desk.desk import Desk, write_again
from docextract.review.teaching import teach
from docextract.store import FOLDER

_NUM_OTHERS = 40
"""Documents of the other layout: more than a person corrects between all kills."""

_PATHS = ("invoice_number", "totals.gross")


@dataclass
class MixedVictim(Victim):
    """Files of all kinds, and a person beside the run.

    Attributes:
        unsaid: document and field that are still to be confirmed.
        said: those that were on the disk when last looked at.
        num_killed_sayings: commands that were killed, whether or not they had said it.
    """

    unsaid: list[tuple[str, str]] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)
    num_killed_sayings: int = 0

    def prepare(self) -> None:
        """Read both layouts, have one taught, and keep the folder for the undisturbed run."""
        inputs = self.folder / "in"
        inputs.mkdir()
        for number in range(_NUM_OTHERS):
            (inputs / f"other-{number:02}.pdf").write_bytes(pdf(_other(number)))
        for number in range(3):
            (inputs / f"taught-{number}.pdf").write_bytes(pdf(bill(900_000 + number)))
        self.num_documents = _NUM_OTHERS + 3
        subprocess.run(self.command(), cwd=self.folder, check=True)
        names = [f"taught-{number}.pdf" for number in range(3)]
        _say(self.out, [(name, path) for name in names for path in _PATHS])
        self.unsaid = [
            (f"other-{number:02}.pdf", path) for number in range(_NUM_OTHERS) for path in _PATHS
        ]
        shutil.copytree(self.out, self.folder / "undisturbed")

    def write(self, number: int) -> int:
        """Let a PDF, mail, zip or packet arrive, by turns."""
        first, second = (pdf(_page_alone(number + more)) for more in (0, 1))
        place = self.folder / "in" / f"{number:05}"
        match number % 7:
            case 1:
                place.with_suffix(".eml").write_bytes(_mail(first, second))
            case 3:
                place.with_suffix(".zip").write_bytes(_zip(first, second))
            case 5:
                packet = pdf(_page_alone(number), _page_alone(number + 1))
                place.with_suffix(".pdf").write_bytes(packet)
            case _:
                place.with_suffix(".pdf").write_bytes(first)
                return 1
        return 2

    def begin_beside(self) -> list[subprocess.Popen[bytes]]:
        """Begin to confirm the next field, as a person would from another window."""
        if not self.unsaid:
            return []
        name, path = self.unsaid[0]
        command = [sys.executable, "-m", "docextract", "correct", "out", name, path]
        self.num_killed_sayings += 1
        quiet = subprocess.DEVNULL
        return [subprocess.Popen(command, cwd=self.folder, stdout=quiet, stderr=quiet)]

    def is_new(self, shown: set[str], stored: set[str]) -> bool:
        """Return whether exports show all that was stored when a person's command began."""
        return self.paths <= shown <= stored

    def check(self) -> None:
        """Look for labels that are lost or stand twice, and for half a memory, too."""
        super().check()
        memory = self.out / FOLDER / "memory.json"
        if not memory.exists():
            return
        json.loads(memory.read_text())
        found = _labels(Desk.open(self.out))
        assert len(found) == len(set(found)), "something that was said once stands twice"
        assert self.said <= set(found), "something that was said is lost"
        self.said = set(found)
        self.unsaid = [pair for pair in self.unsaid if pair not in self.said]

    def end_undisturbed(self, out: Path) -> None:
        """Say what nobody has come to say; elsewhere the same at the same moments."""
        if out != self.out:
            _copy_labels(self.out, out)
            assert write_again(out, Desk.open(out).schema)
            return
        there = set(_labels(Desk.open(out)))
        others = [f"other-{number:02}.pdf" for number in range(_NUM_OTHERS)]
        wanted = [(name, path) for name in others for path in _PATHS]
        _say(out, [pair for pair in wanted if pair not in there])

    def told(self) -> str:
        """Return how much was confirmed meanwhile."""
        return f"{self.num_killed_sayings} commands of a person killed, {len(self.said)} labels; "


def _labels(desk: Desk) -> list[tuple[str, str]]:
    named = [row.tree["document"] for row in desk.documents()]
    names = {document["sha256"]: Path(document["path"]).name for document in named}
    return [(names[label.sha256], label.path) for label in desk.labels()]


def _copy_labels(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source / FOLDER / "labels.sqlite")) as said,
        closing(sqlite3.connect(target / FOLDER / "labels.sqlite")) as copy,
    ):
        said.backup(copy)


def _say(out: Path, pairs: list[tuple[str, str]]) -> None:
    desk = Desk.open(out)
    for name, path in pairs:
        done = correct_document(desk, name, [path])
        assert not done.refused, done.refused
    teach(desk, print)
    assert write_again(out, desk.schema)


def _other(number: int) -> list[str]:
    return [
        "Nordlicht Werkstatt GmbH",
        "Rechnung",
        f"Rechnungsnummer: N-{number:05}",
        "Rechnungsdatum: 14.03.2024",
        f"Gesamtbetrag EUR {200 + number},00",
    ]


def _page_alone(number: int) -> list[str]:
    return [*bill(number), "Page 1 of 1"]


def _mail(*files: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Invoices", "a@b.example"
    message.set_content("See attached.")
    for number, data in enumerate(files):
        name = f"{number}.pdf"
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    # Boundaries are drawn by chance, and the same file must be the same bytes.
    message.set_boundary("parts-of-this-mail")
    return message.as_bytes()


def _zip(*files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, data in enumerate(files):
            archive.writestr(zipfile.ZipInfo(f"{number}.pdf"), data)
    return made.getvalue()
