"""Rows, models and contracts of the SEN2 return say the same, both ways.

It matters because an item without a column is never sent, and a rule without SQL is never broken. Resolve: add the row,
the column or the flag that the message names; docs/guides/add-a-rule.md and open-a-new-collection-year.md say how.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from warehouse.returns import layout
from warehouse.settings import REPOSITORY
from warehouse.specification import codes, in_force, read_yaml, rows

MART = REPOSITORY / "models" / "marts" / "sen2"
CONTRACT = {
    model["name"]: {column["name"]: column for column in model["columns"]}
    for model in read_yaml(MART / "_sen2__models.yml")["models"]
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


# Section 5.2 of the reference, its proposed levels: E error, Q query, W warning. R12 and N17 have two, by the date.
LEVELS = {
    "E": """H01 H02 H03 H04 H05 H06 H07 H09 H10 H11 H12 P01 P02 P03 P04 P07 P08 P13 P15 P16 P17 P18 P20 P21 P23 P28
        R01 R02 R03 R06 R07 R08 R09 R11 R12 R16 R18 R19 R21 R23 R24 A01 A02 A03 A05 A06 A08 A09 A11 A13 A14 A15
        N01 N02 N04 N07 N08 N09 N10 N13 N14 N15 N16 N17 D01 D02 D03 D05 D07 D10 D11 D12
        T01 T02 T03 T04 T05 T06 T10 T12 L01 L02 L04 L07 L08 L09 L10 L12 L16 L18 S01 S02 X01""",
    "Q": """P05 P06 P11 P12 P14 P19 P22 P24 P25 P26 P27 P29 R04 R05 R10 R12 R13 R14 R20 R22 R25 R27
        A04 A07 A10 A12 A16 A19 A20 N03 N05 N06 N11 N12 N17 N18 N19 N20 N21 D04 D06 D08 D13 D14 D15 D16
        T07 T09 T11 T14 T15 T16 T17 L05 L06 L11 L13 L14 L15 L17 L19 L20 L21 S03 X02""",
    "W": "H08 H10 H13 P09 P10 R07 R15 R17 R26 A17 A18 D09 T08 T13 T18 T19 T20 X03 X04 X05 X06 X07",
}
# The years that it names, for a level where a rule has two. Others hold from the first year of their items.
WINDOWS = {
    ("H10", "W"): ("2025", "2025"), ("H10", "E"): ("2026", ""), ("R07", "W"): ("2025", "2025"),
    ("R07", "E"): ("2026", ""), ("R08", "E"): ("2025", ""), ("A15", "E"): ("2024", ""), ("T07", "Q"): ("2025", ""),
    ("T10", "E"): ("2025", ""), ("T14", "Q"): ("2025", ""), ("T19", "W"): ("2026", ""), ("L18", "E"): ("2023", "2023"),
}  # fmt: skip


def test_levels_and_years_of_rules_are_those_of_the_reference() -> None:
    expected = {(rule_id, level) for level, listed in LEVELS.items() for rule_id in listed.split()}
    found = {(row["rule_id"], row["level"]) for row in rows("rule") if row["rule_id"] != "L03"}
    assert found == expected
    windows = {(row["rule_id"], row["level"]): (row["first_year"], row["last_year"]) for row in rows("rule")}
    assert {rule: windows[rule] for rule in WINDOWS} == WINDOWS


def test_of_a_setting_attended_each_part_has_the_level_that_it_has_of_one_named() -> None:
    """L03 is D03 to D06 and D12 to D16, as there (section 5.2)."""
    levels = {row["flag"]: row["level"] for row in rows("rule")}
    parts = {flag: level for flag, level in levels.items() if flag.startswith("l03_")}
    named = ("d03", "d04", "d05", "d06", "d12", "d13", "d14", "d15", "d16")
    assert parts == {f"l03_{flag}": levels[flag] for flag in named}


def test_errors_that_returns_are_known_to_have_been_accepted_with_may_be_explained() -> None:
    """Section 5.2: T01, T04, T05 and L01; every query and warning may, and no other error."""
    errors = {row["rule_id"] for row in rows("rule") if row["level"] == "E" and row["may_be_explained"] == "true"}
    assert errors == {"T01", "T04", "T05", "L01"}
    assert all(row["may_be_explained"] == "true" for row in rows("rule") if row["level"] != "E")


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


def test_unit_tests_of_thresholds_hold_in_every_home() -> None:
    """They run in each build: a council with a threshold of its own must not see them fail."""
    for file in (REPOSITORY / "models").rglob("*__unit_tests.yml"):
        for test in read_yaml(file)["unit_tests"]:
            if any("rule_parameter" in given["input"] for given in test["given"]):
                assert test.get("overrides", {}).get("vars", {}).get("thresholds") == {}, test["name"]


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
