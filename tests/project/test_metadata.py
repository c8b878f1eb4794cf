"""The package's page leads to the project's home wherever the README leads into the checkout."""

from __future__ import annotations

import re
import runpy
import sys
from types import ModuleType

HOME = "https://example.org/us/docextract"


def metadata(root, monkeypatch, home):
    """Return what the hook of the build adds, with nothing of the build there but its base."""
    base = ModuleType("hatchling.metadata.plugin.interface")
    base.MetadataHookInterface = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, base.__name__, base)
    monkeypatch.setenv("DOCEXTRACT_HOME_URL", home)
    hook = runpy.run_path(str(root / "hatch_build.py"))["HomeInMetadata"]()
    hook.root = str(root)
    found: dict[str, object] = {}
    hook.update(found)
    return found


def test_every_link_of_the_readme_is_whole_where_the_home_is_known(root, monkeypatch):
    found = metadata(root, monkeypatch, HOME)
    text = found["readme"]["text"]
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all(link.startswith("https://") for link in links)
    assert f"]({HOME}/blob/main/docs/api.md)" in text
    assert f"]({HOME}/raw/main/docs/evidence.png)" in text
    assert set(found["urls"]) == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}


def test_without_a_home_there_is_the_readme_as_it_stands(root, monkeypatch):
    found = metadata(root, monkeypatch, "")
    assert found["readme"]["text"] == (root / "README.md").read_text("utf-8")
    assert found["urls"] == {}
