"""Fetches a model from the hub at one commit, safetensors only, and finds what was fetched.

Knows nothing of loading. The only file of the project that opens a network connection, and
only for ``docextract models fetch``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from docextract.core import MissingDependencyError, ModelLoadError, SetupError
from docextract.engine.llava.weights.catalogue import CatalogueModel
from docextract.engine.llava.weights.identity import Identity, write_origin

PATTERNS = ("*.safetensors", "*.json", "*.jinja", "*.txt", "tokenizer.model", "LICENSE*")
"""Weights, and what config, tokenizer and chat template are made of; no pickle, no code."""
_REF = "docextract"


class Fetched(NamedTuple):
    """Where a model lies now, and which commit it is."""

    folder: Path
    commit: str
    num_bytes: int


def fetch(model: CatalogueModel, revision: str | None = None, out: Path | None = None) -> Fetched:
    """Download a model and return where it lies.

    A revision that is not given is the catalogue's; where that has none, the head of main.
    Either way it is turned into a commit first and that commit is what is downloaded. A
    download that was cut goes on where it stopped.

    Args:
        model: which one.
        revision: a commit, branch or tag of its repository.
        out: a folder to hold the files; the hub's cache if None.

    Raises:
        ModelLoadError: nobody published safetensors of it, or not at this revision.
        SetupError: the hub cannot be reached, or the disk is too small.
        MissingDependencyError: huggingface_hub is not installed.
    """
    if model.hub_id is None:
        raise ModelLoadError(f"{model.name} cannot be fetched", model.note)
    hub = _hub()
    if _is_offline():
        raise SetupError(
            f"{model.name} cannot be fetched: HF_HUB_OFFLINE is set",
            "Unset it, or fetch elsewhere with --out and copy the folder for --model.",
        )
    with _hub_boundary(model.hub_id):
        info = hub.HfApi().model_info(
            model.hub_id, revision=revision or model.revision, files_metadata=True
        )
        num_bytes = _num_bytes(info, model.hub_id)
        _check_disk(num_bytes, out or _cache())
        folder = Path(
            hub.snapshot_download(
                model.hub_id, revision=info.sha, allow_patterns=list(PATTERNS), local_dir=out
            )
        )
    if out is None:
        _repository(model.hub_id).joinpath("refs").mkdir(exist_ok=True)
        _repository(model.hub_id).joinpath("refs", _REF).write_text(info.sha, encoding="utf-8")
    else:
        write_origin(folder, Identity(model.hub_id, info.sha))
    return Fetched(folder, info.sha, num_bytes)


def fetched_folder(model: CatalogueModel) -> Path | None:
    """Return where the hub's cache holds a model, or None; opens no connection.

    Of several commits it is the one ``fetch`` took last, else the pinned one, else main.
    """
    if model.hub_id is None:
        return None
    repository = _repository(model.hub_id)
    commits = (_ref(repository, _REF), model.revision, _ref(repository, "main"))
    folders = (repository / "snapshots" / commit for commit in commits if commit)
    return next((folder for folder in folders if (folder / "config.json").is_file()), None)


def _repository(hub_id: str) -> Path:
    return _cache() / f"models--{hub_id.replace('/', '--')}"


def _ref(repository: Path, name: str) -> str | None:
    path = repository / "refs" / name
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingDependencyError(
            f"models need huggingface_hub: {error}", "pip install huggingface_hub"
        ) from error
    return huggingface_hub


def _cache() -> Path:
    """Return the hub's cache folder; its constants are imported apart from its client."""
    _hub()
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _is_offline() -> bool:
    from huggingface_hub import constants

    return bool(constants.is_offline_mode())


def _num_bytes(info: Any, hub_id: str) -> int:
    """Return what will be downloaded; fail where there are no safetensors to download."""
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    if not any(name.endswith(".safetensors") for name in sizes):
        raise ModelLoadError(
            f"{hub_id} has no safetensors at {info.sha}",
            "Only safetensors are loaded; give another --revision.",
        )
    return sum(size for name, size in sizes.items() if any(Path(name).match(p) for p in PATTERNS))


def _check_disk(num_bytes: int, folder: Path) -> None:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < num_bytes:
        raise SetupError(
            f"{num_bytes / 1e9:.1f} GB are needed in {folder}, {free / 1e9:.1f} GB are free",
            "Free disk space, or choose another disk with --out or HF_HOME.",
        )


@contextmanager
def _hub_boundary(hub_id: str) -> Iterator[None]:
    """Turn what the hub's client raises into errors with a remedy."""
    from huggingface_hub import errors

    try:
        yield
    except errors.RevisionNotFoundError as error:
        hint = "Give another with --revision, such as --revision main."
        raise ModelLoadError(f"{hub_id} has no such revision", hint) from error
    except errors.RepositoryNotFoundError as error:
        hint = "Check the name; for a private or gated model set HF_TOKEN."
        raise ModelLoadError(f"the hub has no {hub_id}, or does not show it", hint) from error
    except (OSError, errors.HTTPError, errors.HFValidationError) as error:
        # A refused connection is the HTTP library's own error and no OSError.
        raise SetupError(
            f"{hub_id} could not be fetched: {error}",
            "Check the network and HF_ENDPOINT and run it again; what is there is kept.",
        ) from error
