"""Rows, contracts and models of DfE's release say the same.

It matters because a column without a definition is a figure that nobody can defend, and a code without a label a child
in no row. Resolve: add the row that the message names to warehouse/spec/returns/sen2/release_*.csv.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from warehouse.returns import tables
from warehouse.settings import REPOSITORY
from warehouse.specification import in_force, read_yaml, rows

FOLDER = REPOSITORY / "models" / "marts" / "sen2" / "release"
CONTRACT = {
    model["name"]: {column["name"]: column for column in model["columns"]}
    for model in read_yaml(FOLDER / "_release__models.yml")["models"]
}
TABLES = [row["release_table"] for row in rows("release_table")]
YEARS = (2023, 2024, 2025, 2026, 2027)
KEYS = {
    "release_table": ("release_table",),
    "release_column": ("release_table", "sort_order", "first_year"),
    "release_topic": ("release_table", "dimension"),
    "release_label": ("label_set", "label", "code", "value_from", "first_year"),
    "release_setting": ("identified_by", "code", "unit", "compulsory_school_age", "first_year"),
    "release_need": ("sen_type", "first_year"),
    "release_parameter": ("parameter", "first_year"),
    "release_area": ("la_code",),
    "release_headline": ("measure_id",),
}
TYPES = {"identity": "string", "text": "string", "count": "bigint", "percent": "double", "weeks": "double"}


@pytest.mark.parametrize("seed", KEYS)
def test_keys_and_words(seed: str) -> None:
    keys = Counter(tuple(row[column] for column in KEYS[seed]) for row in rows(seed))
    assert [key for key, times in keys.items() if times > 1] == []
    words = {row["status"] for row in rows(seed) if "status" in row}
    assert words <= {"published", "tested", "derived"}
    # What is our reading says what was read: every figure that is not published or tested has its choice written down.
    if seed in ("release_parameter", "release_setting", "release_topic"):
        assert [row for row in rows(seed) if row["status"] == "derived" and not row["choice"]] == []


@pytest.mark.parametrize("table", TABLES)
def test_columns_have_a_row_and_rows_a_column(table: str) -> None:
    """Both ways, with the type of their kind; a column that a release does not print is in the mart none the less."""
    of_rows = {
        row["column_name"]: TYPES[row["kind"]]
        for row in rows("release_column")
        if row["release_table"] == table and row["column_name"]
    }
    of_contract = {name: column["data_type"] for name, column in CONTRACT[f"sen2__release_{table}"].items()}
    assert of_contract == {"collection_year": "integer"} | of_rows


@pytest.mark.parametrize("year", YEARS)
def test_each_year_names_a_column_once(year: int) -> None:
    for table in tables.tables(year):
        places = Counter(column["sort_order"] for column in tables.columns_of(table["release_table"], year))
        assert [place for place, times in places.items() if times > 1] == [], table["file_name"]
        names = Counter(
            tables.published_name(column, year) for column in tables.columns_of(table["release_table"], year)
        )
        twice = {name for name, times in names.items() if times > 1}
        # DfE prints this one twice.
        assert twice <= {f"review_meeting_prior_{(year - 1) % 100}"}, table["file_name"]
        assert not [name for name in names if "{" in name]


@pytest.mark.parametrize("year", YEARS)
def test_every_code_has_one_row_in_each_table(year: int) -> None:
    """Ethnicity, setting, need and number: in no year may a record fall in no group of a topic, or in two."""
    labels = [row for row in rows("release_label") if in_force(row, year)]
    by_set = {topic["label_set"]: topic["dimension"] for topic in rows("release_topic")}
    main = {row["parent_code"] for row in rows("code_ethnicity")}
    settings = {row["setting"] for row in rows("release_setting") if in_force(row, year)}
    totals = {row["setting_total"] for row in rows("release_setting")} - {"nm_early_years", "placement_unknown"}
    wanted = {
        "ethnicity": main | {"unknown"},
        "sex": {"M", "F", "unknown"},
        "total": {"total"},
        "setting_total": totals,
    }
    for label_set, dimension in by_set.items():
        mine = [row for row in labels if row["label_set"] == label_set]
        codes = [row["code"] for row in mine if row["code"]]
        spans = [(int(row["value_from"]), int(row["value_to"])) for row in mine if row["value_from"]]
        if spans:
            for number in range(-2, 130):
                assert sum(low <= number <= high for low, high in spans) == 1, f"{label_set}: {number}"
            assert codes == ["unknown"], label_set
        elif dimension in wanted:
            assert sorted(codes) == sorted(wanted[dimension]), label_set
        else:
            assert sorted(codes) == sorted(settings), label_set
    needs = [row["sen_type"] for row in rows("release_need") if in_force(row, year)]
    assert sorted(needs) == sorted({row["code"] for row in rows("code_sen_type")} | {"unknown"})


def test_every_kind_of_school_has_a_setting() -> None:
    groups = {row["setting_group"] for row in rows("code_gias_type")}
    assert groups == {row["code"] for row in rows("release_setting") if row["identified_by"] == "setting_group"}
    kinds = {row["code"] for row in rows("release_setting") if row["identified_by"] == "sen_setting"}
    assert kinds == {row["code"] for row in rows("code_sen_setting")}


def test_every_topic_is_a_column_of_its_records() -> None:
    """A dimension that the SQL does not pass on would leave its topic without rows."""
    for topic in rows("release_topic"):
        sql = (FOLDER / f"sen2__release_{topic['release_table']}.sql").read_text(encoding="utf-8")
        assert topic["dimension"] == "total" or f"'{topic['dimension']}'" in sql, topic


def test_headline_figures_are_made_of_columns_that_their_model_reads() -> None:
    sql = (FOLDER / "sen2__release_headline.sql").read_text(encoding="utf-8")
    read = {
        f"{table}.{column}"
        for table, columns in re.findall(r"'(\w+)': \[(.*?)\]", sql, re.DOTALL)
        for column in re.findall(r"'(\w+)'", columns)
    }
    named = {
        part
        for row in rows("release_headline")
        for part in (row["numerator"] + "+" + row["denominator"]).split("+")
        if part
    }
    assert read == named
    for row in rows("release_headline"):
        known = CONTRACT[f"sen2__release_{row['release_table']}"]
        assert not row["published_column"] or row["published_column"] in known, row["measure_id"]
