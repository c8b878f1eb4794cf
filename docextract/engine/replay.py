"""Answers recorded earlier, so that later stages run again without a model.

Knows nothing of how the answers came about. The file holds JSON lines: either stored
records (``results.jsonl``: their raw values are replayed) or objects
``{"sha256", "values": {...}, "probabilities": {...}, "stop_reason": "end"}``, perhaps with
``"alternatives": {path: [{"raw", "page", "box", "probability"}]}`` and with the ``"question"`` in a
person's words that it answers. A value that was repaired is replayed as the engine gave it, with
its replacement as an alternative.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docextract.core import (
    MISFITS,
    Alternative,
    Box,
    EngineError,
    EngineInfo,
    OptionError,
    Place,
    Reason,
    Tree,
    describe_misfit,
)
from docextract.engine.base import Answer, Question, StopReason


class ReplayEngine:
    """Answers by document, the sha256 of its bytes, and by what a person asked, if anything."""

    needs_images = False
    max_pages: int | None = None
    can_look_closer = False

    def __init__(self, path: Path) -> None:
        """Read the answers file.

        Raises:
            OptionError: the file is missing or holds a line that is no answer.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise OptionError(f"--answers: {path} cannot be read: {error}") from error
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.info = EngineInfo(name="replay", revision=self.digest)
        self._answers = dict(_entries(text, path))

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return the recorded answers, in order.

        Raises:
            EngineError: nothing was recorded for a document.
        """
        return [self._find(item.document_id, item.instructions) for item in questions]

    def _find(self, document_id: str, instructions: str) -> Answer:
        found = self._answers.get((document_id, instructions))
        if found is None:
            found = self._answers.get((document_id, ""))
        if found is None:
            raise EngineError(
                Reason.NO_ANSWER,
                f"the answers file holds nothing for document {document_id[:12]}",
            )
        return found

    def close(self) -> None:
        """Nothing to free."""


def _entries(text: str, path: Path) -> Iterator[tuple[tuple[str, str], Answer]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            document_id = entry.get("sha256") or entry["document"]["sha256"]
            yield (document_id, entry.get("question") or ""), _answer(entry)
        except MISFITS as error:
            told = describe_misfit(error)
            raise OptionError(f"--answers: {path} line {number} is no answer: {told}") from error


def _answer(entry: Tree) -> Answer:
    fields: dict[str, Any] = entry.get("fields") or {}
    repaired = {item["path"]: item["was_raw"] for item in entry.get("repairs") or ()}
    raws = {path: item.get("raw") for path, item in fields.items()}
    places = dict(_places(fields))
    alternatives = dict(_alternatives(entry.get("alternatives") or {}))
    alternatives |= {path: (Alternative(raws[path], places.get(path)),) for path in repaired}
    raws = {path: raw for path, raw in raws.items() if raw is not None} | repaired
    return Answer(
        values=_raw_tree(entry["values"] or {}, raws) if fields else entry["values"],
        probabilities=entry.get("probabilities") or {},
        places={path: place for path, place in places.items() if path not in repaired},
        stop_reason=StopReason(entry.get("stop_reason", "end")),
        alternatives=alternatives or None,
    )


def _places(fields: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    """Yield where a stored record found its values; grounding checks each anew."""
    for path, item in fields.items():
        for evidence in item.get("evidence", ()):
            if evidence.get("page") and evidence.get("box"):
                yield path, Place(evidence["page"], Box(*evidence["box"]))


def _alternatives(recorded: Tree) -> Iterator[tuple[str, tuple[Alternative, ...]]]:
    for path, items in recorded.items():
        yield (
            path,
            tuple(
                Alternative(item["raw"], _place(item), item.get("probability")) for item in items
            ),
        )


def _place(item: Tree) -> Place | None:
    return Place(item["page"], Box(*item["box"])) if item.get("box") else None


def _raw_tree(values: Any, raws: dict[str, str | None], path: str = "") -> Any:
    """Replace typed values by the raw text the record keeps beside them."""
    if isinstance(values, dict):
        return {
            key: _raw_tree(child, raws, f"{path}.{key}" if path else key)
            for key, child in values.items()
        }
    if isinstance(values, list):
        return [_raw_tree(child, raws, f"{path}[{i}]") for i, child in enumerate(values)]
    return raws.get(path, values)
