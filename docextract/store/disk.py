"""What the operating system says about the disk, told in words a user can act on.

Knows nothing of what is stored.
"""

from __future__ import annotations

import errno
from pathlib import Path

from docextract.errors import StoreError

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
