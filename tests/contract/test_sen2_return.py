"""A return that lands has every item of every year, in its declaration and in core.

It matters because an item without a column would be read and then forgotten. Resolve: add the column that is named to
models/staging/sen2_return and models/core/_core_returned__models.yml; the SQL follows from them.
"""

from __future__ import annotations

import re

import pytest

from warehouse.settings import REPOSITORY
from warehouse.specification import Extract, read_yaml, rows, sources

SOURCE = sources()["sen2_return"]
CORE = {
    model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
    for model in read_yaml(REPOSITORY / "models" / "core" / "_core_returned__models.yml")["models"]
}


def items(entity: str) -> dict[str, str]:
    """Items of a table over all years, and their types."""
    modules = {row["module"] for row in rows("module") if row["table_name"] == f"sen2__{entity}"}
    return {
        row["element"]: "date" if row["data_type"] == "date" else "string"
        for row in rows("element")
        if row["module"] in modules
    }


def test_every_table_of_the_return_is_an_extract() -> None:
    assert {f"sen2__{extract.entity}" for extract in SOURCE.extracts} == {
        row["table_name"] for row in rows("module")
    } - {""}


@pytest.mark.parametrize("extract", SOURCE.extracts, ids=lambda extract: extract.entity)
def test_every_item_lands_and_reaches_core(extract: Extract) -> None:
    declared = {column.name: column.data_type for column in extract.columns if not column.given}
    assert declared == items(extract.entity)
    core = CORE[f"fct_returned_{extract.entity}"]
    assert {name: kind for name, kind in core.items() if re.match("[A-Z]", name)} == declared
    assert set(core) - set(declared) == {*extract.key, "source_file", "source_row"}


@pytest.mark.parametrize("extract", SOURCE.extracts, ids=lambda extract: extract.entity)
def test_its_ids_are_those_of_the_record(extract: Extract) -> None:
    keys = {row["key_columns"] for row in rows("module") if row["table_name"] == f"sen2__{extract.entity}"}
    assert {" ".join(extract.key[1:])} == keys
    assert {column.name for column in extract.columns if column.given} == set(extract.key)


def test_codes_and_identifiers_stay_as_they_were_sent() -> None:
    """A code set or a format would have staging map or mend them, and the rules would see another return."""
    for extract in SOURCE.extracts:
        sent = [column for column in extract.columns if not column.given]
        assert not [column.name for column in sent if column.code_set or column.format or column.required]


def test_only_returns_are_versions_of_each_other() -> None:
    """stg_landing__receipt names the source whose deliveries of one period replace each other, whatever their name."""
    sql = (REPOSITORY / "models" / "staging" / "landing" / "stg_landing__receipt.sql").read_text(encoding="utf-8")
    whole = [source.name for source in sources().values() if source.meta.get("reader")]
    assert re.findall(r"source <> '(\w+)'", sql) == whole == ["sen2_return"]
