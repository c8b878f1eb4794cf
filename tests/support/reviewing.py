"""An output folder with drawn documents that were read, for tests of what people do to it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from docextract.batch.runner import run_batch
from docextract.core import RunOptions
from docextract.review.desk.desk import Desk
from docextract.review.desk.sayings import Saying
from docextract.review.labels.label import NOWHERE, Action

INVOICES = Path(__file__).parents[2] / "fixtures" / "invoices"
NAMES = ("luminosa.pdf", "copperleaf.pdf")


class Silence:
    """A reporter that tells nobody."""

    def __getattr__(self, name):
        return lambda *args: None


def read_invoices(out: Path, *names: str) -> Path:
    """Read drawn invoices, copied beside the output folder, and return where they lie."""
    inputs = out.parent / "in"
    inputs.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(INVOICES / name, inputs)
    run(out, inputs)
    return inputs


def run(out: Path, inputs: Path, schema: str = "invoice", engine: str = "text", **options):
    asked = {"num_workers": 1, "formats": ("jsonl", "csv", "json")} | options
    return run_batch(RunOptions((str(inputs),), schema, out, engine, **asked), Silence())  # type: ignore[arg-type]


def correct(desk: Desk, name: str, path: str, value: str | None, spot=NOWHERE) -> None:
    sha256 = desk.find(name).tree["document"]["sha256"]
    desk.say(sha256, Saying(path, Action.CORRECT, value, spot))


def csv_row(out: Path, name: str, table: str = "documents.csv") -> dict[str, str]:
    """Return the first row of a document in a table, the one beside ``out`` before others."""
    with (out / table).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"].endswith(name)]
    return next((row for row in rows if row["path"].startswith(str(out.parent))), rows[0])


def exported(out: Path, name: str) -> list:  # type: ignore[type-arg]
    """Return a document's record as each of the other exports has it."""
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    trees = [json.loads(line) for line in lines]
    own = [tree for tree in trees if tree["document"]["path"].endswith(name)]
    (file,) = (out / "documents").rglob(f"{name}.json")
    return [*own, json.loads(file.read_text("utf-8"))]
