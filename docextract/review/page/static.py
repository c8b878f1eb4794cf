"""Documents in doubt as one HTML file to read and to send: no script, nothing to save.

Knows nothing of HTTP. A document's text is escaped wherever it goes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from html import escape

from docextract.core import DocumentError, FieldStatus, Tree, part_pages
from docextract.review.pictures.evidence import STYLES, boxes
from docextract.review.pictures.page_pictures import PagePictures
from docextract.review.queue.doubts import Doubt
from docextract.schema import at

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>docextract review</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5em; }
section { display: grid; grid-template-columns: minmax(420px, 5fr) 7fr; gap: 1.5em; }
h1 { font-size: 18px; grid-column: 1 / 3; border-top: 1px solid #888; padding-top: 1em; }
table { border-collapse: collapse; width: 100%; }
td { padding: 2px 8px 2px 0; vertical-align: top; overflow-wrap: anywhere; }
td + td { unicode-bidi: isolate; } td:last-child { white-space: nowrap; font-size: 12px; }
.page { position: relative; margin-bottom: 1em; } .page img { display: block; width: 100%; }
.page i { position: absolute; outline: 2px solid; }
.page .consistent { outline-style: dashed; } .page .unverified { outline: 3px dotted; }
.page .conflict { outline: 4px double; }
</style></head><body>
"""


def static_pages(
    records: Iterable[tuple[Tree, list[Doubt]]], pictures: PagePictures, max_pages: int
) -> Iterator[str]:
    """Yield the text of the file, document by document.

    Args:
        records: as they stand, each with what is in doubt about it.
        pictures: of their pages.
        max_pages: most pages of one document that are shown: those on which values stand.
    """
    yield _HEAD
    for tree, doubts in records:
        name = f"{tree['document']['path']}: {tree['status']}"
        yield f"<section><h1>{escape(name)}</h1>\n<div>"
        yield "<ul>" + "".join(f"<li>{escape(doubt.text)}</li>" for doubt in doubts) + "</ul>\n"
        yield "<table>" + "".join(_rows(tree)) + "</table></div>\n<div>"
        first = (part_pages(tree["document"]["sha256"]) or (1,))[0]
        for number in sorted({page for page, *_ in boxes(tree)} or {first})[:max_pages]:
            yield _page(tree, number, pictures)
        yield "</div></section>\n"
    yield "</body></html>\n"


def _rows(tree: Tree) -> Iterator[str]:
    for path, field in tree["fields"].items():
        status = field["status"]
        value = at(tree["values"], path)
        if status == FieldStatus.ABSENT:
            continue
        style = STYLES[FieldStatus(status)]
        cells = (path, "not there" if value is None else str(value), f"{style.sign} {status}")
        yield "<tr>" + "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in cells) + "</tr>\n"


def _page(tree: Tree, number: int, pictures: PagePictures) -> str:
    try:
        found = pictures.picture(tree["document"]["sha256"], number)
    except DocumentError as error:
        return f"<p>page {number}: {escape(str(error))}</p>"
    data = base64.b64encode(found.data).decode("ascii")
    marks = "".join(
        f'<i class="{status.value}" title="{escape(path)}" style="left:{100 * box.left:.2f}%;'
        f"top:{100 * box.top:.2f}%;width:{100 * box.width:.2f}%;height:{100 * box.height:.2f}%;"
        f'color:rgb{STYLES[status].colour}"></i>'
        for page, box, path, status in boxes(tree)
        if page == number
    )
    image = f'<img alt="page {number}" src="data:image/webp;base64,{data}">'
    return f'<div class="page">{image}{marks}</div>\n'
