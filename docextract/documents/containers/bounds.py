"""How much a container may hold before it is taken for a trap, and the count of it.

Knows nothing of formats.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.core import DocumentError, Reason

UNPACK_IT = "Unpack it yourself and give the folder."


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is taken out of one file, with all that is nested in it.

    Attributes:
        max_depth: containers in containers.
        max_members: files, documents or not.
        max_bytes: of all members together, unpacked.
        max_member_bytes: of one member, unpacked.
        max_ratio: bytes unpacked for each packed; deflate reaches 1032 on nothing but zeros.
        min_suspect_bytes: below this, no ratio is suspect: blank scans pack well too.
    """

    max_depth: int = 5
    max_members: int = 10_000
    max_bytes: int = 2 * 2**30
    max_member_bytes: int = 500 * 2**20
    max_ratio: int = 200
    min_suspect_bytes: int = 10 * 2**20

    def check_size(self, num_bytes: int, num_packed: int) -> None:
        """Check one member by what its container says of it, before anything is unpacked.

        Raises:
            DocumentError: ``too_large``.
        """
        if num_bytes > self.max_member_bytes:
            raise too_large(f"It unpacks to over {self.max_member_bytes // 2**20} MiB.")
        is_packed_well = num_bytes > self.max_ratio * max(num_packed, 1)
        if num_bytes > self.min_suspect_bytes and is_packed_well:
            raise too_large(
                f"It unpacks to {num_bytes // max(num_packed, 1)} times its size, as bombs do."
            )


class OverBoundsError(DocumentError):
    """All that one file holds is over a bound: what comes after is left."""


class Count:
    """What was taken out of one file so far.

    Args:
        bounds: the most it may be.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._num_members = 0
        self._num_bytes = 0

    def member(self) -> None:
        """Count a member that comes next.

        Raises:
            OverBoundsError: there are too many.
        """
        self._num_members += 1
        if self._num_members > self._bounds.max_members:
            most = f"{self._bounds.max_members:,} files"
            raise _over(f"It holds over {most}; the rest is left.")

    def unpacked(self, num_bytes: int) -> None:
        """Count the bytes of a member.

        Raises:
            OverBoundsError: they are too many together.
        """
        self._num_bytes += num_bytes
        if self._num_bytes > self._bounds.max_bytes:
            most = f"{self._bounds.max_bytes // 2**20:,} MiB"
            raise _over(f"It unpacks to over {most} in all; the rest is left.")


def too_large(message: str) -> DocumentError:
    """Return the error of a container or member that is over a bound."""
    return DocumentError(Reason.TOO_LARGE, message, hint=UNPACK_IT)


def _over(message: str) -> OverBoundsError:
    return OverBoundsError(Reason.TOO_LARGE, message, hint=UNPACK_IT)
