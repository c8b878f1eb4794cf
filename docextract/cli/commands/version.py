"""``docextract version``: what a bug report needs to say.

Knows nothing of the packages it names.
"""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Annotated

import typer

from docextract.cli.options import option
from docextract.cli.output import boundary
from docextract.core import ExitCode, __version__

_PACKAGES = (
    "pydantic", "pypdfium2", "rapidocr", "onnxruntime", "pillow", "torch", "transformers",
    "bitsandbytes", "llguidance",
)  # fmt: skip


@boundary
def version(
    is_json: Annotated[bool, option("--json", "One JSON object.")] = False,
) -> ExitCode:
    """Print the versions of docextract, Python and the packages that read documents."""
    from docextract.core import to_json

    found = {"docextract": __version__, "python": platform.python_version()}
    found |= {name: _installed(name) for name in _PACKAGES}
    found["platform"] = platform.platform()
    lines = [f"{name} {number}" for name, number in found.items()]
    typer.echo(to_json(found, indent=2) if is_json else "\n".join(lines))
    return ExitCode.OK


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
