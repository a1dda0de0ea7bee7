"""What is printed: symbols, rounding, nothing that gives an unrounded count away."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from warehouse.publish import public
from warehouse.publish.disclosure import Suppressed
from warehouse.publish.public import DisclosureError
from warehouse.settings import Home, Settings
from warehouse.specification import rows as declared

SETTINGS = Settings(home=Home(Path("unused")))


def row(group: str, x: float | None, n: float, **changes: Any) -> dict[str, Any]:
    """A row of rpt_equity__metric: TM05 by district unless said otherwise; group 'all' is the county."""
    breakdown = "all" if group == "all" else "district"
    return {
        "metric_id": "TM05",
        "metric_name": "Plans in 20 weeks",
        "measure": "share",
        "measure_title": "Share of plans issued",
        "period_id": "2026",
        "period_type": "calendar_year",
        "is_whole_period": True,
        "breakdown": breakdown,
        "set_title": breakdown,
        "breakdown_value": group,
        "subgroup_label": group,
        "numerator": x,
        "denominator": n,
        "value": x / n if x is not None and n else None,
        "lower": 0.111,
        "upper": 0.999,
        "is_reliable": True,
        "set_order": 1 if group == "all" else 2,
        "value_order": 1,
        "measure_order": 1,
    } | changes


def made(rows: list[dict[str, Any]], settings: Settings = SETTINGS) -> dict[str, dict[str, str]]:
    table = next(table for table in public.tables(rows, settings) if table.name == "timeliness")
    return {printed["group"]: printed for printed in table.rows}


COUNTY = [row("all", 143, 288), row("A", 53, 103), row("B", 48, 92), row("C", 42, 93)]


def test_counts_are_rounded_and_values_come_from_the_rounded() -> None:
    printed = made(COUNTY)["A"]
    assert (printed["numerator"], printed["denominator"]) == ("55", "105")
    assert printed["value"] == "52.4"  # 55 of 105; 53 of 103 would be 51.5
    lower, upper = proportion_confint(55, 105, method="wilson")
    assert (float(printed["lower_95"]), float(printed["upper_95"])) == pytest.approx(
        (lower * 100, upper * 100), abs=0.05
    )
    assert printed["unit"] == "%" and printed["reliability"] == ""


def test_small_counts_and_their_partner_are_hidden() -> None:
    printed = made([row("all", 60, 200), row("A", 3, 60), row("B", 20, 70), row("C", 37, 70)])
    assert printed["A"]["numerator"] == "c" and printed["A"]["value"] == "c" and printed["A"]["lower_95"] == "c"
    assert printed["A"]["denominator"] == "60"
    assert printed["B"]["numerator"] == "c", "3 is 60 less the two others"
    assert printed["C"]["numerator"] == "35" and printed["all"]["numerator"] == "60"


def test_a_small_complement_is_hidden() -> None:
    printed = made([row("all", 180, 230), row("A", 78, 80), row("B", 52, 75), row("C", 50, 75)])
    assert printed["A"]["numerator"] == "c" and printed["A"]["value"] == "c"


def test_all_or_none_of_a_small_group_is_hidden_and_zero_of_a_large_one_is_shown() -> None:
    small = made([row("all", 68, 137), row("A", 7, 7), row("B", 31, 60), row("C", 30, 70)])
    assert small["A"]["numerator"] == "c" and small["A"]["value"] == "c"
    large = made([row("all", 61, 160), row("A", 0, 30), row("B", 31, 60), row("C", 30, 70)])
    assert (large["A"]["numerator"], large["A"]["value"]) == ("0", "0.0")


def test_no_rate_where_there_is_no_base() -> None:
    printed = made([row("all", 61, 130), row("A", 0, 0), row("B", 31, 60), row("C", 30, 70)])
    assert printed["A"]["value"] == "z"


def test_low_reliability_is_marked() -> None:
    assert made([*COUNTY[:3], row("C", 42, 93, is_reliable=False)])["C"]["reliability"] == "u"


def test_low_is_what_rounds_to_zero() -> None:
    """Only where a council hides less than DfE's custom: 2 rounds to 0 and is not 0."""
    printed = made(
        [row("all", 82, 200), row("A", 2, 60), row("B", 40, 70), row("C", 40, 70)], replace(SETTINGS, suppress_below=2)
    )
    assert printed["A"]["numerator"] == "low"


def test_months_and_years_under_way_stay_inside() -> None:
    rows = [
        *COUNTY,
        row("all", 20, 40, period_id="2027", is_whole_period=False),
        row("all", 9, 20, period_id="2026-05", period_type="month"),
    ]
    table = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness")
    assert {printed["time_period"] for printed in table.rows} == {"2026"}


def test_means_of_few_are_hidden_with_a_partner() -> None:
    share = {"metric_id": "TM06", "measure": "share_over_52_weeks"}
    mean = {"metric_id": "TM06", "measure": "mean_weeks", "measure_order": 2}
    sizes = {"all": 100, "A": 7, "B": 33, "C": 60}
    rows = [row(group, n // 2, n, **share) for group, n in sizes.items()]
    rows += [row(group, n * 30.0, n, value=30.0, **mean) for group, n in sizes.items()]
    table = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness")
    means = {printed["group"]: printed["value"] for printed in table.rows if printed["measure"] == "mean_weeks"}
    assert means == {"all": "30.0", "A": "c", "B": "c", "C": "30.0"}
    assert {printed["numerator"] for printed in table.rows if printed["measure"] == "mean_weeks"} == {"z"}


def test_places_are_printed_as_they_are_and_pupils_in_them_are_not() -> None:
    """PL10 counts bases; PL15 pupils beyond the places; PL11 is 13 pupils in 21 places: 15 in 20 once rounded, 75%."""

    def printed(metric_id: str, measure: str, x: float, n: float) -> dict[str, str]:
        changes = {"metric_id": metric_id, "measure": measure, "period_id": "2025/26", "period_type": "academic_year"}
        table = next(t for t in public.tables([row("all", x, n, **changes)], SETTINGS) if t.name == "resource_base")
        return table.rows[0]

    columns = ("numerator", "denominator", "value", "lower_95")
    assert [printed("PL10", "bases", 3, 3)[name] for name in columns] == ["3", "z", "3.0", "x"]
    assert [printed("PL15", "pupils_over", 3, 9)[name] for name in columns] == ["c", "z", "c", "c"]
    assert [printed("PL15", "pupils_over", 13, 90)[name] for name in columns] == ["15", "z", "15.0", "x"]
    assert [printed("PL11", "share_spring", 13, 21)[name] for name in columns] == ["15", "20", "75.0", "x"]
    assert [printed("PL11", "share_spring", 3, 21)[name] for name in columns] == ["c", "20", "c", "c"]
    assert printed("PL11", "share_spring", 6, 8)["value"] == "c"


def test_a_standardised_rate_tells_no_more_than_the_rounded_count() -> None:
    """67 events are printed as 65, and the rate is scaled alike: 6.7 x 65 / 67 = 6.5."""
    crude = {"metric_id": "ID03", "measure": "crude_rate"}
    standardised = crude | {"measure": "standardised_rate", "measure_order": 2}
    rows = [row("all", 67, 10_000, **crude), row("all", 67, 10_000, value=6.7, lower=5.2, upper=8.5, **standardised)]
    table = next(table for table in public.tables(rows, SETTINGS) if table.name == "identification")
    printed = {line["measure"]: line for line in table.rows}
    assert (printed["crude_rate"]["numerator"], printed["crude_rate"]["denominator"]) == ("65", "10000")
    assert printed["crude_rate"]["value"] == printed["standardised_rate"]["value"] == "6.5"


def test_the_auditor_stops_a_table_that_gives_a_count_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suppressor is made to forget secondary suppression: the auditor has to catch it."""

    def primary_only(counts, relations, below, also_hidden=(), width=5):
        return Suppressed(primary={cell for cell, count in counts.items() if 0 < count < below} | set(also_hidden))

    monkeypatch.setattr(public, "suppress", primary_only)
    with pytest.raises(DisclosureError, match="could be worked out"):
        made([row("all", 60, 200), row("A", 3, 60), row("B", 20, 70), row("C", 37, 70)])


def test_rounding_to_less_than_five_is_refused() -> None:
    with pytest.raises(DisclosureError, match="round_to = 5"):
        made(COUNTY, replace(SETTINGS, round_to=1))


def test_files_are_the_same_each_time_and_the_log_counts_what_was_hidden(tmp_path: Path) -> None:
    rows = [row("all", 60, 200), row("A", 3, 60), row("B", 20, 70), row("C", 37, 70)]
    first, second = tmp_path / "first", tmp_path / "second"
    public.write(public.tables(rows, SETTINGS), first, SETTINGS)
    public.write(public.tables(rows[::-1], SETTINGS), second, SETTINGS)
    names = sorted(file.name for file in first.iterdir())
    outputs = [f"{row['public_output']}.csv" for row in declared("public_output")]
    assert names == sorted(["disclosure_log.json", *outputs])
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    log = json.loads((first / "disclosure_log.json").read_text(encoding="utf-8"))["tables"]["timeliness"]
    # Hidden: A's numerator (3) and B's to guard it. Tried besides: their complements.
    assert (log["hidden_small"], log["hidden_to_protect_others"], log["audited"]) == (1, 1, 4)
    with (first / "timeliness.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert next(csv.reader(handle)) == list(public.COLUMNS)
