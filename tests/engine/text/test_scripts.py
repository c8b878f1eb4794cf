"""Pages in full-width forms, in Arabic digits, and written from right to left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.word_pages import ask_printed, leaf


def schema_of(folder: Path, number: str, date: str, total: str) -> str:
    """Return the path of a schema whose titles are labels in some language."""
    kinds = {"number": (number, {}), "date": (date, {"format": "date"}), "total": (total, {})}
    properties = {
        name: {"type": "number" if name == "total" else "string", "title": title, **more}
        for name, (title, more) in kinds.items()
    }
    path = folder / "paper.json"
    tree = {"type": "object", "title": "Paper", "properties": properties}
    path.write_text(json.dumps(tree, ensure_ascii=False), "utf-8")
    return str(path)


def read(schema: str, *printed: tuple[float, float, str]) -> list[object]:
    values = ask_printed(schema, *printed).values
    return [leaf(values, name) for name in ("number", "date", "total")]


@pytest.mark.parametrize(
    "values",
    [
        ("SK-0288", "令和6年6月6日", "¥107,800"),
        ("SK－０２８８", "令和６年６月６日", "¥１０７，８００"),
    ],
    ids=["narrow", "full width"],
)
def test_a_japanese_page_is_read(tmp_path: Path, values: tuple[str, str, str]) -> None:
    number, date, total = values
    found = read(
        schema_of(tmp_path, "請求書番号", "発行日", "ご請求金額"),
        (60, 78, "請求書番号："), (220, 78, number),
        (60, 104, "発行日："), (220, 104, date),
        (60, 208, "ご請求金額"), (220, 208, total),
    )  # fmt: skip
    assert found == ["SK-0288", "令和6年6月6日", "¥107,800"]


def test_a_chinese_label_may_go_on_in_brackets(tmp_path: Path) -> None:
    found = read(
        schema_of(tmp_path, "发票号码", "开票日期", "价税合计"),
        (60, 78, "发票号码："), (220, 78, "25-117"),
        (60, 104, "开票日期："), (220, 104, "2026年03月12日"),
        (60, 208, "价税合计（小写）："), (220, 208, "￥597.44"),
    )  # fmt: skip
    assert found == ["25-117", "2026年03月12日", "¥597.44"]


@pytest.mark.parametrize(
    ("number", "date", "total"),
    [("7731", "12/03/2026", "2,875.50"), ("٧٧٣١", "١٢/٠٣/٢٠٢٦", "٢٬٨٧٥٫٥٠")],
    ids=["western", "Arabic-Indic"],
)
def test_an_arabic_page_is_read_from_right_to_left(
    tmp_path: Path, number: str, date: str, total: str
) -> None:
    found = read(
        schema_of(tmp_path, "رقم الفاتورة", "التاريخ", "الإجمالي"),
        (-540, 52, "ضريبية فاتورة"),
        (-540, 78, "الفاتورة: رقم"), (-360, 78, number),
        (-540, 104, "التاريخ:"), (-360, 104, date),
        (-540, 208, "الإجمالي:"), (-360, 208, total),
    )  # fmt: skip
    assert found == ["7731", "12/03/2026", "2,875.50"]


def test_a_hebrew_value_may_stand_left_of_its_label_on_one_run(tmp_path: Path) -> None:
    found = read(
        schema_of(tmp_path, "מספר חשבונית", "תאריך", 'סה"כ לתשלום'),
        (-540, 52, "מס חשבונית"),
        (-540, 77, "10482 חשבונית: מספר"),
        (-540, 101, "12/03/2026 תאריך:"),
        (-540, 221, '₪ 1,170.00 לתשלום: סה"כ'),
    )  # fmt: skip
    assert found == ["10482", "12/03/2026", "1,170.00"]


def test_a_customer_stands_beside_its_label_and_is_no_label_of_an_amount(tmp_path: Path) -> None:
    schema = tmp_path / "paper.json"
    tree = {"type": "object", "properties": {"customer": {"type": "string", "title": "請求先"}}}
    schema.write_text(json.dumps(tree, ensure_ascii=False), "utf-8")
    values = ask_printed(
        str(schema),
        (60, 130, "請求先："), (220, 130, "株式会社みどり製作所"),
        (60, 156, "小計"), (220, 156, "98,000円"),
    ).values  # fmt: skip
    assert leaf(values, "customer") == "株式会社みどり製作所"
