"""The error tree, the exit codes and the closed set of reasons a document can fail for.

Knows nothing of documents, engines or terminals: it only names what can go wrong.

DocextractError
├── UsageError              2   the caller can fix the command
│   ├── OptionError             impossible or unknown option value
│   ├── SchemaNotFoundError     says what was searched and the nearest name
│   ├── SchemaInvalidError      the schema does not import, parse or hold a field
│   ├── UnclearValueError       what a person typed means nothing, or two things
│   └── OvertakenError          somebody else has changed the same value meanwhile
├── SetupError              3   the machine can be fixed
│   ├── MissingDependencyError  a package or program is not installed
│   ├── DeviceError             no GPU, or too little memory on it
│   ├── RemoteError             storage does not answer, or not to these keys
│   └── ModelLoadError          weights absent, damaged or of an unsafe kind
├── StoreError              4   disk full, corrupted store, newer format
├── NoDocumentsError        7   nothing matched the inputs
├── OutputBusyError        75   another run holds this output folder
└── DocumentError           6   recorded on the document, never ends a run
    └── EngineError             the engine failed on it
"""

from __future__ import annotations

import errno
import json
import traceback
from enum import IntEnum, StrEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Process exit codes: a stable interface, listed in the README and tested."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SETUP = 3
    STORE = 4
    SOME_FAILED = 5
    ALL_FAILED = 6
    NO_DOCUMENTS = 7
    STOPPED = 8
    NEEDS_REVIEW = 9
    BUSY = 75
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


EXIT_MEANING: dict[ExitCode, str] = {
    ExitCode.OK: "every document ok, review or skipped",
    ExitCode.UNEXPECTED: "unexpected: a bug was recorded",
    ExitCode.USAGE: "usage: fix the command",
    ExitCode.SETUP: "set-up: weights, dependency, device, storage, or an engine that only fails",
    ExitCode.STORE: "store: disk full, corrupted or newer format",
    ExitCode.SOME_FAILED: "finished, some documents failed",
    ExitCode.ALL_FAILED: "finished, all documents failed",
    ExitCode.NO_DOCUMENTS: "no document matched",
    ExitCode.STOPPED: "stopped at --deadline, --max-minutes or --max-failures; run again to resume",
    ExitCode.NEEDS_REVIEW: "something needs review (only with --fail-on review)",
    ExitCode.BUSY: "another run holds this output folder",
    ExitCode.INTERRUPTED: "interrupted by SIGINT; run again to resume",
    ExitCode.CLOSED_PIPE: "the reader of stdout went away",
    ExitCode.TERMINATED: "interrupted by SIGTERM; run again to resume",
}
ANSWER_STAGE = "answer"
"""The stage of a record's errors that are an engine's."""


class Reason(StrEnum):
    """Why a document or page failed: closed, and explained in ``docs/errors.md``."""

    DUPLICATE = "duplicate"
    EMPTY_FILE = "empty_file"
    NOT_A_DOCUMENT = "not_a_document"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    XFA_FORM = "xfa_form"
    ZERO_PAGES = "zero_pages"
    NO_SUCH_PAGE = "no_such_page"
    CORRUPT = "corrupt"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    WORKER_CRASH = "worker_crash"
    INTERRUPTED = "interrupted"
    READ_ERROR = "read_error"
    PERMISSION = "permission"
    VANISHED = "vanished"
    CHANGED = "changed"
    INVALID_EINVOICE = "invalid_einvoice"
    TRUNCATED_ANSWER = "truncated_answer"
    INVALID_ANSWER = "invalid_answer"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    ENGINE_FAILED = "engine_failed"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    INTERNAL = "internal"


HINTS: dict[Reason, str] = {
    Reason.DUPLICATE: "Another input has the same bytes; its record stands for both.",
    Reason.EMPTY_FILE: "The file has 0 bytes; export or copy it again.",
    Reason.NOT_A_DOCUMENT: "Check that it is the right file; it is no PDF, image or e-invoice.",
    Reason.UNSUPPORTED: "Convert it to PDF, PNG, JPEG or TIFF.",
    Reason.ENCRYPTED: "Give --password (or DOCEXTRACT_PASSWORD; in Python"
    " ReadOptions(password=...)); a run needs --retry-failed too.",
    Reason.XFA_FORM: "Open it in Adobe Reader and print it to a plain PDF.",
    Reason.ZERO_PAGES: "There is nothing to read in it; fetch it again from its source.",
    Reason.NO_SUCH_PAGE: "Pages are numbered from 1; see --pages.",
    Reason.CORRUPT: "The file is damaged; fetch it again from its source.",
    Reason.TOO_LARGE: "Reduce it: its bytes, pixels or page size are over the limit.",
    Reason.TOO_MANY_PAGES: "Choose pages with --pages or raise --max-pages.",
    Reason.TIMEOUT: "Split it, or give a higher --timeout; a run needs --retry-failed too.",
    Reason.OUT_OF_MEMORY: "It unpacks to more than a worker may hold; print it to a plain PDF.",
    Reason.WORKER_CRASH: "It crashed the reader; convert it with another program.",
    Reason.INTERRUPTED: "Nothing is wrong with it; the next run reads it again.",
    Reason.READ_ERROR: "The disk or share did not deliver it; check and retry.",
    Reason.PERMISSION: "Give this user read access, then run again.",
    Reason.VANISHED: "There is no such file now; check the path, or put it back and run again.",
    Reason.CHANGED: "It changed while it was read; run again when it is settled.",
    Reason.INVALID_EINVOICE: "Its XML is damaged; --no-embedded reads the page only.",
    Reason.TRUNCATED_ANSWER: "The model stopped early; complete rows were kept.",
    Reason.INVALID_ANSWER: "The answer did not fit the schema.",
    Reason.NO_ANSWER: "Record an answer to it first, or leave it out of this run.",
    Reason.REFUSED: "Change what the message names at the server, then use --retry-failed.",
    Reason.ENGINE_FAILED: "See the message; when it is mended, use --retry-failed.",
    Reason.ENGINE_UNAVAILABLE: "See the server's log; the next run asks again by itself.",
    Reason.INTERNAL: "This is a bug in docextract; please report the log.",
}
_ENGINE_HINTS: dict[Reason, str] = {
    Reason.TOO_LARGE: "Take a model with a longer context, fewer --pages or fewer fields.",
    Reason.TIMEOUT: "The next run asks again by itself; if that helps not, take a faster model.",
    Reason.OUT_OF_MEMORY: "Free memory on the device or take a smaller model; the next run asks "
    "again by itself.",
}
"""Where the same reason has another remedy if it was the engine."""
TRANSIENT = frozenset(
    {
        Reason.VANISHED,
        Reason.PERMISSION,
        Reason.READ_ERROR,
        Reason.CHANGED,
        Reason.INTERRUPTED,
        Reason.ENGINE_UNAVAILABLE,
    }
)
_TRANSIENT_OF_ENGINES = frozenset({Reason.OUT_OF_MEMORY, Reason.TIMEOUT})


def is_transient(stage: str, reason: str) -> bool:
    """Return whether a failure lies outside the document, so that the next run tries it again.

    An engine without memory or time may have them tomorrow; a document that takes too much of
    them when it is opened will do so again.
    """
    return reason in TRANSIENT or (stage == ANSWER_STAGE and reason in _TRANSIENT_OF_ENGINES)


class DocextractError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        exit_code: what the process ends with if nobody handles it.
        hint: one line that tells the user what to do next.
    """

    exit_code = ExitCode.UNEXPECTED
    hint = "Please report this with the log."

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class UsageError(DocextractError):
    """The caller can fix the command."""

    exit_code = ExitCode.USAGE
    hint = "See docextract --help."


class OptionError(UsageError):
    """An option has an impossible or unknown value."""


class SchemaNotFoundError(UsageError):
    """No schema of that name; the message says what was searched."""

    hint = "See docextract schema list."


class SchemaInvalidError(UsageError):
    """The schema does not import, parse, or hold a single field."""

    hint = "docs/schemas.md shows how schemas are written."


class UnclearValueError(UsageError):
    """What a person typed is no value of its field, or could be several.

    Attributes:
        choices: what it could be, written so that it is clear.
    """

    def __init__(self, message: str, hint: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.choices = choices


class OvertakenError(UsageError):
    """Somebody else has changed what a person looked at."""

    hint = "Look at it again, then say it once more if it still holds."


class SetupError(DocextractError):
    """The machine can be fixed."""

    exit_code = ExitCode.SETUP


class MissingDependencyError(SetupError):
    """A Python package or a program is not installed."""


class DeviceError(SetupError):
    """No usable GPU, or too little memory on it."""


class ModelLoadError(SetupError):
    """Weights are absent, damaged or of an unsafe kind."""


class RemoteError(SetupError):
    """Object storage does not answer, has no such place, or lets these keys not in."""

    hint = "When it answers again, the same command goes on from there."


class StoreError(DocextractError):
    """The store cannot be read or written."""

    exit_code = ExitCode.STORE
    hint = "Free disk space or choose another --out; stored records are kept."


class NoDocumentsError(DocextractError):
    """Nothing matched the inputs."""

    exit_code = ExitCode.NO_DOCUMENTS
    hint = "Give files, folders or globs that hold PDFs, images or e-invoice XML."


class OutputBusyError(DocextractError):
    """Another run holds this output folder."""

    exit_code = ExitCode.BUSY
    hint = "Wait for it to end, or choose another --out."


class DocumentError(DocextractError):
    """One document or page cannot be read; recorded, never ends a run.

    It ends what was asked of that document alone.
    """

    exit_code = ExitCode.ALL_FAILED

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        page: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint or HINTS[reason])
        self.reason = reason
        self.page = page


class EngineError(DocumentError):
    """An engine failed on one question; recorded, never ends a run."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        page: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(reason, message, page=page, hint=hint or _ENGINE_HINTS.get(reason))


MISFITS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a file of someone's own writing raises where it does not hold what it should."""


def describe_misfit(error: Exception) -> str:
    """Return what is wrong with a file that raised one of ``MISFITS``, for who wrote it."""
    if isinstance(error, KeyError):
        return f"there is no {error}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    if isinstance(error, AttributeError | TypeError):
        # Python's own words speak of its types.
        return "something in it is of another kind than belongs there"
    return f"it is no JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)


def describe_bug(error: Exception) -> tuple[str, str]:
    """Return what and where an unexpected error is, short and with its traceback.

    Its own message is left out: it may hold text of the document.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, {Path(frames[-1].filename).name}" if frames else ""
    trace = "".join(traceback.format_list(frames))
    name = type(error).__name__
    return f"{name}{where}.", f"{trace}{name}"


_REMEDIES = {
    errno.EACCES: "Give this user write access, or choose another --out.",
    errno.EPERM: "Give this user write access, or choose another --out.",
    errno.EROFS: "The file system is read-only; choose another --out.",
    errno.ENAMETOOLONG: "The name is too long; choose another --out.",
}


def disk_error(path: Path | str, error: OSError) -> StoreError:
    """Return the error of a path that cannot be written."""
    hint = _REMEDIES.get(error.errno or 0)
    return StoreError(f"cannot write {path}: {error.strerror or error}", hint)


def check_working_folder() -> None:
    """Raise where the folder that relative names are taken from is gone.

    Raises:
        SetupError: it was removed while somebody stood in it.
    """
    try:
        Path.cwd()
    except OSError as error:
        hint = "Change to a folder that is there (cd), then run the same again."
        raise SetupError("the working folder is gone", hint) from error
