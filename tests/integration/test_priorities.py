"""The priorities of three councils are answered by the demonstration county: none is empty, each gap has its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import duck

if TYPE_CHECKING:
    from tests.conftest import County

PRIORITIES = [f"{council}{number}" for council, last in (("B", 6), ("H", 6), ("W", 3)) for number in range(1, last + 1)]


def test_no_priority_is_empty(county: County) -> None:
    """Six of fifteen indicators at least have a figure of their own; what is laid over others says what it found."""
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select priority_id, count(*), count(*) filter (standing = 'built' and denominator is not null), "
            "count(*) filter (standing <> 'built' and note is null or standing = 'layer' and value is null) "
            "from equity.rpt_equity__priority group by priority_id order by priority_id"
        ).fetchall()
    assert [row[0] for row in found] == PRIORITIES
    for priority, listed, answered, unexplained in found:
        assert listed == 15, priority
        assert answered >= 6, (priority, answered)
        assert unexplained == 0, priority


def test_every_metric_is_told_of_all_its_kinds_of_period(county: County) -> None:
    """By metric_period.csv; that none is told of another kind is a test of dbt."""
    with duck.reader(county.database) as connection:
        missing = connection.sql(
            "select metric_id, period_type from spec.metric_period "
            "except select metric_id, period_type from equity.fct_metric"
        ).fetchall()
    assert missing == []


def test_parts_of_a_year_add_up_to_it(county: County) -> None:
    """Sessions of three terms are those of the year, reviews of four quarters those of the financial year, and the
    twelve months to December are the calendar year: of everyone and of every group."""
    wholes = (
        ("IN01", "academic_year", "term", "{} %"),
        ("ID07", "financial_year", "quarter", "{} %"),
        ("TM05", "calendar_year", "rolling_12_months", "12 months to {}-12"),
    )
    with duck.reader(county.database) as connection:
        for metric_id, whole, part, named in wholes:
            different, groups = connection.execute(
                "with parts as (select year.period_id, parts.subgroup_set, parts.subgroup_value, "
                "sum(parts.numerator) as numerator, sum(parts.denominator) as denominator "
                "from equity.fct_metric as parts inner join core.dim_period as year "
                "on year.period_type = ? and year.is_whole and parts.period_id like replace(?, '{}', year.period_id) "
                "where parts.metric_id = ? and parts.measure = 'share' and parts.period_type = ? "
                "and parts.area_level = 'county' group by all) "
                "select count(*) filter (where whole.numerator <> parts.numerator "
                "or whole.denominator <> parts.denominator), count(*) from parts "
                "inner join equity.fct_metric as whole using (period_id, subgroup_set, subgroup_value) "
                "where whole.metric_id = ? and whole.measure = 'share' and whole.area_level = 'county'",
                [whole, named, metric_id, part, metric_id],
            ).fetchall()[0]
            assert groups > 50, metric_id
            assert different == 0, metric_id
