"""The registry of metrics and the SQL are bound both ways: no row without SQL, no SQL without a row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warehouse.publish import tidy
from warehouse.settings import REPOSITORY
from warehouse.specification import rows

EQUITY = REPOSITORY / "models" / "marts" / "equity"
# Rule by rule of "Rules that hold for every indicator": base, clock and age are named, and so is what is counted.
NEVER_BLANK = (
    "name",
    "question",
    "asked_by",
    "numerator",
    "denominator",
    "excluded",
    "period_rule",
    "age_rule",
    "base",
    "clock",
    "polarity",
    "comparator",
    "disclosure_class",
    "version",
    "owner",
    "traps",
    "certainty",
)


def _files() -> list[Path]:
    return sorted([*EQUITY.glob("equity__event_*.sql"), *EQUITY.glob("equity__aggregate_*.sql")])


def _written() -> dict[str, str]:
    """Metric to family, from the SQL: events of children, and what is counted by place."""
    found = {}
    for file in _files():
        for metric_id in re.findall(r"'([A-Z]{2}\d{2})' as metric_id", file.read_text(encoding="utf-8")):
            family = re.sub("equity__(event|aggregate)_", "", file.stem)
            assert found.setdefault(metric_id, family) == family, f"{metric_id} is written in two families"
    return found


def test_every_row_has_sql_and_every_sql_a_row() -> None:
    gaps = {row["metric_id"] for row in rows("metric_gap")}
    assert _written() == {row["metric_id"]: row["family"] for row in rows("metric") if row["metric_id"] not in gaps}


def test_gaps_are_of_measures_that_exist() -> None:
    measures = {(row["metric_id"], row["measure"]): row for row in rows("metric_measure")}
    gaps = {(row["metric_id"], row["measure"]): row for row in rows("metric_gap")}
    assert set(gaps) == {key for key, row in measures.items() if row["kind"] == "gap"}
    for row in gaps.values():
        # Groups whose intervals the difference is made from; percentiles and standardised rates are computed elsewhere.
        assert measures[row["of_metric_id"], row["of_measure"]]["kind"] in ("proportion", "rate", "mean", "ratio")
        assert row["subgroup_set"] in {each["subgroup_set"] for each in rows("subgroup_set")}


def test_a_unit_in_hundreds_has_values_in_hundreds() -> None:
    """A gap of 0.19 printed as 0.2 percentage points is a hundredth of what it is."""
    measures = rows("metric_measure")
    said = {row["unit"]: re.search(r"per_(\d+)", row["unit"]) for row in measures}
    wanted = {unit: int(number[1]) if number else 1 for unit, number in said.items()}
    wanted |= {"percent": 100, "percentage_points": 100}
    assert {wanted["proportion"], wanted["rate_per_1000"]} == {1, 1_000}
    assert [row for row in measures if float(row["multiplier"]) != wanted[row["unit"]]] == []


def test_what_is_not_built_says_why_and_is_not_built() -> None:
    for row in rows("metric_not_built"):
        assert row["reason"].strip() and row["tier"] in ("core", "extended")
        assert row["metric_id"] not in {each["metric_id"] for each in rows("metric")}


def test_families_are_all_read() -> None:
    for file in _files():
        reader = "equity__metric_event" if file.stem.startswith("equity__event_") else "equity__metric_count"
        family = re.sub("equity__(event|aggregate)_", "", file.stem)
        assert f"'{family}'" in (EQUITY / f"{reader}.sql").read_text("utf-8"), f"{reader} does not read {family}"


def test_every_variant_of_a_measure_is_written() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in _files())
    for row in rows("metric_measure"):
        assert f"'{row['variant']}'" in text, f"{row['metric_id']} {row['measure']}: nobody writes {row['variant']}"


@pytest.mark.parametrize("row", rows("metric"), ids=lambda row: row["metric_id"])
def test_a_metric_says_what_it_is(row: dict[str, str]) -> None:
    assert [name for name in NEVER_BLANK if not row[name].strip()] == []
    headlines = [m for m in rows("metric_measure") if m["metric_id"] == row["metric_id"] and m["is_headline"] == "true"]
    assert len(headlines) == 1


@pytest.mark.parametrize(
    ("metric_id", "days"),
    [
        ("TM01", "42"),
        ("TM03", "112"),
        ("TM04", "140"),
        ("TM05", "140"),
        ("TM09", "42"),
        ("TM10", "42"),
        ("TM11", "42"),
        ("TM13", "28"),
        ("TM14", "84"),
        ("HC02", "126"),
        ("HC03", "126"),
    ],
)
def test_statutory_days_of_the_row_are_those_of_the_sql(metric_id: str, days: str) -> None:
    """Weeks are days: 6, 16, 20, 6 of advice, 4 and 12 after a review, and 18 (indicators reference, rule 7)."""
    row = next(row for row in rows("metric") if row["metric_id"] == metric_id)
    assert row["statutory_limit_days"] == days
    assert days in row["numerator"]
    block = re.search(
        rf"'{metric_id}' as metric_id.*?as numerator",
        (EQUITY / f"equity__event_{row['family']}.sql").read_text("utf-8"),
        re.S,
    )
    assert block and f"<= {days}" in block.group()


GROUPS = (REPOSITORY / "warehouse/macros/metric_groups.sql").read_text(encoding="utf-8")


def _listed(macro: str) -> list[str]:
    found = re.search(rf"{{% macro {macro}\(\) -%}}.*?return\(\[(.*?)\]\)", GROUPS, re.S)
    assert found, macro
    return re.findall(r"'(\w+)'", found.group(1))


def test_groups_of_the_rows_are_those_of_the_macros() -> None:
    sets = {row["subgroup_set"]: row for row in rows("subgroup_set") if row["subgroup_set"] != "all"}
    levels = {row["area_level"]: row for row in rows("area_level") if row["area_level"] != "county"}
    assert _listed("subgroup_columns") == list(sets)
    assert _listed("area_columns") == list(levels)
    assert _listed("area_columns_by_subgroup") == [name for name, row in levels.items() if row["by_subgroup"] == "true"]
    assert sorted(_listed("subgroup_columns_of_population")) == sorted(
        name for name, row in sets.items() if row["in_population"] == "true"
    )
    assert _listed("area_columns_compared") == [name for name, row in levels.items() if row["is_compared"] == "true"]
    in_population = [name for name, row in levels.items() if row["in_population"] == "true"]
    assert _listed("area_columns_of_population") == in_population


def test_public_breakdowns_are_sets_or_levels() -> None:
    known = {row["subgroup_set"] for row in rows("subgroup_set")} | {row["area_level"] for row in rows("area_level")}
    assert {row["breakdown"] for row in rows("public_breakdown")} <= known


def test_pairs_left_out_name_metrics_and_sets_that_exist() -> None:
    metrics = {row["metric_id"] for row in rows("metric")}
    sets = {row["subgroup_set"] for row in rows("subgroup_set")} - {"all"}
    for row in rows("metric_without_subgroup"):
        assert row["metric_id"] in metrics and row["subgroup_set"] in sets and row["reason"]


def test_relations_name_counts_that_exist_and_have_one_whole() -> None:
    # What the public tables count of each kind of measure (`warehouse/publish/public.py`).
    numerator, base = {"numerator"}, {"denominator"}
    fields = {"mean": base, "median": base, "p90": base, "rate": numerator, "count": numerator}
    fields |= {"ratio": numerator | base, "proportion": numerator | base | {"complement"}}
    counted = {
        (row["metric_id"], row["variant"], field)
        for row in rows("metric_measure")
        for field in fields.get(row["kind"], ())
    }
    wholes: dict[str, int] = {}
    with_rest: set[str] = set()
    for row in rows("metric_relation"):
        wholes.setdefault(row["relation"], 0)
        wholes[row["relation"]] += row["role"] == "whole"
        if row["role"] == "rest":
            assert not row["metric_id"] and not row["field"], row
            with_rest.add(row["relation"])
            continue
        assert row["role"] in ("whole", "part"), row
        if row["field"] == "rest":  # what another relation, above this one, leaves over
            assert row["metric_id"] in with_rest and not row["variant"], row
            continue
        assert (row["metric_id"], row["variant"], row["field"]) in counted, row
    assert set(wholes.values()) == {1}
    assert not wholes.keys() & {row["metric_id"] for row in rows("metric")}


def test_a_year_is_a_year_everywhere() -> None:
    """In the rows, in the macro of the models, and among DfE's words for them."""
    years = [row["period_type"] for row in rows("period_type") if row["is_year"] == "true"]
    macro = (REPOSITORY / "warehouse" / "macros" / "metric_groups.sql").read_text(encoding="utf-8")
    said = re.search(r"macro is_year\(period_type\) -%\}\s*\{\{ period_type \}\} in \((.*?)\)", macro)
    assert said and said[1] == ", ".join(f"'{year}'" for year in years)
    assert list(tidy.IDENTIFIERS) == years
    assert {row["period_type"] for row in rows("metric")} <= {row["period_type"] for row in rows("period_type")}


def test_averages_stand_beside_shares_that_exist() -> None:
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in rows("metric_measure"):
        kinds.setdefault((row["metric_id"], row["variant"]), set()).add(row["kind"])
    for row in rows("average_beside"):
        assert kinds[row["metric_id"], row["variant"]] & {"mean", "median", "p90"}, row
        assert "proportion" in kinds[row["share_metric_id"], row["share_variant"]], row


def test_the_target_of_a_measure_is_the_first_number_of_what_its_metric_says() -> None:
    said = {row["metric_id"]: row["target"] for row in rows("metric")}
    with_target = [row for row in rows("metric_measure") if row["target"]]
    assert len(with_target) > 20
    for row in with_target:
        number = re.search(r"(\d+)(%?)", said[row["metric_id"]])
        assert number, row
        per = 100 if number[2] and row["unit"] == "proportion" else 1
        assert float(row["target"]) == float(number[1]) / per, row


def test_every_metric_has_a_disclosure_policy() -> None:
    policies = {row["disclosure_class"] for row in rows("disclosure_policy")}
    assert {row["disclosure_class"] for row in rows("metric")} <= policies


def test_a_metric_that_is_not_built_is_no_row_of_the_registry() -> None:
    built = {row["metric_id"] for row in rows("metric")}
    for row in rows("metric_not_built"):
        assert row["metric_id"] not in built and row["name"] and row["reason"]


def test_every_family_has_a_public_table() -> None:
    assert {row["family"] for row in rows("public_output")} == {row["family"] for row in rows("metric")}


def test_layers_of_the_rows_are_those_of_the_code() -> None:
    """EQ02 is fct_metric's own comparison; every other layer, and the forecast, names itself in its rows."""
    sql = "".join(file.read_text(encoding="utf-8") for file in EQUITY.glob("*.sql"))
    written = set(re.findall(r"'([A-Z]{2}\d\d)' as indicator_id", sql))
    code = (REPOSITORY / "warehouse" / "equity.py").read_text(encoding="utf-8")
    written |= set(re.findall(r'"indicator_id": "(EQ\d\d)"', code))
    assert {row["indicator_id"] for row in rows("metric_layer")} == written | {"EQ02"}


def test_priorities_name_indicators_that_the_registry_knows() -> None:
    """Built, laid over others, or not built with a reason."""
    known = {row["metric_id"] for name in ("metric", "metric_not_built") for row in rows(name)}
    known |= {row["indicator_id"] for row in rows("metric_layer")}
    answers = rows("priority_indicator")
    assert {row["indicator_id"] for row in answers} <= known
    assert {row["priority_id"]: 0 for row in answers} == {row["priority_id"]: 0 for row in rows("priority")}


def test_an_indicator_has_one_place_in_the_registry() -> None:
    built = {row["metric_id"] for row in rows("metric")}
    layers = {row["indicator_id"] for row in rows("metric_layer")}
    missing = {row["metric_id"] for row in rows("metric_not_built")}
    assert not built & layers and not built & missing and not layers & missing
    assert len(built | layers | missing) == 129, "the catalogue has 129 indicators"
