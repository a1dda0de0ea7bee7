"""Do intervals hold what was planted, and do alarms ring as seldom as they promise? python -m benchmarks.coverage

Children of many small counties are drawn by the generator's own functions, each county with a seed of its own. They are
not written to extracts, landed or linked: their events go straight to where equity__metric_event and
equity__person_period would stand, a county as a period (coverage_counties.py). From there on all is the warehouse: dbt
builds equity__metric_count, fct_metric and the layers over them. Every event carries the chance with which it was
drawn, so what an interval should hold is known. A second set of counties has the same children with nothing planted:
every event comes with one chance for all. Plans for each head of population and sessions of school are drawn here.

Prints the table of docs/planted-truth.md. The same seed gives the same table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks import coverage_counties as counties
from warehouse import build, duck, specification
from warehouse.settings import Home, Settings
from warehouse.statistics import gradient

# What issue 5 asks of 95% intervals.
LEAST, MOST = 0.92, 0.98
PLANS, PUPILS = 700, 10_500
BUILT = (
    "path:warehouse/spec/metrics",
    "equity__population",
    "equity__metric_count",
    "equity__quantile",
    "equity__standardised_rate",
    "fct_metric",
    "equity__layer_input",
    "int_equity__layer",
    "equity__disproportionality",
)
COMMAND = ("build", "--select", *BUILT, "--exclude-resource-type", "unit_test", "test")
# Whole counties: years of one alone are there for what is planted by year.
IS_LEVEL = f"starts_with(period_id, '{counties.LEVEL}') and not contains(period_id, '{counties.YEAR_OF}')"

# What has to hold, and what has to be known for it to be asked, of a row of fct_metric beside its truth.
CHECKS = {
    "own": ("truth between lower and upper", "lower is not null and upper is not null"),
    "ratio": ("truth / rest_truth between ratio_lower and ratio_upper", "ratio_lower is not null"),
    "difference": ("truth - rest_truth between difference_lower and difference_upper", "difference_lower is not null"),
}
SHARES = "metric_id in ('TM04', 'TM05', 'TM08', 'HC02') and is_planted and not is_of_a_year"
OF_A_YEAR = "metric_id = 'TM04' and is_of_a_year and breakdown = 'all'"
APART = "metric_id = 'PL04' and breakdown = 'primary_need'"
WEEKS = "metric_id = 'TM06' and measure"
PLANS_OF_PUPILS = "metric_id = 'ID02' and breakdown"
RATES = "not is_of_a_year and measure = 'crude_rate' and breakdown"
STANDARDISED = "not is_of_a_year and measure = 'standardised_rate' and breakdown"
LEVEL_SHARES = "not is_of_a_year and measure = 'share' and breakdown"
GROUPS = "in ('all', 'district', 'idaci_quintile')"
SESSIONS = "metric_id = 'IN01' and breakdown"
EXCLUSIONS = "metric_id = 'IN06' and breakdown"
# Kind of county, what is asked, the check, and of which rows.
ASKED = (
    ("planted", "Share in time or with an exception, planted districts (Wilson)", "own", SHARES),
    ("planted", "Share seen in 18 weeks, districts (Wilson)", "own", "metric_id = 'HC02' and breakdown = 'district'"),
    ("planted", "Share of pupils with a plan, fifths (Wilson)", "own", f"{PLANS_OF_PUPILS} = 'idaci_quintile'"),
    ("planted", "Share of pupils with a plan, ethnic groups (Wilson)", "own", f"{PLANS_OF_PUPILS} = 'ethnicity'"),
    ("planted", "Share of pupils with a plan, boys and girls (Wilson)", "own", f"{PLANS_OF_PUPILS} = 'sex'"),
    ("planted", "Share in independent special schools, each need (Wilson)", "own", APART),
    ("planted", "Share in time, each year (Wilson)", "own", OF_A_YEAR),
    ("planted", "Difference from the rest, planted districts (Newcombe)", "difference", SHARES),
    ("planted", "Ratio to the rest, planted districts (Katz)", "ratio", SHARES),
    ("planted", "Ratio to the rest, plans of pupils, fifths (Katz)", "ratio", f"{PLANS_OF_PUPILS} = 'idaci_quintile'"),
    ("planted", "Ratio to the rest, ethnic groups (Katz)", "ratio", f"{PLANS_OF_PUPILS} = 'ethnicity' and is_planted"),
    ("planted", "Ratio to the rest, boys and girls (Katz)", "ratio", f"{PLANS_OF_PUPILS} = 'sex'"),
    ("planted", "Ratio to the rest, planted need in independent schools (Katz)", "ratio", f"{APART} and is_planted"),
    ("planted", "Ratio to the rest, out of county (Katz)", "ratio", "metric_id = 'PL03' and is_planted"),
    ("planted", "Mean weeks to a plan, county (Student)", "own", f"{WEEKS} = 'mean_weeks' and breakdown = 'all'"),
    ("planted", "Mean weeks, districts (Student)", "own", f"{WEEKS} = 'mean_weeks' and breakdown = 'district'"),
    ("planted", "Median weeks, county (ranks)", "own", f"{WEEKS} = 'median_weeks' and breakdown = 'all'"),
    ("planted", "Median weeks, districts (ranks)", "own", f"{WEEKS} = 'median_weeks' and breakdown = 'district'"),
    ("planted", "90th percentile of weeks, county (ranks)", "own", f"{WEEKS} = 'p90_weeks' and breakdown = 'all'"),
    ("drawn", "Plans for each 1,000 residents (Byar)", "own", f"{RATES} {GROUPS}"),
    ("drawn", "… of wards (exact below 10 events)", "own", f"{RATES} = 'ward'"),
    ("drawn", "… standardised for age (Dobson)", "own", f"{STANDARDISED} {GROUPS}"),
    ("drawn", "… ratio to the rest (log)", "ratio", f"{RATES} {GROUPS}"),
    ("drawn", "… difference from the rest", "difference", f"{RATES} {GROUPS}"),
    ("drawn", "Sessions missed of those possible, 400 children (Wilson, effective size)", "own", f"{SESSIONS} = 'all'"),
    ("drawn", "… 40 children (Wilson, effective size)", "own", f"{SESSIONS} = 'district'"),
    ("drawn", "… 40 children, ratio to the rest (log)", "ratio", f"{SESSIONS} = 'district'"),
    ("drawn", "Exclusions of 400 children, one in fifty (Byar, effective size)", "own", f"{EXCLUSIONS} = 'all'"),
    ("drawn", "… 40 children (Byar, effective size)", "own", f"{EXCLUSIONS} = 'district'"),
    ("drawn", "… 40 children, difference from the rest", "difference", f"{EXCLUSIONS} = 'district'"),
    ("level", "Difference from the rest holds 0", "difference", f"{LEVEL_SHARES} {GROUPS}"),
    ("level", "Ratio to the rest holds 1", "ratio", f"{LEVEL_SHARES} {GROUPS}"),
)  # fmt: skip
# Units of which funnel: breakdown, what they are of, metrics.
FUNNELS = (
    ("district", "shares", "'TM05', 'TM08', 'HC02', 'ID02', 'PL03'"),
    ("school", "shares", "'ID02'"),
    ("district", "rates", "'ID03'"),
    ("ward", "rates", "'ID03'"),
)


@dataclass(frozen=True)
class Case:
    """One row of the report: how often an interval held what it should, or an alarm rang; and between what it may."""

    county: str
    what: str
    looks: int
    hits: int
    promise: str = "95%"
    least: float = LEAST
    most: float = MOST

    @property
    def share(self) -> float:
        return self.hits / self.looks if self.looks else float("nan")

    @property
    def is_kept(self) -> bool:
        return self.least <= self.share <= self.most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coverage-") as folder:
        settings = Settings(home=Home(Path(folder)))
        database = settings.home.work / "coverage" / "warehouse.duckdb"
        counties.draw(settings, database, options.counties, PLANS, PUPILS)
        build.run(settings, database, COMMAND)
        with duck.reader(database) as con:
            found = list(cases(con))
            print(report(found))
    if empty := [case.what for case in found if not case.looks]:
        raise SystemExit(f"Nothing was looked at: {'; '.join(empty)}")


def cases(con: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    """Every row of the report, from the finished database."""
    con.register("planted", pa.Table.from_pylist(specification.rows("planted_inequality")))
    con.execute(
        f"""
        create temp table seen as
        select
            made.*, target.breakdown, target.value as truth, target.rest_value as rest_truth,
            starts_with(made.period_id, '{counties.LEVEL}') as is_level,
            contains(made.period_id, '{counties.YEAR_OF}') as is_of_a_year,
            exists (
                select 1 from planted
                where planted.metric_id = made.metric_id and planted.subgroup_set = target.breakdown
                    and planted.subgroup_value = target.breakdown_value
            ) as is_planted
        from equity.fct_metric as made
        inner join truth.target as target
            on target.metric_id = made.metric_id and target.measure = made.measure
            and target.period_id = made.period_id
            and target.breakdown = case when made.area_level = 'county' then made.subgroup_set else made.area_level end
            and target.breakdown_value
                = case when made.area_level = 'county' then made.subgroup_value else made.area_code end
            and (made.area_level = 'county' or made.subgroup_set = 'all')
        """
    )
    for county, what, check, where in ASKED:
        holds, known = CHECKS[check]
        looks, hits = con.execute(
            f"select count(*), count(*) filter ({holds}) from seen"
            f" where is_level = {county == 'level'} and ({where}) and {known}"
        ).fetchone()
        yield Case(county, what, looks, hits)
    yield from _gradients(con)
    yield from _gaps(con)
    yield from _funnels(con)
    yield from _disproportionality(con)


def _gradients(con: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    """EQ01 against the line through the true values of the fifths."""
    names = {"ID02": "plans of pupils", "ID03": "plans of residents"}
    truth = {}
    for metric_id, period_id, values, base in con.execute(
        "select metric_id, period_id, list(truth order by subgroup_value), list(denominator order by subgroup_value)"
        " from seen where breakdown = 'idaci_quintile' and measure in ('share', 'crude_rate')"
        " and metric_id in ('ID02', 'ID03') group by all"
    ).fetchall():
        index = gradient.gradient(values, base, multiplier=100.0 if metric_id == "ID02" else 1.0)
        truth[metric_id, period_id] = {"slope_index": float(index.slope), "relative_index": float(index.relative)}
    made = con.execute(
        f"select metric_id, period_id, {IS_LEVEL}, statistic, lower, upper from equity.int_equity__layer"
        " where breakdown = 'idaci_quintile' and measure in ('share', 'crude_rate') and metric_id in ('ID02', 'ID03')"
        " and lower is not null"
    ).fetchall()
    for is_level in (False, True):
        for metric_id, name in names.items():
            for statistic, title in (("slope_index", "slope"), ("relative_index", "relative")):
                held = [
                    lower <= truth[metric_id, period][statistic] <= upper
                    for metric, period, level, found, lower, upper in made
                    if (metric, level, found) == (metric_id, is_level, statistic)
                ]
                county = "level" if is_level else "planted" if metric_id == "ID02" else "drawn"
                yield Case(county, f"EQ01 {title} index over fifths, {name} (simulated)", len(held), sum(held))


def _gaps(con: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    """EQ06 and EQ05 of districts with 20 or more in the base."""
    layer = "equity.int_equity__layer"
    for county in ("planted", "level"):
        looks, hits = con.execute(
            "select count(*), count(*) filter (100 * truth.gap between lower and upper)"
            f" from {layer} as made inner join ("
            "select metric_id, measure, period_id, is_level, max(truth) - min(truth) as gap from seen"
            " where breakdown = 'district' and denominator >= 20 and metric_id in ('TM05', 'TM08', 'HC02', 'ID02')"
            f" group by all) as truth using (metric_id, measure, period_id)"
            f" where statistic = 'gap' and lower is not null and is_level = {county == 'level'}"
        ).fetchone()
        what = "EQ06 gap of best and worst district (Newcombe, for all pairs)"
        yield Case(county, what, looks, hits, "at least 95%", most=1.0)
    for statistic, band, name in (("gap", "gap_by_chance", "EQ06 gap"), ("gini", "gini", "EQ05 Gini")):
        looks, hits = con.execute(
            "select count(*), count(*) filter (made.value between band.lower and band.upper)"
            f" from {layer} as made inner join {layer} as band using (metric_id, measure, period_id, breakdown)"
            f" where made.statistic = '{statistic}' and band.statistic = '{band}' and breakdown = 'district'"
            f" and {IS_LEVEL}"
        ).fetchone()
        yield Case("level", f"{name} of districts within the band of chance", looks, hits)


def _funnels(con: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    """EQ03: units outside their funnel where all have one chance."""
    for breakdown, kind, metrics in FUNNELS:
        for statistic, limits, promise, least, most in (
            ("funnel_95", "95%", "5%", 0.03, 0.07),
            ("funnel_998", "99.8%", "0.2%", 0.0, 0.005),
        ):
            looks, hits = con.execute(
                "select count(*), count(*) filter (value <> 0) from equity.int_equity__layer"
                f" where statistic = '{statistic}' and breakdown = '{breakdown}' and metric_id in ({metrics})"
                f" and {IS_LEVEL}"
            ).fetchone()
            what = f"EQ03 {breakdown}s outside {limits} limits, {kind}"
            yield Case("level", what, looks, hits, promise, least, most)


def _disproportionality(con: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    """EQ04 of groups large enough to be looked at."""
    looks, clear, alerts = con.execute(
        "select count(*), count(*) filter (abs(ln(risk_ratio)) > 3.090232306167813 * ln(upper / lower) / 3.919927969),"
        f" count(*) filter (is_alert) from equity.equity__disproportionality where is_large_enough and {IS_LEVEL}"
    ).fetchone()
    yield Case("level", "EQ04 risk ratio with 99.8% limits clear of 1", looks, clear, "0.2%", 0.0, 0.004)
    yield Case("level", "EQ04 alert: and of 1.5 or two thirds", looks, alerts, "at most 0.2%", 0.0, 0.003)


def report(found: list[Case]) -> str:
    """The table in Markdown."""
    lines = ["| county | what | looks | promised | found | |", "| --- | --- | ---: | ---: | ---: | --- |"]
    for case in found:
        kept = "" if case.is_kept else "outside"
        lines.append(f"| {case.county} | {case.what} | {case.looks:,} | {case.promise} | {case.share:.1%} | {kept} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
