"""What is printed: symbols, rounding, nothing that gives an unrounded count away."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from warehouse import specification
from warehouse.publish import policy, public, register
from warehouse.publish.disclosure import Suppressed
from warehouse.publish.public import DisclosureError
from warehouse.publish.register import Count, Group
from warehouse.publish.sums import add_up
from warehouse.settings import Home, Settings
from warehouse.specification import rows as declared

BREAKDOWNS = ("district", "idaci_quintile")
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


# District A has 3. In a sum of two 3 can be told from 61 and 58, though they are printed as 60 and 60: 1 to 4.
TELLING = [row("all", 61, 200), row("A", 3, 60), row("B", 58, 70), row("C", 0, 70)]


def test_small_counts_and_their_partner_are_hidden() -> None:
    printed = made(TELLING)
    assert printed["A"]["numerator"] == "c" and printed["A"]["value"] == "c" and printed["A"]["lower_95"] == "c"
    assert printed["A"]["denominator"] == "60"
    assert printed["B"]["numerator"] == "c", "3 is 61 less 58"
    assert printed["C"]["numerator"] == "0" and printed["all"]["numerator"] == "60"


def test_what_rounding_leaves_open_needs_no_partner() -> None:
    """60, 20 and 35 are 58 to 62, 18 to 22 and 33 to 37: what is left for A is 1 to 11."""
    printed = made([row("all", 60, 200), row("A", 3, 60), row("B", 20, 70), row("C", 37, 70)])
    assert [printed[group]["numerator"] for group in ("all", "A", "B", "C")] == ["60", "c", "20", "35"]


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


def test_low_reliability_is_marked_by_what_is_printed() -> None:
    """8 of 60 is printed as 10 of 60, with limits wider than 60% of it. Whether 42 of 93 was reliable before rounding
    is not told: it would narrow down the 42."""
    printed = made([row("all", 109, 255), row("A", 8, 60), row("B", 59, 102), row("C", 42, 93, is_reliable=False)])
    assert [printed[group]["reliability"] for group in "ABC"] == ["u", "", ""]


def test_a_printed_five_is_no_three() -> None:
    """Of 10 (at most 12) twice 5 (each at least 5, or it would be hidden) leave 1 or 2 for A: one more is hidden."""
    printed = made([row("all", 12, 200), row("A", 2, 60), row("B", 5, 70), row("C", 5, 70)])
    assert printed["A"]["numerator"] == "c"
    assert "c" in [printed[group]["numerator"] for group in ("all", "B", "C")]


def test_a_hidden_nought_is_not_told_by_its_row() -> None:
    """No assessment of A, of 12, ended in a refusal, which so few may not tell; nor may the measure of refusals."""
    counted = {"metric_id": "TM03", "measure": "share"}
    in_time = {"metric_id": "TM03", "measure": "share_in_time"}
    sizes = {f"D{number:02d}": (6 + number, 40) for number in range(1, 10)} | {"A": (0, 12)}
    sizes["all"] = (sum(x for x, _ in sizes.values()), sum(n for _, n in sizes.values()))
    rows = [row(group, x, n, **counted) for group, (x, n) in sizes.items()]
    rows += [row(group, x, x, **in_time) for group, (x, _) in sizes.items()]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness").rows
    of_a = {line["measure"]: line for line in lines if line["group"] == "A"}
    assert of_a["share"]["numerator"] == "c"
    assert {of_a["share_in_time"][name] for name in ("numerator", "denominator", "value")} == {"c"}


def test_low_is_what_rounds_to_zero() -> None:
    """Only where a council rounds to more than twice what it hides: 7 rounds to 0 and is not 0."""
    printed = made(
        [row("all", 87, 200), row("A", 7, 60), row("B", 40, 70), row("C", 40, 70)], replace(SETTINGS, round_to=20)
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
    late = {"all": 49, "A": 3, "B": 16, "C": 30}
    rows = [row(group, late[group], n, **share) for group, n in sizes.items()]
    rows += [row(group, n * 30.0, n, value=30.0, **mean) for group, n in sizes.items()]
    table = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness")
    means = {printed["group"]: printed["value"] for printed in table.rows if printed["measure"] == "mean_weeks"}
    assert means == {"all": "30.0", "A": "c", "B": "c", "C": "30"}
    assert {printed["numerator"] for printed in table.rows if printed["measure"] == "mean_weeks"} == {"z"}


def test_a_mean_beside_that_of_nearly_all_is_hidden() -> None:
    """Of A's 30 plans 2 had an exception: two equal means would say that none had."""
    sizes = {"all": (200, 170), "A": (30, 28), "B": (80, 62), "C": (90, 80)}
    rows = [
        row(group, n * 30.0, n, metric_id="TM06", measure=measure, value=30.0)
        for group, both in sizes.items()
        for n, measure in zip(both, ("mean_weeks", "mean_weeks_without_exceptions"), strict=True)
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness").rows
    shown = {(line["measure"], line["group"]): line["value"] for line in lines}
    assert shown["mean_weeks", "A"] == "30" and shown["mean_weeks_without_exceptions", "A"] == "c"


def test_a_percentile_does_not_tell_how_few_lie_beyond_it() -> None:
    """Of 15 waits a 90th percentile of 41 weeks leaves at most 2 above a year, which the share hides, and a median
    leaves at most 7; of 100 they leave 10 and 50."""
    sizes = {"all": (28, 215), "A": (1, 15), "B": (14, 100), "C": (13, 100)}
    rows = [row(group, x, n, metric_id="TM06", measure="share_over_52_weeks") for group, (x, n) in sizes.items()]
    for measure in ("p90_weeks", "median_weeks"):
        rows += [
            row(group, None, n, metric_id="TM06", measure=measure, value=41.0, lower=30.0, upper=50.0)
            for group, (_, n) in sizes.items()
        ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness").rows
    shown = {(line["measure"], line["group"]): (line["value"], line["lower_95"]) for line in lines}
    assert shown["share_over_52_weeks", "A"][0] == "c"
    assert [shown["p90_weeks", group] for group in "AB"] == [("c", "c"), ("41.0", "x")]
    assert [shown["median_weeks", group] for group in "AB"] == [("c", "c"), ("41.0", "30.0")]


def test_averages_of_groups_do_not_tell_how_many_are_in_each() -> None:
    """To the tenth of a pound, 6,123.4 and 7,456.7 of two groups tell of everyone's 7,056.7 who is where: 140 are
    (7,056.7 - 6,123.4) / (7,456.7 - 6,123.4) of 200. Of 7,060, 6,100 and 7,460 they are 138 to 144."""
    means = {"all": (200, 7056.71), "A": (60, 6123.4), "B": (140, 7456.7)}
    rows = [
        row(
            group,
            None,
            n,
            metric_id="FN07",
            measure="mean_pounds",
            value=value,
            lower=value - 512.3,
            upper=value + 512.3,
        )
        for group, (n, value) in means.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "money").rows
    assert {line["group"]: line["value"] for line in lines} == {"all": "7060", "A": "6100", "B": "7460"}
    assert [line["lower_95"] for line in lines] == ["6540", "5600", "6940"]


def test_a_mean_of_nothing_of_few_is_hidden_as_none_of_them_is() -> None:
    """PL13: that nobody in a group of 15 waited a day tells of each; of 60 it is shown. Limits of a mean stay hidden
    beside a hidden share: with them it would tell how many can lie beyond its threshold."""
    waits = {"all": (135, 3.0), "A": (15, 0.0), "B": (60, 0.0), "C": (60, 6.75)}
    rows = [
        row(group, None, n, metric_id="PL13", measure="mean_days", value=value, lower=0.0, upper=9.0)
        for group, (n, value) in waits.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "placement_moves").rows
    assert {line["group"]: line["value"] for line in lines} == {"all": "3.0", "A": "c", "B": "0.0", "C": "6.8"}
    # Progress below that of others is not nothing.
    rows = [
        row(group, None, n, metric_id="AT07", measure="mean_points", value=-1.24)
        for group, n in {"all": 95, "A": 15, "B": 80}.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "attainment").rows
    assert {line["value"] for line in lines} == {"-1.2"}
    shares = {"all": (62, 200), "A": (2, 100), "B": (60, 100)}
    rows = [row(group, x, n, metric_id="TM06", measure="share_over_52_weeks") for group, (x, n) in shares.items()]
    rows += [
        row(group, None, n, metric_id="TM06", measure="mean_weeks", value=30.0, lower=20.0, upper=40.0)
        for group, (_, n) in shares.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness").rows
    limits = {line["group"]: line["lower_95"] for line in lines if line["measure"] == "mean_weeks"}
    shown = {line["group"]: line["numerator"] for line in lines if line["measure"] == "share_over_52_weeks"}
    assert shown["A"] == "c" and limits["A"] == "x" and limits["all"] == "20.0"


def test_an_average_of_nothing_does_not_tell_a_hidden_nought() -> None:
    """PL09: none of A's 15 children has a place within reach, which so few may not tell; nor may their mean of 0."""
    sizes = {"all": (60, 115), "A": (0, 15), "B": (30, 50), "C": (30, 50)}
    rows = [row(group, x, n, metric_id="PL09", measure="share_within_reach") for group, (x, n) in sizes.items()]
    rows += [
        row(group, None, n, metric_id="PL09", measure="mean_places", value=x / n, lower=None, upper=None)
        for group, (x, n) in sizes.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "placement").rows
    shown = {(line["measure"], line["group"]): line["value"] for line in lines}
    assert shown["share_within_reach", "A"] == shown["mean_places", "A"] == "c"
    assert shown["mean_places", "B"] == "0.6"


def test_a_sum_that_leaves_nothing_over_is_held_as_one() -> None:
    """IN07's base is SEN support and plans together: 60 (58 to 62) of 60 printed would leave A's 2 plans 1 to 4."""
    support, plans = {"all": 160, "A": 60, "B": 100}, {"all": 62, "A": 2, "B": 60}
    pupils = {"all": 400, "A": 200, "B": 200}
    both = {group: support[group] + plans[group] for group in support}
    rows = [row(group, n, pupils[group], metric_id="ID01", measure="share") for group, n in support.items()]
    rows += [row(group, n, pupils[group], metric_id="ID02", measure="share") for group, n in plans.items()]
    rows += [row(group, 20 * (1 + (group == "all")), n, metric_id="IN07", measure="share") for group, n in both.items()]
    lines = [line for table in public.tables(rows, SETTINGS) for line in table.rows if line["group"] == "A"]
    told = {line["metric_id"]: line for line in lines}
    assert told["ID02"]["numerator"] == "c"
    assert "c" in (told["IN07"]["denominator"], told["ID01"]["numerator"])


@pytest.mark.parametrize(("with_neither", "cells"), [({}, 0), ({"B": 1}, 3)])
def test_what_is_left_over_of_nobody_has_no_cell(with_neither: dict[str, int], cells: int) -> None:
    """A cell for what is left over would let a hidden part be less than the sum that everybody knows."""
    support, plans = {"all": 160, "A": 60, "B": 100}, {"all": 62, "A": 2, "B": 60}
    with_neither = {"all": sum(with_neither.values())} | with_neither
    counts = {}
    for group in support:
        place = ("2026", "all" if group == "all" else "district", group)
        both = support[group] + plans[group] + with_neither.get(group, 0)
        counts |= {Count(Group("ID01", "base", *place), "numerator"): support[group]}
        counts |= {Count(Group("ID02", "base", *place), "numerator"): plans[group]}
        counts |= {Count(Group("IN07", "base", *place), "denominator"): both}
    held = add_up(counts)
    assert len([cell for cell in held.cells if cell.group.metric_id == "pupils_with_sen"]) == cells
    assert len([relation for relation in held.relations if relation.whole.group.metric_id == "IN07"]) >= 3


def test_a_figure_of_everyone_is_not_told_by_a_group_of_another_measure() -> None:
    """ID12: 3 pupils of all have MSI; PL06 by need has the same 3 as a base, and may not print what the other hides."""
    needs = {"msi": 3, "semh": 60, "slcn": 70}
    rows = [
        row("all", n, 133, metric_id="ID12", measure=f"share_support_{need}", breakdown="all")
        for need, n in needs.items()
    ]
    far = {"metric_id": "PL06", "measure": "mean_km_sen_support"}
    rows += [row("all", None, 133, value=4.0, **far)]
    rows += [
        row(need.upper(), None, n, value=4.0, breakdown="primary_need", set_title="need", **far)
        for need, n in needs.items()
    ]
    lines = [line for table in public.tables(rows, SETTINGS) for line in table.rows]
    everyone = {line["measure"]: line["numerator"] for line in lines if line["metric_id"] == "ID12"}
    by_need = {line["group"]: line["denominator"] for line in lines if line["metric_id"] == "PL06"}
    for need in needs:
        assert everyone[f"share_support_{need}"] == by_need[need.upper()], need
    assert by_need["MSI"] == "c"


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
    # As lopsided as 67 events are, limits would tell them from 65.
    assert printed["standardised_rate"]["lower_95"] == printed["standardised_rate"]["upper_95"] == "x"


def test_the_auditor_stops_a_table_that_gives_a_count_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suppressor is made to forget secondary suppression, and nothing may be mended: the auditor catches it."""

    def primary_only(counts, relations, primary, **_):
        return Suppressed(primary=set(primary))

    monkeypatch.setattr(public, "suppress", primary_only)
    mended = made(TELLING)
    assert mended["B"]["numerator"] == "c"
    monkeypatch.setattr(public, "MOST_MENDS", 0)
    with pytest.raises(DisclosureError, match="could be worked out"):
        made(TELLING)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"round_to": 1}, "round_to = 5"),
        ({"suppress_below": 4}, "suppress_below = 5"),
        ({"suppress_denominator_below": 9}, "suppress_denominator_below = 10"),
    ],
)
def test_settings_can_be_stricter_than_the_policy_not_weaker(changes: dict[str, int], key: str) -> None:
    with pytest.raises(DisclosureError, match=key):
        made(COUNTY, replace(SETTINGS, **changes))


def test_stricter_settings_hide_more() -> None:
    rows = [row("all", 67, 200), row("A", 7, 60), row("B", 23, 70), row("C", 37, 70)]
    assert made(rows)["A"]["numerator"] == "5"
    assert made(rows, replace(SETTINGS, suppress_below=8))["A"]["numerator"] == "c"


def test_policies_of_children_are_no_weaker_than_the_rules() -> None:
    """Section 11 of the reference: 1 to 4 hidden, no rate below 10, rounded to 5."""
    for found in policy.read(SETTINGS).values():
        assert not found.of_children or (found.suppress_below, found.least_denominator, found.round_to) >= (5, 10, 5)
    assert {name for name, found in policy.read(SETTINGS).items() if found.of_children} == {"S1", "S2"}


def test_none_of_a_group_of_25_is_shown_in_education_and_hidden_in_health() -> None:
    sizes = {"all": (61, 155), "A": (0, 25), "B": (31, 60), "C": (30, 70)}
    plans = [row(group, x, n) for group, (x, n) in sizes.items()]
    therapy = [row(group, x, n, metric_id="HC02") for group, (x, n) in sizes.items()]
    tables = {table.name: table for table in public.tables([*plans, *therapy], SETTINGS)}
    of_a = {name: line["value"] for name, table in tables.items() for line in table.rows if line["group"] == "A"}
    assert of_a == {"timeliness": "0.0", "health": "c"}


def test_a_breakdown_can_ask_for_larger_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    breakdowns = ({"breakdown": "all", "least_denominator": "10"}, {"breakdown": "district", "least_denominator": "95"})
    monkeypatch.setattr(
        public, "rows", lambda name: breakdowns if name == "public_breakdown" else specification.rows(name)
    )
    assert [made(COUNTY)[group]["value"] for group in "AB"] == ["52.4", "c"]


def test_what_exceptions_add_to_the_plans_in_time_cannot_be_worked_out() -> None:
    """District A: 30 in time, 28 of them without an exception, so 2 with one. The two figures cannot both be shown."""
    timely = {"all": (150, 300), "A": (30, 100), "B": (60, 100), "C": (60, 100)}
    without = {"all": (128, 260), "A": (28, 90), "B": (50, 85), "C": (50, 85)}
    rows = [row(group, x, n) for group, (x, n) in timely.items()]
    rows += [row(group, x, n, metric_id="TM04") for group, (x, n) in without.items()]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "timeliness").rows
    of_a = {line["metric_id"]: line["numerator"] for line in lines if line["group"] == "A"}
    assert "c" in of_a.values() and len(of_a) == 2


def test_the_kinds_of_setting_add_up_and_do_not_tell_the_one_that_is_hidden() -> None:
    """PL01 in A: 98 mainstream, 58 special and 1 elsewhere are 157 plans, printed as 100, 60 and 155: at most 1."""
    kinds = ("mainstream", "special", "alternative_provision", "further_education", "early_years", "not_recorded")
    found = {"A": dict(zip(kinds, (98, 58, 0, 0, 0, 0), strict=True)) | {"elsewhere": 1}}
    found |= {"B": dict(zip(kinds, (202, 142, 0, 0, 0, 0), strict=True)) | {"elsewhere": 9}}
    found["all"] = {kind: found["A"][kind] + found["B"][kind] for kind in found["A"]}
    rows = [
        row(group, count, sum(of.values()), metric_id="PL01", measure=f"share_{kind}")
        for group, of in found.items()
        for kind, count in of.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "placement").rows
    of_a = {line["measure"].removeprefix("share_"): line["numerator"] for line in lines if line["group"] == "A"}
    assert of_a["elsewhere"] == "c"
    base = {line["denominator"] for line in lines if line["group"] == "A"}
    assert len(base) == 1, "one base, in all seven measures alike"
    others = [text for kind, text in of_a.items() if kind != "elsewhere"]
    most = float("inf") if base == {"c"} else int(min(base)) + 2 - sum(max(int(t) - 2, 0) for t in others if t != "c")
    assert "c" in others or most >= 6


DISTRICTS = {f"D{number:02d}": (1, 20 + number) for number in range(1, 14)}


def quality(measures: dict[str, dict[str, tuple[int, int]]]) -> dict[tuple[str, str], dict[str, str]]:
    rows = [
        row(group, x, n, metric_id="DQ03", measure=measure)
        for measure, groups in measures.items()
        for group, (x, n) in groups.items()
    ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "quality").rows
    return {(line["measure"], line["group"]): line for line in lines}


def test_one_count_by_two_names_is_hidden_under_both_or_neither() -> None:
    """The plans of a district of 3 and one of 24 are a base of both measures; only one measure has small numerators."""
    sizes = {**{group: n for group, (_, n) in DISTRICTS.items()}, "D14": 3}
    few = {**{group: (5, n) for group, n in sizes.items() if group != "D14"}, "D14": (1, 3)}
    many = {**{group: (n - 8, n) for group, n in sizes.items() if group != "D14"}, "D14": (3, 3)}
    for groups in (few, many):
        groups["all"] = (sum(x for x, _ in groups.values()), sum(sizes.values()))
    printed = quality({"share_placement": few, "share_ethnicity": many})
    assert printed["share_placement", "D14"]["denominator"] == "c"
    for group in (*sizes, "all"):
        assert printed["share_placement", group]["denominator"] == printed["share_ethnicity", group]["denominator"], (
            group
        )


def test_one_count_by_two_age_rules_is_one_count_but_by_age() -> None:
    """Plans in force by age on the day and by age in August: a child between the two is no reason to print of a
    district in one measure what the other hides."""
    sizes = {**{group: n for group, (_, n) in DISTRICTS.items()}, "D14": 3, "all": 354}
    rows = []
    for measure, moved in (("share_placement", 0), ("share_ethnicity", 6)):
        rows += [row(group, 0, n, metric_id="DQ03", measure=measure) for group, n in sizes.items()]
        rows += [
            row(band, 0, n + sign * moved, metric_id="DQ03", measure=measure, breakdown="age_band")
            for band, n, sign in (("5-9", 160, 1), ("10-15", 194, -1))
        ]
    lines = next(table for table in public.tables(rows, SETTINGS) if table.name == "quality").rows
    bases = {(line["measure"], line["group"]): line["denominator"] for line in lines}
    assert bases["share_placement", "D14"] == bases["share_ethnicity", "D14"] == "c"
    for group in DISTRICTS:
        assert (bases["share_placement", group] == "c") == (bases["share_ethnicity", group] == "c")
    assert (bases["share_placement", "5-9"], bases["share_ethnicity", "5-9"]) == ("160", "165")


def test_groups_that_are_the_same_children_are_hidden_alike() -> None:
    """Homes outside the county by district and by deprivation: eight measures agree on them, and one that prints the
    others of deprivation alone may not print what it hides by district."""
    measures = ("ID12", "DQ01", "DQ02", "DQ03", "EX06", "EX11", "TM12", "PL12")
    counts = {}
    for place, metric_id in enumerate(measures):
        for breakdown in ("district", "idaci_quintile"):
            counts |= {Count(Group(metric_id, "base", "2026", breakdown, "outside"), "denominator"): 10 + place}
            counts |= {Count(Group(metric_id, "base", "2026", breakdown, "inside"), "denominator"): 100 + place}
    counts[Count(Group("TM05", "base", "2026", "idaci_quintile", "outside"), "denominator")] = 7
    held = add_up(counts)
    outside = [held.name[Count(Group("DQ02", "base", "2026", one, "outside"), "denominator")] for one in BREAKDOWNS]
    assert outside[0] == outside[1]
    other = [Count(Group("DQ02", "base", "2026", "district", one), "denominator") for one in ("inside", "outside")]
    assert held.name[other[0]] != held.name[other[1]]
    # One more measure in which they differ, and they are two groups.
    counts[Count(Group("TM05", "base", "2026", "district", "outside"), "denominator")] = 8
    held = add_up(counts)
    outside = [held.name[Count(Group("DQ02", "base", "2026", one, "outside"), "denominator")] for one in BREAKDOWNS]
    assert outside[0] != outside[1]


@pytest.mark.parametrize(("by_need", "leaves"), [(9, 4.0), (4, None)])
def test_a_group_inside_another_leaves_the_rest_of_it(by_need: int, leaves: float | None) -> None:
    """Of whom no SEN status is known no need is known either: 5 of the 9. Where records say less, nothing is held."""
    place = ("TM05", "base", "2026")
    outer = Count(Group(*place, "primary_need", "unknown"), "numerator")
    inner = Count(Group(*place, "sen_status", "unknown"), "numerator")
    counts = {outer: float(by_need), inner: 5.0}
    held = add_up(counts)
    rests = [size for cell, size in held.cells.items() if cell.kind == "rest of numerator"]
    assert rests == ([] if leaves is None else [leaves])
    assert [relation.whole for relation in held.relations] == ([] if leaves is None else [outer])


def test_a_group_that_one_measure_lacks_is_printed_as_nobody() -> None:
    """Nobody lives in D14: that the second measure has no row of it would tell what the first may have to hide."""
    with_nobody = {**DISTRICTS, "D14": (0, 0)}
    total = (13, sum(n for _, n in DISTRICTS.values()))
    printed = quality(
        {"share_placement": {**with_nobody, "all": total}, "share_ethnicity": {**DISTRICTS, "all": total}}
    )
    assert printed["share_ethnicity", "D14"]["denominator"] == printed["share_placement", "D14"]["denominator"] == "0"
    assert printed["share_ethnicity", "D14"]["value"] == "z"


def test_a_relation_that_does_not_hold_stops_everything() -> None:
    rows = [row("all", 150, 300), row("all", 20, 290, metric_id="TM08")]
    with pytest.raises(DisclosureError, match=r"metric_relation\.csv: plans_issued does not hold in 2026 by all"):
        public.tables(rows, SETTINGS)


@pytest.mark.parametrize(("with_payment", "said"), [(8, []), (40, ["budget_without_payment in 2026"])])
def test_a_part_that_records_make_larger_than_the_whole_is_said_and_stops_nobody(
    with_payment: int, said: list[str]
) -> None:
    """A direct payment comes out of a personal budget; where more children have one, the records are at fault."""
    shared = {"metric_id": "EX11"}
    rows = [row("all", 30, 300, measure="share_personal_budget", **shared)]
    rows += [row("all", with_payment, 300, measure="share_direct_payment", **shared)]
    table = next(table for table in public.tables(rows, SETTINGS) if table.name == "experience")
    assert table.log["relations_that_records_contradict"] == said
    assert [line["numerator"] for line in table.rows] == ["30", str(5 * round(with_payment / 5))]


# What B had came to C: alone, nothing but A would be hidden the second time.
FIRST = [row("all", 61, 250), row("A", 3, 60), row("B", 58, 90), row("C", 0, 100)]
RESTATED = [row("all", 80, 250), row("A", 3, 60), row("B", 40, 90), row("C", 37, 100)]


def timeliness(rows: list[dict[str, Any]], earlier: dict | None = None) -> public.Table:
    return next(table for table in public.tables(rows, SETTINGS, earlier or {}) if table.name == "timeliness")


def numerators(table: public.Table) -> dict[str, str]:
    return {line["group"]: line["numerator"] for line in table.rows}


def test_what_is_left_over_is_a_cell_of_a_group_that_the_part_does_not_know() -> None:
    """A's only plan is an exception, so without exceptions there is no row of A: the county's rest is still A's."""
    of = {"metric_id": "TM06", "measure": "share_over_52_weeks"}
    without = {"metric_id": "TM06", "measure": "share_over_52_weeks_without_exceptions"}
    rows = [row(group, 0, n, **of) for group, n in {"all": 61, "A": 1, "B": 60}.items()]
    rows += [row(group, 0, n, **without) for group, n in {"all": 60, "B": 60}.items()]
    assert public.tables(rows, SETTINGS)


def test_groups_that_do_not_add_up_stop_everything() -> None:
    with pytest.raises(public.DisclosureError, match="TM05 in 2026"):
        public.tables([row("all", 60, 200), row("A", 20, 60), row("B", 20, 70)], SETTINGS)


def test_a_publication_does_not_tell_what_an_earlier_one_hid(tmp_path: Path) -> None:
    """B was hidden for A's sake and would be printed now."""
    first = timeliness(FIRST)
    assert numerators(first) == {"all": "60", "A": "c", "B": "c", "C": "0"}
    assert numerators(timeliness(RESTATED)) == {"all": "80", "A": "c", "B": "40", "C": "35"}
    assert register.keep(first.printed, tmp_path, SETTINGS.as_at)
    second = timeliness(RESTATED, register.read(tmp_path))
    assert numerators(second) == {"all": "80", "A": "c", "B": "c", "C": "35"}
    assert second.log["hidden_for_what_was_published_before"] == 1
    # And again, after it was registered itself: the same table and the same log.
    register.keep(second.printed, tmp_path, SETTINGS.as_at)
    assert timeliness(RESTATED, register.read(tmp_path)) == second


def test_the_same_figures_published_again_hide_nothing_more(tmp_path: Path) -> None:
    first = timeliness(FIRST)
    register.keep(first.printed, tmp_path, SETTINGS.as_at)
    assert timeliness(FIRST, register.read(tmp_path)) == first
    assert register.keep(first.printed, tmp_path, SETTINGS.as_at) is None
    assert len(list(tmp_path.iterdir())) == 1


def test_what_the_auditor_had_hidden_is_hidden_alike_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden for the sake of others both times, and not the second time for what was published before."""
    monkeypatch.setattr(public, "suppress", lambda counts, relations, primary, **_: Suppressed(primary=set(primary)))
    first = timeliness(TELLING)
    assert numerators(first)["B"] == "c"
    register.keep(first.printed, tmp_path, SETTINGS.as_at)
    assert timeliness(TELLING, register.read(tmp_path)) == first


def test_the_register_holds_what_was_printed_and_nothing_else(tmp_path: Path) -> None:
    first = timeliness(FIRST)
    register.keep(first.printed, tmp_path, SETTINGS.as_at)
    found = register.read(tmp_path)
    assert found == {count: frozenset({text}) for count, text in first.printed.items()}
    assert {count.kind for count in found} == {"numerator", "denominator"}
    assert register.read(tmp_path / "none") == {}


def test_what_can_no_longer_be_protected_is_said() -> None:
    """The two that would guard A were printed before as they would be now."""
    before = {
        register.Count(register.Group("TM05", "base", "2026", breakdown, value), "numerator"): frozenset({"60"})
        for breakdown, value in (("all", "all"), ("district", "B"))
    }
    table = timeliness(TELLING, before)
    assert numerators(table)["A"] == "c" and table.log["told_by_what_was_published_before"] >= 1


def test_gaps_and_sums_of_sessions_stay_inside() -> None:
    """A hundred sessions may be one child's, and a gap would tell more than the two figures beside each other."""
    changes = {"period_id": "2025/26", "period_type": "academic_year"}
    for metric_id, measure in (("IN01", "share"), ("AT09", "reading_writing_maths_plan")):
        made_here = public.tables([row("all", 20, 120, metric_id=metric_id, measure=measure, **changes)], SETTINGS)
        assert [table.rows for table in made_here if table.rows] == []


def test_what_is_not_printed_is_named_with_its_reason(tmp_path: Path) -> None:
    """Gaps and ratios of sums whatever the data; a ratio of places, and what had no row, by the data."""
    rows = [*COUNTY, row("all", 20, 120, metric_id="PL11", measure="share_spring", period_type="academic_year")]
    public.write(public.tables(rows, SETTINGS), tmp_path, SETTINGS)
    with (tmp_path / "not_published.csv").open(encoding="utf-8-sig", newline="") as handle:
        named = {(line["metric_id"], line["measure"]): line for line in csv.DictReader(handle)}
    reasons = {
        ("AT09", "reading_writing_maths_plan"): ("yes", public.KEPT_INSIDE["gap"]),
        ("IN01", "share"): ("yes", public.KEPT_INSIDE["ratio"]),
        ("TM04", "share"): ("yes", public.NO_ROW),
    }
    assert {key: (named[key]["whole_indicator"], named[key]["reason"]) for key in reasons} == reasons
    assert not {("TM05", "share"), ("PL11", "share_spring")} & set(named)
    # Another measure of an indicator of which one is printed: not the whole of it is missing.
    assert named["PL11", "share_autumn"]["whole_indicator"] == "no"


def test_files_are_the_same_each_time_and_the_log_counts_what_was_hidden(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    public.write(public.tables(TELLING, SETTINGS), first, SETTINGS)
    public.write(public.tables(TELLING[::-1], SETTINGS), second, SETTINGS)
    names = sorted(file.name for file in first.iterdir())
    outputs = [f"{row['public_output']}.csv" for row in declared("public_output")]
    assert names == sorted(["disclosure_log.json", "not_published.csv", *outputs])
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    log = json.loads((first / "disclosure_log.json").read_text(encoding="utf-8"))
    # Hidden and tried: A's numerator (3) and B's to guard it. Of one table it is not told how many are on which side.
    total = log["all_tables"]
    assert (total["hidden_small"], total["hidden_to_protect_others"], total["audited"]) == (1, 1, 2)
    assert not log["tables"]["timeliness"].keys() & total.keys()
    assert log["tables"]["timeliness"]["share_of_counts_hidden"] > 0
    with (first / "timeliness.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert next(csv.reader(handle)) == list(public.COLUMNS)
