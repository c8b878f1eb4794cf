"""Scores the text engine on labelled real documents, tuned and kept-aside groups apart.

Knows nothing of how values are read. Run:
``python benchmarks/accuracy.py FOLDER_OF_DATASETS [--only sroie,zugferd] [--per-dataset 20]``.
A dataset is a folder with ``truth.jsonl`` and its documents. Groups whose SHA-1 is even are the
tuned half; the others were never looked at while rules were written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from docextract.config import ReadOptions, RunOptions
from docextract.normalise.values import same_value
from docextract.records import RecordStatus
from docextract.reporting import Reporter, RunSummary
from docextract.run import run_batch
from docextract.schema.loading import load_schema

INVOICE = {
    "invoice_number": "invoice_number", "issue_date": "issue_date", "due_date": "due_date",
    "vendor_name": "seller.name", "buyer_name": "buyer.name", "currency": "currency",
    "subtotal": "totals.net", "tax_total": "totals.tax", "total": "totals.gross",
    "iban": "payment.iban", "buyer_order_number": "purchase_order",
}  # fmt: skip
RECEIPT = {
    "merchant_name": "merchant.name", "merchant_address": "merchant.address", "date": "date",
    "total": "total", "subtotal": "subtotal", "tax_total": "tax_total", "currency": "currency",
}  # fmt: skip
ORDER = {
    "order_number": "po_number", "issue_date": "issue_date", "vendor_name": "seller.name",
    "buyer_name": "buyer.name", "currency": "currency", "total": "totals.gross",
    "subtotal": "totals.net",
}  # fmt: skip
AD_BUY = "contract_number, advertiser, flight_from: date, flight_to: date, gross_amount: money"
SCHEMAS: dict[str, tuple[str, dict[str, str]]] = {
    "invoice": ("invoice", INVOICE),
    "receipt": ("receipt", RECEIPT),
    "purchase_order": ("purchase_order", ORDER),
    "ad_buy": (AD_BUY, {name.split(":")[0]: name.split(":")[0] for name in AD_BUY.split(", ")}),
}


class _Silent(Reporter):
    """A reporter that says nothing."""

    def message(self, text: str) -> None: ...
    def found(self, num_found: int, is_complete: bool) -> None: ...
    def unchanged(self, path: str, status: RecordStatus) -> None: ...
    def finished(self, record: Any, num_pages: int) -> None: ...
    def tick(self) -> None: ...
    def summary(self, summary: RunSummary) -> None: ...


def load_truth(dataset: Path, limit: int | None) -> list[dict[str, Any]]:
    """Return the truth of documents whose schema we score, evenly thinned to ``limit``."""
    lines = (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truth = [row for row in map(json.loads, lines) if row["schema"] in SCHEMAS]
    step = max(1, len(truth) // limit) if limit else 1
    return truth[::step][:limit]


def run_dataset(dataset: Path, truth: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the records of a dataset by file name."""
    found: dict[str, dict[str, Any]] = {}
    for name in sorted({row["schema"] for row in truth}):
        inputs = tuple(str(dataset / row["file"]) for row in truth if row["schema"] == name)
        with tempfile.TemporaryDirectory() as out:
            read = ReadOptions(use_embedded=False)
            options = RunOptions(inputs, SCHEMAS[name][0], Path(out), "text", read=read)
            run_batch(options, _Silent())
            results = (Path(out) / "results.jsonl").read_text(encoding="utf-8")
        records = map(json.loads, results.splitlines())
        found |= {Path(record["document"]["path"]).name: record for record in records}
    return found


class Scores:
    """Counts by (half, dataset, field) and by (half, status)."""

    def __init__(self) -> None:
        self.fields: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.statuses: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.bins: dict[tuple[str, int], list[float]] = defaultdict(lambda: [0, 0, 0.0])
        self.errors: list[str] = []

    def add(self, dataset: str, row: dict[str, Any], record: dict[str, Any]) -> None:
        """Score one document."""
        group = row.get("meta", {}).get("group", row["id"])
        half = "aside" if int(hashlib.sha1(group.encode()).hexdigest(), 16) % 2 else "tuned"
        schema_spec, mapping = SCHEMAS[row["schema"]]
        schema = load_schema(schema_spec)
        ignored = {*row.get("not_printed", []), *row.get("ambiguous_fields", [])}
        for key, path in mapping.items():
            if key in ignored or key not in row["fields"]:
                continue
            field = schema.field_at(path)
            assert field is not None
            truth, value = row["fields"][key], _value_at(record["values"] or {}, path)
            counts = self.fields[half, dataset, path]
            if truth is None:
                counts[2] += 1
                counts[3] += value is not None
                continue
            is_right = value is not None and _same(value, truth, field)
            counts[0] += 1
            counts[1] += is_right
            if value is None:
                self.errors.append(f"{half} {row['id']} {path}: missed {truth!r}")
                continue
            info = record["fields"][path]
            self.statuses[half, info["status"]][0] += 1
            self.statuses[half, info["status"]][1] += is_right
            box = self.bins[half, int(info["confidence"] * 10)]
            box[0] += 1
            box[1] += is_right
            box[2] += info["confidence"]
            if not is_right:
                self.errors.append(
                    f"{half} {row['id']} {path}: {value!r} ({info['status']}) is not {truth!r}"
                )

    def print(self) -> None:
        """Print recall per dataset and field, precision by status, and reliability."""
        print("dataset / field: recall tuned, recall aside (of n); fabricated where truth is null")
        for dataset, path in dict.fromkeys((d, p) for _, d, p in self.fields):
            cells = []
            for half in ("tuned", "aside"):
                num, right, nulls, made_up = self.fields[half, dataset, path]
                share = f"{100 * right / num:5.1f}" if num else "    -"
                cells.append(f"{share} ({num:3})  fab {made_up}/{nulls}")
            print(f"{dataset:18} {path:18} {'   '.join(cells)}")
        for (half, status), (num, right) in sorted(self.statuses.items()):
            print(f"precision {half} {status:12} {100 * right / num:5.1f} % of {num}")
        for half in ("tuned", "aside"):
            rows = [(b, n) for (h, b), n in sorted(self.bins.items()) if h == half]
            total = sum(n[0] for _, n in rows) or 1
            error = sum(abs(n[2] - n[1]) for _, n in rows) / total
            print(f"expected calibration error {half}: {error:.3f}")


def _value_at(values: Any, path: str) -> Any:
    for part in path.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _same(value: Any, truth: Any, field: Any) -> bool:
    if same_value(str(value), str(truth), field):
        return True
    if field.kind.value not in ("name", "address"):
        return False
    ours, theirs = ("".join(c for c in str(t).casefold() if c.isalnum()) for t in (value, truth))
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


def main() -> None:
    """Score every dataset of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--per-dataset", type=int)
    parser.add_argument("--errors", type=Path, help="write each miss to this file")
    arguments = parser.parse_args()
    wanted = set(arguments.only.split(",")) - {""}
    scores = Scores()
    for dataset in sorted(path.parent for path in arguments.folder.glob("*/truth.jsonl")):
        truth = load_truth(dataset, arguments.per_dataset)
        if not truth or (wanted and dataset.name not in wanted):
            continue
        records = run_dataset(dataset, truth)
        for row in truth:
            scores.add(dataset.name, row, records[Path(row["file"]).name])
    scores.print()
    if arguments.errors:
        arguments.errors.write_text("\n".join(scores.errors) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
