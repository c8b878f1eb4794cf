"""The site has every page once, and no link of a page leads out of it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def pages_of_site():
    nav = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    return re.findall(r"[\w-]+\.md", nav)


def test_every_page_stands_in_the_site_once():
    assert sorted(pages_of_site()) == sorted(path.name for path in DOCS.glob("*.md"))


def test_links_stay_within_the_site_and_meet_a_heading():
    wrong = []
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\((?!http)([^)\s]+)\)", page.read_text("utf-8")):
            name, _, anchor = target.partition("#")
            there = DOCS / name if name else page
            is_inside = not name.startswith("..") and there.exists()
            if not is_inside or (anchor and anchor not in headings(there)):
                wrong.append(f"{page.name}: {target}")
    assert wrong == []


def headings(page):
    """Return what the headings of a page are called in addresses."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", title.lower()).strip() for title in found)
    return {re.sub(r"[\s-]+", "-", title) for title in plain}
