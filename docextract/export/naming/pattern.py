"""The pattern people write for names of files, such as ``{issue_date:%Y}/{seller.name}.pdf``.

Knows nothing of files. What a document says is made harmless before it becomes part of a name: it
adds no folder, is no way out of one, and no name that a file system refuses.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from docextract.core import OptionError, Tree, is_uri, named_pages, shown_uri, to_text
from docextract.export.naming.mirror import cut_name
from docextract.export.tables.typed import Typed, typed
from docextract.schema import Kind, at

FieldKind = tuple[str, str]

OWN = ("document.stem", "document.sha256", "document.status")
"""What can be named beside the schema's fields."""

_REFUSED = re.compile(r'[/\\:*?"<>|]')
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE
)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_MAX_SAMPLE = 200
_DIRECTIVE = re.compile("%[-_0^#]?[aAbBcCdDeFgGhHIjmMprRSTuUVwWxXyY]")
"""What says something of a date (C99, ``strftime``)."""
_DATES = (Kind.DATE, Kind.DATETIME)
_SAMPLES: dict[str, str] = {
    Kind.DATE: "2000-12-31", Kind.DATETIME: "2000-12-31T23:59", Kind.BOOLEAN: "true",
}  # fmt: skip


class _Piece(NamedTuple):
    """A part of a pattern: text as it stands, then a field and how it is written."""

    text: str
    path: str
    kind: str
    form: str


class Filled(NamedTuple):
    """A pattern filled with a document's fields.

    Attributes:
        path: below the pattern's root, without an ending; None where fields are missing.
        missing: paths of fields that the document does not say, or not in letters.
    """

    path: PurePosixPath | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Pattern:
    """How files are named.

    Attributes:
        root: the folder that all of them stay below: what stands before the first field.
    """

    root: Path
    _pieces: tuple[_Piece, ...]

    @classmethod
    def parse(cls, text: str, fields: Sequence[FieldKind]) -> Pattern:
        """Return the pattern as it was written.

        Args:
            text: folders and a name with fields in braces; behind a colon, how a date
                (``%Y-%m``), a number (``.0f``) or a text (``.20``) is written.
            fields: of the schema.

        Raises:
            OptionError: it lies in storage, names no field, one that nobody knows or that is in a
                list, writes one as it cannot be written, or goes up by ``..`` behind a field.
        """
        if is_uri(text):
            raise OptionError(
                f"--to: {shown_uri(text)} lies in storage, and documents are filed in folders",
                "File them in a folder of this machine, and copy that to storage.",
            )
        pieces = list(_pieces(text, dict(fields)))
        if not any(piece.path for piece in pieces):
            raise OptionError(f"--to: {text!r} names no field", _HINT)
        folder, slash, begin = pieces[0].text.rpartition("/")
        root = Path(f"{folder}{slash}" or ".").expanduser()
        pieces[0] = pieces[0]._replace(text=begin)
        last = pieces[-1]
        if not last.path:
            pieces[-1] = last._replace(text=_ENDING.sub("", last.text))
        _check(text, pieces)
        return cls(root, tuple(pieces))

    def fill(self, tree: Tree) -> Filled:
        """Return the name of a record's file; the file's own ending comes behind it."""
        missing, text = [], ""
        for piece in self._pieces:
            text += piece.text
            said = _said(tree, piece) if piece.path else ""
            if piece.path and not said:
                missing.append(piece.path)
            text += said
        parts = [_harmless(part) for part in text.split("/") if part]
        return Filled(None if missing else PurePosixPath(*parts), tuple(missing))


_HINT = "Try --to 'archive/{issue_date:%Y}/{seller.name}-{invoice_number}.pdf'."


def _pieces(text: str, kinds: dict[str, str]) -> Iterator[_Piece]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise OptionError(f"--to: {text!r}: {error}", _HINT) from error
    for literal, path, form, conversion in parsed:
        if path is None:
            yield _Piece(literal, "", "", "")
            continue
        if path not in kinds and path not in OWN:
            raise OptionError(f"--to: there is no field {path!r}{_guess(path, kinds)}", _HINT)
        if "[]" in path or conversion or "{" in (form or ""):
            raise OptionError(f"--to: {{{path}}} cannot be part of a name", _HINT)
        piece = _Piece(literal, path, kinds.get(path, Kind.TEXT.value), form or "")
        _check_form(piece)
        yield piece


def _guess(path: str, kinds: dict[str, str]) -> str:
    known = [*(one for one in kinds if "[]" not in one), *OWN]
    ends = [one for one in known if one.rpartition(".")[2] == path]
    near = ends or get_close_matches(path, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _check_form(piece: _Piece) -> None:
    if piece.form and piece.kind in _DATES:
        _check_directives(piece)
    is_number = isinstance(typed("1", piece.kind), Decimal)
    sample = typed("1.5" if is_number else _SAMPLES.get(piece.kind, "x"), piece.kind)
    try:
        shown = _formed(sample, piece.form)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise OptionError(f"--to: {{{piece.path}:{piece.form}}}: {error}", _HINT) from error
    if not shown.strip() or len(shown) > _MAX_SAMPLE:
        raise OptionError(f"--to: {{{piece.path}:{piece.form}}} is no part of a name", _HINT)


def _check_directives(piece: _Piece) -> None:
    """Check that a date's form says something of it, and nothing that no machine knows."""
    rest, num_found = _DIRECTIVE.subn("", piece.form.replace("%%", ""))
    if "%" in rest or not num_found:
        told = f"--to: {{{piece.path}:{piece.form}}}: that is no way to write a date"
        raise OptionError(told, f"Write %Y, %m and %d for it: {{{piece.path}:%Y-%m}}.")


def _check(text: str, pieces: Sequence[_Piece]) -> None:
    """Check that no part that people wrote leads out of the folder."""
    forms = (piece.form if piece.kind in _DATES else "" for piece in pieces)
    shape = "".join(f"{piece.text}x{form}" for piece, form in zip(pieces, forms, strict=True))
    if any(part in (".", "..") for part in shape.split("/")) or "/../" in f"/{shape}/":
        raise OptionError(f"--to: {text!r} goes up behind a field", "Write .. at the beginning.")


def _formed(value: Typed, form: str) -> str:
    return format(value, form) if form else str(value)


def _said(tree: Tree, piece: _Piece) -> str:
    """Return what a document says of a field, as a part of a name; empty where nothing."""
    value = typed(_value(tree, piece.path), piece.kind)
    if value is None:
        return ""
    try:
        said = _formed(value, piece.form)
    except (ValueError, TypeError):
        return ""
    # Only people can make folders of a value: by the way they have a date written.
    is_date = piece.kind in _DATES and not isinstance(value, str)
    parts = said.split("/") if is_date else [said]
    return "/".join(filter(None, map(_clean, parts)))


def _value(tree: Tree, path: str) -> Any:
    document = tree["document"]
    own = {
        "document.stem": _stem(document["path"]),
        "document.sha256": document["sha256"],
        "document.status": tree["status"],
    }
    return own[path] if path in own else at(tree["values"], path)


def _clean(text: str) -> str:
    """Return text without what no name may hold; dots and blanks at its beginning go too."""
    shown = "".join(
        " " if unicodedata.category(char) in _HIDDEN else char
        for char in unicodedata.normalize("NFC", to_text(text))
    )
    return " ".join(_REFUSED.sub("-", shown).split()).lstrip(" .")


def _harmless(part: str) -> str:
    """Return one name of a path, whole, as every file system takes it."""
    kept = part.rstrip(" .") or "_"
    return cut_name(f"_{kept}" if _RESERVED.fullmatch(kept) else kept, "")


def with_ending(path: PurePosixPath, ending: str) -> PurePosixPath:
    """Return a path whose name has a file's own ending, shortened where it is too long for it."""
    return path.with_name(cut_name(path.name, ending))


def _stem(path: str) -> str:
    """Return a file's name without its ending, and with the pages of a part."""
    file, pages = named_pages(path) or (path, "")
    return PurePosixPath(file).stem + (f"-p{pages}" if pages else "")
