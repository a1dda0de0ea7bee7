"""Rows, models and contracts of the SEN2 return say the same, both ways.

It matters because an item without a column is never sent, and a rule without SQL is never broken. Resolve: add the row,
the column or the flag that the message names; docs/guides/add-a-rule.md and open-a-new-collection-year.md say how.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest
import yaml

from warehouse.returns import layout
from warehouse.settings import REPOSITORY
from warehouse.specification import codes, in_force, rows

MART = REPOSITORY / "models" / "marts" / "sen2"
CONTRACT = {
    model["name"]: {column["name"]: column for column in model["columns"]}
    for model in yaml.safe_load((MART / "_sen2__models.yml").read_text(encoding="utf-8"))["models"]
}
SQL = {file.stem: file.read_text(encoding="utf-8") for file in MART.glob("*.sql")}
MACROS = "\n".join(
    file.read_text(encoding="utf-8") for file in (REPOSITORY / "warehouse" / "macros").glob("sen2_*.sql")
)
YEARS = (2023, 2024, 2025, 2026, 2027)
WRITTEN_RULES = [row for row in rows("rule") if row["is_implemented"] == "true" and row["checked_by"] == "sql"]

# Section 1.2 of the reference, counted from the hand-made schemas of each year; 2027 carries 2026 over.
ITEMS = {
    "officers": (2, 2, 3, 3, 3),
    "person": (9, 9, 9, 9, 9),
    "requests": (7, 7, 8, 8, 8),
    "assessment": (7, 7, 7, 7, 7),
    "named_plan": (8, 8, 8, 8, 8),
    "plan_detail": (7, 7, 7, 7, 7),
    "active_plans": (4, 4, 7, 7, 7),
    "placement_detail": (10, 11, 11, 11, 11),
    "sen_need": (2, 2, 2, 2, 2),
}
TOTAL = (56, 57, 62, 62, 62)
# Section 2.1 and 2.2: order where years differ.
ACTIVE_PLANS = {
    2023: "TransferLA PlacementDetail Res WBP SENneed LastReview",
    2024: "TransferLA PlacementDetail SENneed ReviewMeeting ReviewOutcome LastReview",
    2025: "TransferLA PlacementDetail SENneed ReviewMeeting ReviewOutcome ReviewDraft PhaseTransferDueDate "
    "PhaseTransferFinalDate LastReview",
}
PLACEMENT = {
    2023: "URN UKPRN SENSetting SENSettingOther PlacementRank EntryDate LeavingDate AttendancePattern SENunitIndicator "
    "ResourcedProvisionIndicator",
    2024: "URN UKPRN SENSetting SENSettingOther PlacementRank EntryDate LeavingDate SENunitIndicator "
    "ResourcedProvisionIndicator Res WBP",
}


def tags(module: str, year: int) -> str:
    found = next(part for part in layout.message(year).walk() if part.name == module)
    return " ".join(part.tag for part in found.content)


@pytest.mark.parametrize("place", range(len(YEARS)), ids=lambda place: str(YEARS[place]))
def test_item_counts(place: int) -> None:
    modules = {module.name: module.items for module in layout.message(YEARS[place]).walk()}
    counted = {name: len(modules[name]) for name in ITEMS if name != "officers"}
    counted["officers"] = sum(item.element in ("DMO", "DCO", "DSCO") for item in modules["source"])
    assert counted == {name: expected[place] for name, expected in ITEMS.items()}
    assert sum(counted.values()) == TOTAL[place]


def test_order_by_year() -> None:
    for year in YEARS:
        assert tags("active_plans", year) == ACTIVE_PLANS[min(year, 2025)]
        assert tags("placement_detail", year) == PLACEMENT[min(year, 2024)]
    assert tags("person", 2023).split()[3] == "GenderCurrent"
    assert tags("person", 2024).split()[3] == "Sex"
    assert tags("requests", 2024).startswith("ReceivedDate RYA ")
    assert tags("requests", 2025).startswith("ReceivedDate RequestSource RYA ")


def test_2027_is_2026_and_provisional() -> None:
    assert layout.message(2027) == layout.message(2026)
    assert {row["collection_year"]: row["is_provisional"] for row in rows("collection")}["2027"] == "true"


@pytest.mark.parametrize("year", YEARS)
def test_records_can_be_merged(year: int) -> None:
    """The ids of a record begin with those of the record above it: the writer merges by them."""

    def walk(module: layout.Module, key: tuple[str, ...]) -> None:
        if module.table:
            assert module.key[: len(key)] == key, module.name
        for child in module.modules:
            walk(child, module.key or key)

    walk(layout.message(year), ())


def test_every_item_has_a_column_and_every_column_an_item() -> None:
    tables = {row["table_name"] for row in rows("module")} - {""}
    for table in tables:
        modules = {row["module"] for row in rows("module") if row["table_name"] == table}
        items = {row["element"]: row["data_type"] for row in rows("element") if row["module"] in modules}
        columns = {name: column["data_type"] for name, column in CONTRACT[table].items() if re.match("[A-Z]", name)}
        assert set(columns) == set(items), table
        for name, data_type in columns.items():
            assert data_type == ("date" if items[name] == "date" else "string"), f"{table}.{name}"


def test_items_of_some_years_are_blank_in_the_others() -> None:
    years = {}
    for row in rows("element"):
        years.setdefault((row["module"], row["element"]), set()).update(year for year in YEARS if in_force(row, year))
    for (module, element), found in years.items():
        if found != set(YEARS) and element != "AttendancePattern":
            assert any(f"sen2_in_year('{module}', '{element}'" in sql for sql in SQL.values()), f"{module}.{element}"


def test_one_row_per_item_and_year() -> None:
    for year in YEARS:
        counted = Counter((row["module"], row["element"]) for row in rows("element") if in_force(row, year))
        assert set(counted.values()) == {1}


def test_code_sets_of_the_items_are_those_of_the_mart() -> None:
    listed = set(re.findall(r"'(\w+)'", SQL["sen2__code"].split("code_sets = [")[1].split("]")[0]))
    assert listed == {row["code_set"] for row in rows("element")} - {""} | {"upn_local_authority"}


def test_code_counts_of_2026() -> None:
    """Section 3.6 of the reference counts the codes of 2026."""
    counted = {
        "yes_no": 2,
        "officer": 3,
        "sex": 2,
        "ethnicity": 108,
        "upn_unknown": 7,
        "request_source": 5,
        "request_outcome": 5,
        "assessment_outcome": 5,
        "residential": 2,
        "work_based_placement": 3,
        "direct_payments": 4,
        "cease_reason": 9,
        "sen_setting_plan": 5,
        "sen_setting_placement": 8,
        "rank": 2,
        "review_outcome": 3,
        "sen_type": 13,
        "local_authority": 153 + 1,
    }
    assert {name: len(layout.codes(name, "", 2026, demonstration=False)) for name in counted} == counted
    assert len(codes("sen_type", 2024)) == 12
    assert len(codes("sen_setting_placement", 2023)) == 7


def test_the_rules_are_the_177_of_the_reference() -> None:
    counted = Counter(rule_id[0] for rule_id in {row["rule_id"] for row in rows("rule")})
    assert counted == {"H": 13, "P": 29, "R": 27, "A": 20, "N": 21, "D": 16, "T": 20, "L": 21, "S": 3, "X": 7}


def test_every_rule_is_written() -> None:
    assert not {row["rule_id"] for row in rows("rule") if row["is_implemented"] != "true"}


def test_every_rule_has_a_flag_and_every_flag_a_rule() -> None:
    flags = Counter(
        name
        for model, columns in CONTRACT.items()
        if model.endswith("_flags")
        for name, column in columns.items()
        if column["data_type"] == "boolean"
    )
    assert set(flags) == {row["flag"] for row in WRITTEN_RULES}
    assert max(flags.values()) == 1


def test_every_flags_model_reaches_the_findings() -> None:
    for model in CONTRACT:
        assert not model.endswith("_flags") or f"'{model}'" in SQL["sen2__rule_hit"], model


@pytest.mark.parametrize("row", rows("rule"), ids=lambda row: f"{row['flag']}-{row['first_year']}")
def test_a_rule_says_what_it_is(row: dict[str, str]) -> None:
    assert row["printed_id"] == f"SEN2-{row['rule_id']}"
    assert row["flag"].split("_")[0] == row["rule_id"].lower()
    assert row["dfe_rule_number"] == "", "DfE's numbers have not been read; do not guess one"
    assert row["basis"]
    assert len(row["what_to_do"]) > 10
    assert not row["message"].endswith(".")
    known = {element["element"] for element in rows("element")} | {module["element"] for module in rows("module")}
    assert set(row["elements"].split()) <= known


def test_a_rule_is_in_force_only_where_it_can_be_broken() -> None:
    """In each of its years at least one item that it names is part of the return."""
    modules = {module["element"] for module in rows("module")}
    for row in rows("rule"):
        for year in (year for year in YEARS if in_force(row, year)):
            named = set(row["elements"].split())
            asked = {element["element"] for element in rows("element") if in_force(element, year)}
            assert named & (asked | modules), f"{row['flag']} in {year}"


def test_thresholds_are_rows_and_are_used() -> None:
    used = set(re.findall(r"sen2_threshold\('(\w+)', '(\w+)'", "\n".join(SQL.values())))
    written = {row["rule_id"] for row in WRITTEN_RULES}
    declared = {(row["rule_id"], row["parameter"]) for row in rows("rule_parameter") if row["rule_id"] in written}
    assert used == declared


def test_codes_named_by_rules_are_rows_and_are_used() -> None:
    used = set(re.findall(r"sen2_rule_names\('(\w+)'", "\n".join(SQL.values()) + MACROS))
    assert used == {row["rule_id"] for row in rows("rule_code")}


def test_scope_cases_and_reasons_are_rows() -> None:
    sql = SQL["sen2__case"]
    assert {int(number) for number in re.findall(r"'case (\d+)'", sql)} == {
        int(row["scope_case"]) for row in rows("scope_case")
    }
    scoped = sql.split("scoped as (")[1].split("numbered as (")[0]
    reasons = set(re.findall(r"(?:then|else) '(\w+)'", scoped))
    assert reasons == {row["reason_code"] for row in rows("out_of_scope_reason")}


@pytest.mark.parametrize("name", ["layout", "writer", "xsd"])
def test_the_writer_knows_no_field(name: str) -> None:
    """Everything it writes comes from rows, so that a new year needs no Python."""
    source = (REPOSITORY / "warehouse" / "returns" / f"{name}.py").read_text(encoding="utf-8")
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    names = {row["element"] for row in rows("element")} | {row["element"] for row in rows("module")}
    assert not texts & names
