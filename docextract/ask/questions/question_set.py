"""Reads questions and says which are asked of which inputs.

Knows nothing of documents or engines.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.ask.questions.ask_options import AskOptions
from docextract.core import MISFITS, OptionError, describe_misfit

_HINT = "One question a line; or .jsonl or .csv with question and, if it is for one input, path."


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        question: in a person's words.
        path: the input it is asked of; None for every input.
    """

    question: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """Inputs, and the questions asked of each document in them; none where fields are asked for.

    Attributes:
        inputs: as ``Discovery`` takes them.
        questions: no question twice.
        must_match: whether it is a failure that there is no document: a row of a file of
            questions must not go without a reply.
    """

    inputs: tuple[str, ...]
    questions: tuple[str, ...]
    must_match: bool = False


def plan_questions(options: AskOptions) -> list[Errand]:
    """Return who is asked what, in the order given; no question stands twice for an input.

    Fields are asked for by an errand without a question.

    Raises:
        OptionError: a file of questions is none, an input has no question or a question no
            input.
    """
    if options.schema_spec is not None:
        return [Errand(_some_input(options), ())]
    asked = [Asked(_checked(text, "--question")) for text in options.questions]
    if options.questions_file is not None:
        asked += read_questions(options.questions_file)
    planned = _of_paths(asked)
    shared = tuple(dict.fromkeys(item.question for item in asked if item.path is None))
    if planned and options.is_together:
        raise OptionError("--together asks of all inputs, and --questions names a path for some")
    if shared:
        return [Errand(_some_input(options), shared), *planned]
    if options.inputs:
        raise OptionError(
            "every question names its path, so INPUT has none", "Leave INPUT out, or give -q."
        )
    return planned


def _some_input(options: AskOptions) -> tuple[str, ...]:
    if not options.inputs:
        raise OptionError("there is no INPUT to ask", "Name files, folders or globs.")
    return options.inputs


def _of_paths(rows: Iterable[Asked]) -> list[Errand]:
    by_path: dict[str, dict[str, None]] = {}
    for item in rows:
        if item.path is not None:
            # Only INPUT can mean stdin.
            path = "./-" if item.path == "-" else item.path
            by_path.setdefault(path, {})[item.question] = None
    return [Errand((path,), tuple(asked), must_match=True) for path, asked in by_path.items()]


def read_questions(path: Path) -> list[Asked]:
    """Return the questions in a file: ``.jsonl``, ``.csv``, or else one a line.

    Rows of the first two have ``question`` and perhaps ``path``.

    Raises:
        OptionError: it cannot be read, or holds no question; the message names the line.
    """
    try:
        # A path may have bytes that are no text; a question may not.
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise OptionError(f"--questions: {path}: {error.strerror}") from error
    readers = {".jsonl": _json_rows, ".csv": _csv_rows}
    reader = readers.get(path.suffix.lower(), _lines)
    found = [_asked(row, f"--questions: {path} line {number}") for number, row in reader(text)]
    if not found:
        raise OptionError(f"--questions: {path} holds no question", _HINT)
    return found


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, {"question": line}


def _json_rows(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except MISFITS as error:
                told = describe_misfit(error)
                raise OptionError(f"--questions: line {number}: {told}") from error


def _csv_rows(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise OptionError(f"--questions: line {reader.line_num} is no CSV: {error}") from error


def _asked(row: Any, where: str) -> Asked:
    question = row.get("question") if isinstance(row, dict) else None
    path = row.get("path") if isinstance(row, dict) else None
    if not isinstance(question, str) or not isinstance(path, str | None):
        raise OptionError(f"{where} has no question", _HINT)
    if path and not _is_path(path):
        raise OptionError(f"{where}: no file can have the name {path!r}")
    return Asked(_checked(question, where), path or None)


def _is_path(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _checked(text: str, where: str) -> str:
    question = text.strip()
    if not question:
        raise OptionError(f"{where}: the question is empty", _HINT)
    try:
        question.encode()
    except UnicodeEncodeError:
        raise OptionError(f"{where}: the question is no text (UTF-8)") from None
    return question
