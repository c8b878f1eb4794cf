"""Code of users passes ``mypy --strict``, and a typo in it is told."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import docextract

ROOT = Path(__file__).parents[2]
USER = """
    import io
    from decimal import Decimal
    from pathlib import Path

    from pydantic import BaseModel

    from docextract import (
        Answer, Engine, Extraction, Extractor, Failure, ModelOptions, Question, ReadOptions, Reason,
        choose_engine, extract,
    )


    class Bill(BaseModel):
        total: Decimal | None = None


    def total_of(path: Path) -> Decimal | None:
        bill = extract(path, Bill, read=ReadOptions(max_pages=3))
        reveal_type(bill)
        return bill.values.total


    async def awaited(data: bytes) -> str:
        with Extractor(Bill, engine=choose_engine("text", model=ModelOptions())) as extractor:
            result = await extractor.aextract(io.BytesIO(data))
        return result.to_json() if result.is_valid else result.errors[0].message


    def many(paths: list[Path]) -> dict[str, Decimal | Reason | None]:
        found: dict[str, Decimal | Reason | None] = {}
        with Extractor(Bill, workers=2) as extractor:
            for result in extractor.extract_many(paths, in_order=False):
                if isinstance(result, Failure):
                    found[str(result.source)] = result.error.reason
                else:
                    found[result.record.document.path] = result.values.total
        return found


    def by_name(path: str) -> str:
        gross: str = extract(path, "invoice").values.totals.gross
        return gross
"""


def checked(tmp_path, code):
    """Return what mypy says of a user's file."""
    path = tmp_path / "user.py"
    path.write_text(textwrap.dedent(code))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(path)]
    cache = ["--cache-dir", str(tmp_path.parent / "mypy")]
    done = subprocess.run([*command, *cache], cwd=tmp_path, capture_output=True, text=True)
    return done.stdout


def test_code_of_users_is_typed_and_a_typo_in_it_is_told(tmp_path):
    told = checked(tmp_path, USER)
    assert 'Revealed type is "docextract.api.extraction.Extraction[user.Bill]"' in told
    assert "Success" in told, told
    typo = checked(tmp_path, USER.replace("return bill.values.total", "return bill.values.totl"))
    assert '"Bill" has no attribute "totl"; maybe "total"?' in typo
    wrong = checked(tmp_path, USER.replace("extract(path, Bill,", "extract(7, Bill,"))
    assert "No overload variant" in wrong


def test_every_public_name_is_in_the_docs():
    page = (ROOT / "docs/api.md").read_text("utf-8")
    table = page.partition("## Names")[2]
    assert set(re.findall(r"`(\w+)`", table.partition("All are typed")[0])) == set(
        docextract.__all__
    )
