"""Do the limits of fct_metric hold what was drawn? The SQL of the macros over thousands of draws with known chances.

The whole table, over the generator's children and through dbt, is `python -m benchmarks.coverage`; here are the same
expressions in seconds. Limits of 90% must be found out: a band that they pass would find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from benchmarks.coverage import BUILT, LEAST, MOST
from benchmarks.coverage_counties import GIVEN, draw, race_end
from warehouse import duck
from warehouse.settings import REPOSITORY, Home, Settings
from warehouse.specification import rows

LOOKS, SEED = 4_000, 2027
Z_95, Z_90, Z_80 = "1.959963984540054", "1.6448536269514722", "1.2815515655446004"
Sides = dict[str, np.ndarray]


def macros(z: str = Z_95) -> jinja2.environment.TemplateModule:
    text = "".join(
        (REPOSITORY / "warehouse" / "macros" / f"{name}.sql").read_text(encoding="utf-8")
        for name in ("statistics", "metric_intervals")
    )
    assert Z_95 in text
    return jinja2.Environment(autoescape=False).from_string(text.replace(Z_95, z)).module  # noqa: S701 - SQL, not HTML


def side(name: str, x: np.ndarray, n: np.ndarray, units: np.ndarray | None = None, squares: tuple = ()) -> Sides:
    """The columns that metric_limit reads of a group or of the rest; `squares` are the sums of xx, nn and xn."""
    xx, nn, xn = squares or (x, n, x)
    found = {"numerator": x, "denominator": n, "events": n if units is None else units}
    found |= {"squares": xx, "denominator_squares": nn, "cross_products": xn}
    return {f"{name}_{column}": np.asarray(values, dtype=float) for column, values in found.items()}


def proportions(random: np.random.Generator, name: str, chance: np.ndarray) -> Sides:
    n = random.integers(20, 200, LOOKS)
    return side(name, random.binomial(n, chance), n)


def rates(random: np.random.Generator, name: str, chance: np.ndarray) -> Sides:
    n = random.uniform(300, 3_000, LOOKS)
    return side(name, random.poisson(n * chance), n)


def means(random: np.random.Generator, name: str, chance: np.ndarray) -> Sides:
    waits = random.gamma(4.0, chance[:, None] / 4.0, (LOOKS, 150))
    total = waits.sum(axis=1)
    return side(name, total, np.full(LOOKS, 150), squares=((waits**2).sum(axis=1), total, total))


def ratios(random: np.random.Generator, name: str, chance: np.ndarray, children: int = 150) -> Sides:
    """Sessions that children miss, each with a share of its own."""
    n = random.integers(60, 191, (LOOKS, children))
    shares = random.beta(8 * chance[:, None], 8 * (1 - chance[:, None]), n.shape)
    x = random.binomial(n, shares)
    squares = ((x * x).sum(axis=1), (n * n).sum(axis=1), (x * n).sum(axis=1))
    return side(name, x.sum(axis=1), n.sum(axis=1), np.full(LOOKS, children), squares)


def ratios_of_few(random: np.random.Generator, name: str, chance: np.ndarray) -> Sides:
    """The same of 40 children: few enough to need Student's t."""
    return ratios(random, name, chance, children=40)


def rare(random: np.random.Generator, name: str, chance: np.ndarray) -> Sides:
    """Exclusions of 400 children, most of whom have none."""
    x = random.binomial(1, chance[:, None], (LOOKS, 400))
    events = x.sum(axis=1)
    children = np.full(LOOKS, 400)
    return side(name, events, children, children, (events, children, events))


KINDS: dict[str, Callable[[np.random.Generator, str, np.ndarray], Sides]] = {
    "proportion": proportions,
    "rate": rates,
    "mean": means,
    "ratio": ratios,
    "rare": rare,
}
# How each is told to the macros: kind, unit and method.
TOLD = {
    "proportion": ("proportion", "proportion", "wilson"),
    "rate": ("rate", "number", "byar"),
    "mean": ("mean", "number", "mean_t"),
    "ratio": ("ratio", "proportion", "wilson_effective"),
    "few": ("ratio", "proportion", "wilson_effective"),
    "rare": ("ratio", "rate_per_100_pupils", "byar_effective"),
}


@pytest.fixture(scope="module")
def drawn() -> duckdb.DuckDBPyConnection:
    """A table of draws for each kind, with what was planted in the group and in the rest, and the rows looked up."""
    random = np.random.default_rng(SEED)
    with duck.memory() as connection:
        for name in ("poisson_limit", "student_t"):
            seed = pa.Table.from_pylist([{key: float(value) for key, value in row.items()} for row in rows(name)])
            connection.register(f"{name}_rows", seed)
        for table_name, draw in (KINDS | {"few": ratios_of_few}).items():
            kind, unit, method = TOLD[table_name]
            # What Student's t counts: children of a ratio of sums, values of a mean.
            counted = "events" if kind == "ratio" else "denominator"
            truth, rest_truth = random.uniform(0.08, 0.5, (2, LOOKS)) / (6 if table_name == "rare" else 1)
            table = pa.table(
                {"truth": truth, "rest_truth": rest_truth}
                | draw(random, "group", truth)
                | draw(random, "rest", rest_truth)
            )
            connection.register("draws", table)
            connection.execute(
                f"create table {table_name}_looked_up as"
                f" select draws.*, '{kind}' as kind, '{unit}' as unit, '{method}' as interval_method,"
                " 1.0 as multiplier,"
                " group_limit.lower as group_poisson_lower, group_limit.upper as group_poisson_upper,"
                " rest_limit.lower as rest_poisson_lower, rest_limit.upper as rest_poisson_upper,"
                " group_t.t as group_student_t, rest_t.t as rest_student_t"
                " from draws"
                " left join poisson_limit_rows as group_limit on group_limit.events = group_numerator"
                " left join poisson_limit_rows as rest_limit on rest_limit.events = rest_numerator"
                f" left join student_t_rows as group_t on group_t.degrees_of_freedom = group_{counted} - 1"
                f" left join student_t_rows as rest_t on rest_t.degrees_of_freedom = rest_{counted} - 1"
            )
            connection.execute(f"create table {table_name}_draw as {sized(f'{table_name}_looked_up')}")
            connection.unregister("draws")
        yield connection


def sized(table: str) -> str:
    """The query that gives each side its error and its size, as fct_metric does."""
    made = macros()
    error = ", ".join(f"{made.ratio_error(name)} as {name}_error" for name in ("group", "rest"))
    size = ", ".join(f"{made.ratio_size(name)} as {name}_size" for name in ("group", "rest"))
    return f"select *, {size} from (select *, {error} from {table})"


def coverage(connection: duckdb.DuckDBPyConnection, kind: str, lower: str, upper: str, truth: str) -> float:
    looks, held = connection.execute(
        f"select count(*), count(*) filter ({lower} <= {truth} and {truth} <= {upper}) from {kind}_draw"
        f" where ({lower}) is not null and ({upper}) is not null"
    ).fetchone()
    assert looks > 0.98 * LOOKS
    return held / looks


def limits(made: jinja2.environment.TemplateModule, kind: str, what: str) -> tuple[str, str, str]:
    """Lower and upper limit as fct_metric writes them, and what they should hold."""
    if what == "own":
        return made.metric_limit("group", "lower"), made.metric_limit("group", "upper"), "truth"
    if what == "difference":
        value, rest = made.metric_value("group"), made.metric_value("rest")
        return (
            made.difference_lower(value, made.metric_limit("group", "lower"), rest, made.metric_limit("rest", "upper")),
            made.difference_upper(value, made.metric_limit("group", "upper"), rest, made.metric_limit("rest", "lower")),
            "(truth - rest_truth)",
        )
    sides = ("group_numerator", "group_denominator", "rest_numerator", "rest_denominator")
    ratio = {
        "proportion": lambda sign: made.risk_ratio(*sides, sign),
        "rate": lambda sign: made.rate_ratio(*sides, sign),
        "ratio": made.ratio_of_ratios,
        "rare": made.ratio_of_ratios,
    }[kind]
    return ratio("-"), ratio("+"), "(truth / rest_truth)"


CASES = [
    (kind, what)
    for kind in KINDS
    for what in ("own", "difference", "ratio")
    if (kind, what) != ("mean", "ratio")  # a mean is compared by difference
]


@pytest.mark.parametrize(("kind", "what"), CASES)
def test_limits_hold_what_was_drawn(drawn, kind: str, what: str) -> None:
    assert LEAST <= coverage(drawn, kind, *limits(macros(), kind, what)) <= MOST


@pytest.mark.parametrize(("kind", "what"), CASES)
def test_limits_of_90_per_cent_are_found_out(drawn, kind: str, what: str) -> None:
    """Limits of few events hold more than they promise, as a count leaps: 80% for these."""
    assert coverage(drawn, kind, *limits(macros(Z_80 if kind == "rare" else Z_90), kind, what)) < LEAST


def test_a_ratio_of_few_has_students_limits(drawn) -> None:
    """Limits of the normal distribution are narrower, and hold less."""
    made = macros()
    lower, upper, truth = limits(made, "few", "own")
    held = coverage(drawn, "few", lower, upper, truth)
    error = made.ratio_error("group")
    value = made.metric_value("group")
    normal = coverage(drawn, "few", f"{value} - {Z_95} * {error}", f"{value} + {Z_95} * {error}", truth)
    assert LEAST <= held <= MOST
    assert normal < held


def test_normal_limits_of_rare_events_hold_too_little(drawn) -> None:
    """Why ratios of sums have the limits of counts: 400 children, of whom a few are excluded."""
    made = macros()
    value, error = made.metric_value("group"), made.ratio_error("group")
    where = "where truth < 0.02"
    drawn.execute(f"create or replace temp table rarest_draw as from rare_draw {where}")
    held = drawn.execute(
        f"select avg((truth between {value} - {Z_95} * {error} and {value} + {Z_95} * {error})::int),"
        f" avg((truth between {made.metric_limit('group', 'lower')} and {made.metric_limit('group', 'upper')})::int)"
        " from rarest_draw"
    ).fetchone()
    assert held[0] < LEAST <= held[1]


def limits_of(method: str, unit: str, children: list[tuple[float, float]], z: str = Z_95) -> tuple[float | None, ...]:
    """Lower and upper limit of the sum of the first over the sum of the second, by fct_metric's expressions."""
    x, n = np.array(children, dtype=float).T
    given = {"numerator": x.sum(), "denominator": n.sum(), "events": len(x), "squares": (x * x).sum()}
    given |= {"denominator_squares": (n * n).sum(), "cross_products": (x * n).sum()}
    given |= {"student_t": stats.t.ppf(0.975, len(x) - 1) if len(x) > 1 else None}
    columns = ", ".join(
        f"{'null' if value is None else repr(float(value))}::double as {name}_{column}"
        for name in ("group", "rest")
        for column, value in given.items()
    )
    made = macros(z)
    with duck.memory() as connection:
        connection.execute(
            "create table looked_up as select 'ratio' as kind, 1 as multiplier, null::double as group_poisson_lower,"
            " null::double as group_poisson_upper, null::double as rest_poisson_lower,"
            f" null::double as rest_poisson_upper, '{unit}' as unit, '{method}' as interval_method, {columns}"
        )
        ends = ", ".join(made.metric_limit("group", end) for end in ("lower", "upper"))
        return connection.execute(f"select {ends} from ({sized('looked_up')})").fetchone()


def test_a_share_of_sums_is_wilsons_with_the_effective_size() -> None:
    """Korn and Graubard's size from the robust error of another package, then that package's Wilson limits."""
    children = [(3, 190), (0, 188), (40, 120), (12, 190), (5, 60)]
    x, n = np.array(children, dtype=float).T
    share, error = x.sum() / n.sum(), sm.WLS(x, n, weights=1 / n).fit(cov_type="HC1").bse[0]
    size = share * (1 - share) / error**2 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 4)) ** 2
    wanted = proportion_confint(share * size, size, method="wilson")
    assert limits_of("wilson_effective", "proportion", children) == pytest.approx(wanted, rel=1e-9)


def test_nobody_excluded_is_not_nobody_ever() -> None:
    """471 children without an event. Byar's upper limit of no event is (1 - 1/9 + 1.96/3)^3 = 1.54221^3 = 3.66799;
    Wilson's is 3.84146 / (471 + 3.84146); the rule of three says 3.7 / 471 = 0.0079 too."""
    nobody = [(0, 1)] * 471
    assert limits_of("byar_effective", "rate_per_100_pupils", nobody) == pytest.approx((0, 3.66799 / 471), abs=1e-7)
    assert limits_of("wilson_effective", "percent", nobody) == pytest.approx((0, 3.84146 / 474.84146), abs=1e-7)
    # Forty children of 190 sessions are forty children, not 7,600.
    assert limits_of("wilson_effective", "percent", [(0, 190)] * 40)[1] == pytest.approx(3.84146 / 43.84146, abs=1e-6)


def test_all_are_not_everybody_ever() -> None:
    """Wilson's lower limit of 40 of 40 is 40 / 43.84146."""
    assert limits_of("wilson_effective", "percent", [(190, 190)] * 40) == pytest.approx((40 / 43.84146, 1), abs=1e-6)


def test_money_without_spread_has_no_limits_and_with_it_is_not_below_0() -> None:
    """2, 2 and 2 pounds a place; then 0 and 10: mean 5, standard error 5, Student's t of one degree 12.7062."""
    assert limits_of("linearised", "pounds", [(2, 1), (2, 1), (2, 1)]) == (None, None)
    assert limits_of("linearised", "pounds", [(0, 1), (10, 1)]) == pytest.approx((0, 5 + 12.7062 * 5), rel=1e-5)


def test_a_single_child_has_no_limits() -> None:
    for method in ("wilson_effective", "byar_effective", "linearised"):
        assert limits_of(method, "percent", [(1, 2)]) == (None, None)


@pytest.mark.parametrize(("unit", "least"), [("weeks", 0.0), ("points", 6 - 12.7062 * 4)])
def test_a_mean_of_waits_is_not_below_0_and_of_points_may_be(unit: str, least: float) -> None:
    """2 and 10: mean 6, standard error 4, Student's t of one degree 12.7062. Of 6 and 6 there is no spread to tell."""
    made = macros()
    ends = ", ".join(made.metric_limit("group", end) for end in ("lower", "upper"))
    with duck.memory() as connection:
        found = connection.execute(
            f"select {ends} from (select 'mean' as kind, '{unit}' as unit, 'mean_t' as interval_method,"
            " 1 as multiplier, squares as group_squares, 12.0 as group_numerator, 2 as group_denominator,"
            " 2 as group_events, 12.7062 as group_student_t, 0.0 as group_denominator_squares,"
            " 0.0 as group_cross_products, 0.0 as group_size, 0.0 as group_error,"
            " null::double as group_poisson_lower, null::double as group_poisson_upper"
            " from (values (104.0), (72.0)) as of (squares))"
        ).fetchall()
    assert found[0] == pytest.approx((least, 6 + 12.7062 * 4))
    assert found[1] == (None, None)


def test_the_end_of_a_race_lets_the_wanted_number_through() -> None:
    """Two alike of four: each has a half, so 1 - exp(-t) = 1/2."""
    assert race_end(np.ones(4), 2) == pytest.approx(np.log(2))
    weights = np.array([1.0, 2.0, 4.0])
    assert (1 - np.exp(-weights * race_end(weights, 1))).sum() == pytest.approx(1.0)


def test_every_model_that_is_built_has_what_it_reads() -> None:
    """A model that got one more parent would stop the benchmark after a quarter of an hour."""
    files = {file.stem: file for folder in ("models", "warehouse/spec") for file in (REPOSITORY / folder).rglob("*.*")}
    read = {
        parent
        for name in BUILT
        if name in files
        for parent in re.findall(r"ref\(['\"](\w+)['\"]\)", files[name].read_text(encoding="utf-8"))
    }
    assert "fct_metric" in read
    assert {parent for parent in read if files[parent].suffix != ".csv"} <= {*GIVEN, *BUILT}


def test_each_county_has_a_seed_of_its_own(tmp_path: Path) -> None:
    """Two counties whose children were the same would make one draw look like many."""
    database = tmp_path / "work" / "warehouse.duckdb"
    draw(Settings(home=Home(tmp_path)), database, counties=2, plans=100, pupils=1_000)
    with duck.reader(database) as connection:
        found = connection.execute(
            "select period_id, list(person_key order by person_key) filter (numerator > 0)"
            " from truth.event where metric_id = 'ID02' group by period_id order by period_id"
        ).fetchall()
        planted, level = connection.execute(
            "select sum(chance) filter (period_id not like 'L%'), sum(chance) filter (period_id like 'L%')"
            " from truth.event where metric_id in ('TM05', 'TM08', 'ID02', 'HC02')"
        ).fetchone()
    assert [period for period, _ in found] == ["0001", "0002", "L0001", "L0002"]
    assert len({tuple(children) for _, children in found}) == 4
    # Levelled, a metric has as many events on average as planted.
    assert level == pytest.approx(planted)
