"""Which weights a folder holds: the hub's name and commit where known, else a hash of them.

Knows nothing of loading.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from docextract.core import ModelLoadError

ORIGIN_FILE = "docextract-origin.json"
"""What ``models fetch --out`` writes beside the weights."""
_SAMPLE_BYTES = 4096
_MAX_HEADER_BYTES = 100 * 2**20


class Identity(NamedTuple):
    """Name and version of weights."""

    model_id: str
    revision: str


def identify(folder: Path) -> Identity:
    """Return the hub id and commit of weights fetched from the hub, else name and hash.

    Raises:
        ModelLoadError: a safetensors file is damaged.
    """
    # Resolving the folder itself: the snapshot's name is its commit.
    whole = folder.resolve()
    snapshot = re.fullmatch(r"[0-9a-f]{40}", whole.name)
    repository = whole.parent.parent.name
    if snapshot and whole.parent.name == "snapshots" and repository.startswith("models--"):
        return Identity(repository.removeprefix("models--").replace("--", "/"), whole.name)
    digest = digest_weights(whole)
    return _told_origin(whole, digest) or Identity(whole.name, digest)


def with_adapter(identity: Identity, adapter: Path | None) -> Identity:
    """Return the identity of weights with a LoRA, if there is one."""
    if adapter is None:
        return identity
    name = adapter.resolve().name
    revision = f"{identity.revision}+{digest_weights(adapter)}"
    return Identity(f"{identity.model_id}+{name}", revision)


def write_origin(folder: Path, identity: Identity) -> None:
    """Note where the weights in ``folder`` came from; it holds until one of them changes."""
    row = {**identity._asdict(), "digest": digest_weights(folder)}
    (folder / ORIGIN_FILE).write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")


def _told_origin(folder: Path, digest: str) -> Identity | None:
    try:
        row = json.loads((folder / ORIGIN_FILE).read_text(encoding="utf-8"))
        is_same = row["digest"] == digest
        return Identity(str(row["model_id"]), str(row["revision"])) if is_same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def digest_weights(folder: Path) -> str:
    """Return 16 hex digits that change when any tensor, its shape or a JSON file changes.

    Of each tensor three samples of 4 KiB are read, so that tens of gigabytes take under a
    second: training and merging change whole matrices.

    Raises:
        ModelLoadError: a safetensors file is damaged.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        if path.name != ORIGIN_FILE:
            digest.update(path.name.encode() + path.read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with path.open("rb") as file:
                for sample in _samples(file, path.stat().st_size):
                    digest.update(sample)
        except (ValueError, KeyError, TypeError) as error:
            raise ModelLoadError(f"{path} is damaged: {error}", "Fetch the model again.") from error
    return digest.hexdigest()[:16]


def _samples(file: BinaryIO, num_bytes: int) -> Iterator[bytes]:
    """Yield a safetensors file's header, then three samples of each tensor.

    The format is 8 bytes of length, that much JSON with ``data_offsets``, then the data
    (huggingface.co/docs/safetensors).
    """
    length = int.from_bytes(file.read(8), "little")
    if length > min(num_bytes, _MAX_HEADER_BYTES):
        raise ValueError("its header is longer than the file")
    header = file.read(length)
    yield header
    for name, tensor in sorted(json.loads(header).items()):
        if name == "__metadata__":
            continue
        start, end = tensor["data_offsets"]
        for at in sorted({start, (start + end) // 2, max(start, end - _SAMPLE_BYTES)}):
            file.seek(8 + length + at)
            yield file.read(min(_SAMPLE_BYTES, end - at))
