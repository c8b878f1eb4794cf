"""Frozen options, checked at birth, and the fingerprint of all that can change an answer.

Knows nothing of where options come from (flags, environment) nor of who obeys them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from docextract.core.engine_info import NEWER_ENGINE
from docextract.core.errors import OptionError
from docextract.core.places import is_uri, uri_fault
from docextract.core.table_style import TableStyle

__version__ = "0.1.0"

RENDERERS = ("pdfium", "poppler")
SPLITS = ("none", "sure", "ask")
ENGINES = ("auto", "text", "replay", "llava", "server")
FORMATS = ("json", "jsonl", "values", "csv", "xlsx", "parquet", "sqlite")
QUANTIZATIONS = ("nf4", "int8", "none")
DETAILS = ("low", "auto", "high")
TEXT_USES = ("auto", "yes", "no")
ASKED = ("doubt", "all")
FULL, SPARSE = ANSWER_FORMS = ("full", "sparse")
RUNNERS = ("local", "ray")
UPLOAD_MODES = ("replace", "create")


@dataclass(frozen=True, slots=True)
class PageSelection:
    """Which pages are read: closed ranges from 1, an open end is None; empty means all."""

    ranges: tuple[tuple[int, int | None], ...] = ()

    @classmethod
    def parse(cls, text: str | None) -> PageSelection:
        """Return the selection written as ``1-3,7,9-``.

        Raises:
            OptionError: the text is no such list.
        """
        if not text:
            return cls()
        ranges = tuple(_parse_range(part.strip()) for part in text.split(","))
        return cls(ranges)

    def numbers(self, num_pages: int) -> list[int]:
        """Return the selected page numbers of a document of ``num_pages``, ascending."""
        if not self.ranges:
            return list(range(1, num_pages + 1))
        return sorted(
            {
                number
                for first, last in self.ranges
                for number in range(first, min(last or num_pages, num_pages) + 1)
            }
        )


def _parse_range(part: str) -> tuple[int, int | None]:
    found = re.fullmatch(r"(\d+)(-(\d*))?", part)
    if found is None:
        raise OptionError(f"--pages: {part!r} is no page or range", "Try --pages 1-3,7.")
    first = int(found[1])
    last = first if found[2] is None else int(found[3]) if found[3] else None
    if first < 1 or (last is not None and last < first):
        raise OptionError(f"--pages: {part!r} counts backwards or from 0", "Pages start at 1.")
    return first, last


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are opened, and the limits a worker keeps.

    Attributes:
        pages: which pages are read.
        renderer: ``pdfium`` or ``poppler`` (pdf2image).
        use_embedded: whether e-invoice XML is read.
        dpi: resolution at which a page is drawn, for OCR and for a model; a scan is drawn no
            finer than it is.
        split: one of ``SPLITS``: what becomes of a file that holds several documents. ``sure``
            cuts where one ends for certain, ``ask`` nowhere; both give what may be several to
            people. ``none`` says that each file is one, and doubts it only where that is certain.
        password: tried on encrypted PDFs; never stored and not in the fingerprint.
        max_pages: more pages than this are refused.
        max_bytes: larger files are refused.
        max_pixels: pixel budget of one page image; dpi is lowered to keep it.
        page_cpu_s: CPU seconds one page may take.
        page_timeout_s: wall-clock seconds in which a worker neither speaks nor works before it is
            killed.
        document_timeout_s: wall-clock seconds one document may take.
        max_memory_bytes: address space of a worker.
    """

    pages: PageSelection = PageSelection()
    renderer: str = "pdfium"
    use_embedded: bool = True
    dpi: int = 200
    split: str = "sure"
    password: str | None = None
    max_pages: int = 2000
    max_bytes: int = 500 * 2**20
    max_pixels: int = 25_000_000
    page_cpu_s: int = 60
    page_timeout_s: float = 120.0
    document_timeout_s: float = 600.0
    max_memory_bytes: int = 4 * 2**30

    def __post_init__(self) -> None:
        if self.renderer not in RENDERERS:
            raise OptionError(f"--renderer: {self.renderer!r} is not one of {', '.join(RENDERERS)}")
        _check_one_of("--split", self.split, SPLITS)

    def uncut(self) -> ReadOptions:
        """Return the same for who wants one record a file: what may be several says so."""
        return replace(self, split="none" if self.split == "none" else "ask")


ANSWER_OPTIONS = ("pages", "renderer", "use_embedded", "dpi", "split", "max_pages", "max_pixels")
"""The read options that can change an answer; time limits only decide whether there is one."""


_HASHED_AS = {"dpi": "ocr_dpi"}
"""A new name of an option reads no document again."""


def fingerprint(schema_id: str, read: ReadOptions, engine: dict[str, Any], weights_id: str) -> str:
    """Return 16 hex digits that change whenever an answer could.

    Args:
        schema_id: the schema's own hash.
        read: how documents are opened.
        engine: name, weights, revision (of a replay file: its hash), quantization and
            prompt version.
        weights_id: hash of the confidence's calibration.
    """
    read_options = {_HASHED_AS.get(name, name): asdict(read)[name] for name in ANSWER_OPTIONS}
    asked = {name: it for name, it in engine.items() if it is not None or name not in NEWER_ENGINE}
    parts = [__version__, schema_id, read_options, asked, weights_id]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class MaxFailures:
    """When a run gives up: after a number of failures, or a share of all finished."""

    count: int | None = None
    percent: float | None = None

    @classmethod
    def parse(cls, text: str | None) -> MaxFailures:
        """Return the limit written as ``25`` or ``10%``.

        Raises:
            OptionError: the text is neither, or more than 100 %.
        """
        if not text:
            return cls()
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
        if found is None or (not found[2] and "." in found[1]):
            raise OptionError(
                f"--max-failures: {text!r} is no count or percentage", "Try 25 or 10%."
            )
        if found[2] and float(found[1]) > 100:
            raise OptionError(f"--max-failures: {text!r} is more than all", "Try 25 or 10%.")
        return cls(percent=float(found[1])) if found[2] else cls(count=int(found[1]))

    def is_reached(self, num_failed: int, num_finished: int) -> bool:
        """Whether so many failures end the run; a percentage counts from 20 documents on."""
        if self.count is not None:
            return num_failed > self.count
        return (
            self.percent is not None
            and num_finished >= 20
            and 100 * num_failed > self.percent * num_finished
        )


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of what is found, by the hash of its paths or addresses.

    Attributes:
        index: from 0.
        count: how many there are.
    """

    index: int
    count: int

    @classmethod
    def parse(cls, text: str | None) -> Shard | None:
        """Return the shard written as ``0/3``; None where there is none.

        Raises:
            OptionError: it is none, or there are not so many.
        """
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip(), re.ASCII)
        if found is None:
            raise OptionError(f"--shard: {text!r} is no shard", "Try --shard 0/3, 1/3 and 2/3.")
        index, count = int(found[1]), int(found[2])
        if index >= count:
            last = f"{count - 1}/{count}" if count else "0/1"
            raise OptionError(f"--shard: there is no {text}", f"They are 0/{count or 1} to {last}.")
        return cls(index, count)

    def holds(self, path: bytes) -> bool:
        """Return whether a path, absolute, or an address belongs to this one.

        The same path is in the same shard on every machine and in every run.
        """
        digest = hashlib.sha256(path).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


def check_uri(name: str) -> str:
    """Return an address in storage if it can be one; what is none is returned as it is.

    Raises:
        OptionError: it holds a password, names no place, or is not encrypted on its way; the
            message holds nothing of what may be secret.
    """
    fault = uri_fault(name) if is_uri(name) else None
    if fault is not None:
        raise OptionError(*fault)
    return name


def _check_one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(f"{option}: {value!r} is not one of {', '.join(allowed)}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may keep a question waiting.

    Attributes:
        answer_s: seconds from a question to the end of its answer, all tries together.
        until: moment, with its zone, up to which a busy server is asked again; an answer that
            is under way then may still come.
    """

    answer_s: float = 600.0
    until: dt.datetime | None = None


BRIEF = Patience(60.0)
"""Of commands that only look whether a server answers."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which weights the llava engine loads, and what it shows them.

    Attributes:
        name: a folder, a name of the catalogue or its hub id, or ``auto``; None if not said.
        quantization: one of ``QUANTIZATIONS``; None for nf4 on a GPU and none on a CPU.
        adapter: folder of a LoRA.
        detail: one of ``DETAILS``: how closely pages are looked at.
        with_text: one of ``TEXT_USES``: whether a page's words are told beside its image.
        url: of a server that is asked instead; ``name`` is then that of a served model.
        max_answer_tokens: longest answer; None for what the engine finds right.
        patience: how long a server may take; it changes no answer.
        ask: one of ``ASKED``: what a model is asked once the text engine has read; None for
            ``doubt`` where the engine is chosen by itself, for the model alone where it is named.
        answer_form: one of ``ANSWER_FORMS``: whether a model writes every field or what is there.
    """

    name: str | None = None
    quantization: str | None = None
    adapter: Path | None = None
    detail: str = "auto"
    with_text: str = "auto"
    url: str | None = None
    max_answer_tokens: int | None = None
    patience: Patience = Patience()
    ask: str | None = None
    answer_form: str = FULL

    def __post_init__(self) -> None:
        _check_one_of("--quantization", self.quantization or "none", QUANTIZATIONS)
        _check_one_of("--detail", self.detail, DETAILS)
        _check_one_of("--with-text", self.with_text, TEXT_USES)
        _check_one_of("--ask", self.ask or ASKED[0], ASKED)
        _check_one_of("--answer-form", self.answer_form, ANSWER_FORMS)
        if self.adapter is not None and self.name is None:
            raise OptionError("--adapter needs --model: a LoRA fits one model only")
        if self.url is not None and (self.quantization or self.adapter):
            raise OptionError("--url: how a server loads its weights is set there")


def check_engine(name: str, answers: Path | None, model: ModelOptions) -> None:
    """Check what ``--engine``, ``--answers`` and ``--url`` said.

    Raises:
        OptionError: there is no such engine, or it lacks its answers or its address.
    """
    if name not in ENGINES:
        raise OptionError(f"--engine: {name!r} is not one of {', '.join(ENGINES)}")
    if name == "replay" and answers is None:
        raise OptionError("--engine replay needs --answers FILE")
    if name == "server" and model.url is None:
        raise OptionError("--engine server needs --url, such as http://localhost:8000/v1")
    if model.url is not None and name not in ("auto", "server"):
        raise OptionError(f"--url is of the server engine, not of {name}")
    if model.ask is not None and name in ("text", "replay"):
        raise OptionError(f"--ask is of engines with a model, not of {name}")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Everything one run was asked to do.

    Attributes:
        inputs: files, folders, globs, or ``-`` for a list of paths on stdin.
        schema: what ``--schema`` said.
        out: output folder; None streams JSON lines to stdout and keeps no store.
        engine: one of ``ENGINES``.
        answers: the answers file of the replay engine.
        model: which weights the llava engine loads.
        calibration: file with refitted weights of the confidence.
        ok_at: least confidence, 0 to 1, from which a record is ``ok``; None for the calibration's.
        read: how documents are opened.
        num_workers: worker processes; None for one per usable core.
        retry_failed: also redo the documents that failed before.
        force: do everything again.
        limit: stop after so many documents that needed work.
        formats: which exports are written.
        tables: how the tables among them are written.
        fail_on_review: exit 9 where a record needs review.
        max_failures: when to give up.
        deadline: moment, with its zone, from which no document is begun.
        max_minutes: minutes after which no document is begun.
        max_attempts: how often ``retry_failed`` tries a document, over all runs.
        metrics: where figures for Prometheus are written.
        settle_s: watch the inputs, and take a file that nobody has written to for so many
            seconds; None reads what is there and ends.
        trust_here: run ``schemas/NAME.py`` of the working folder wherever that lies.
        runner: where documents are read: one of ``RUNNERS``, or the ``ray://HOST:PORT`` of a
            cluster.
        shard: the part of the inputs that is taken; None for all.
        upload: address in storage where the exports are put too.
        upload_mode: one of ``UPLOAD_MODES``: whether files there are replaced.
    """

    inputs: tuple[str, ...]
    schema: str
    out: Path | None = Path("out")
    engine: str = "auto"
    answers: Path | None = None
    model: ModelOptions = ModelOptions()
    calibration: Path | None = None
    ok_at: float | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    num_workers: int | None = None
    retry_failed: bool = False
    force: bool = False
    limit: int | None = None
    formats: tuple[str, ...] = ("jsonl", "csv")
    tables: TableStyle = field(default_factory=TableStyle)
    fail_on_review: bool = False
    max_failures: MaxFailures = MaxFailures()
    deadline: dt.datetime | None = None
    max_minutes: float | None = None
    max_attempts: int = 3
    metrics: Path | None = None
    settle_s: float | None = None
    trust_here: bool = False
    runner: str = RUNNERS[0]
    shard: Shard | None = None
    upload: str | None = None
    upload_mode: str = "replace"

    def __post_init__(self) -> None:
        unknown = [name for name in self.formats if name not in FORMATS]
        if unknown:
            raise OptionError(f"--format: {unknown[0]!r} is not one of {', '.join(FORMATS)}")
        check_engine(self.engine, self.answers, self.model)
        if self.runner not in RUNNERS and not re.fullmatch(r"ray://[^\s/]+", self.runner):
            raise OptionError(
                f"--runner: {self.runner!r} is neither local nor a cluster",
                "Try ray, or ray://HOST:10001.",
            )
        if self.ok_at is not None and not 0 <= self.ok_at <= 1:
            raise OptionError(f"--ok-at: {self.ok_at:g} is no probability from 0 to 1")
        if self.force and self.retry_failed:
            raise OptionError("--force and --retry-failed exclude each other")
        if self.settle_s is not None and "-" in self.inputs:
            raise OptionError("--watch needs folders, not a list on stdin")
        self._check_storage()

    def _check_storage(self) -> None:
        _check_one_of("--upload-mode", self.upload_mode, UPLOAD_MODES)
        remote = [check_uri(name) for name in self.inputs if is_uri(name)]
        if self.settle_s is not None and remote:
            raise OptionError(
                "--watch needs folders of this machine",
                "Let a timer run the command: what is known in storage is not fetched again.",
            )
        if self.upload is not None and not is_uri(check_uri(self.upload)):
            raise OptionError("--upload needs an address, such as s3://BUCKET/FOLDER")
        if self.upload is not None and self.out is None:
            raise OptionError("--upload needs an --out folder")
        if self.out is not None and is_uri(str(self.out).replace(":/", "://", 1)):
            raise OptionError(
                "--out is a folder of this machine: it holds the database of the run",
                "Keep it here and add --upload ADDRESS for the exports.",
            )
