"""Reads a page drawn in Icelandic with one more folder of languages, given as its argument.

Run in a process of its own: words are read once, when the module that knows them is imported.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from docextract.schema import languages


def main() -> None:
    languages.FOLDERS = (*languages.FOLDERS, *map(Path, sys.argv[1:]))
    from docextract.normalise import gather_evidence, normalise_tree
    from docextract.normalise.text.identifiers import parse_boolean, parse_country
    from docextract.schema.loading import load_schema
    from support.word_pages import ask_printed

    answer = ask_printed(
        "invoice",
        (50, 40, "Norðurljós ehf."),
        (50, 54, "Laugavegi 12, 101 Reykjavík"),
        (350, 100, "Reikningsnúmer"), (480, 100, "NL-0042"),
        (350, 114, "Dagsetning reiknings"), (480, 114, "3. júní 2025"),
        (350, 128, "Gjalddagi"), (480, 128, "17. júní 2025"),
        (350, 500, "Samtals án VSK"), (480, 500, "100.000,00"),
        (350, 514, "VSK 24 %"), (480, 514, "24.000,00"),
        (350, 528, "Samtals með VSK"), (480, 528, "124.000,00"),
    )  # fmt: skip
    typed, _ = normalise_tree(answer.values, load_schema("invoice"))
    said = {word: parse_boolean(word).value for word in ("já", "nei")}
    text = "reikningur með samtals og upphæð greiðsla við gjalddagi"
    shown = {
        **{name: typed[name] for name in ("invoice_number", "issue_date", "due_date")},
        **{name: typed["totals"][name] for name in ("net", "tax", "gross")}, **said,
        "country": parse_country("Ísland").value, "language": gather_evidence([text]).language,
    }  # fmt: skip
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
