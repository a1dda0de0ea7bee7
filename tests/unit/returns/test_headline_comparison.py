"""Headline figures beside those of others, on hand-made published figures.

It matters because a director reads these columns side by side: a pooled rate of the wrong councils, or a suppressed
figure taken for nought, is a wrong decision. Resolve: mend sen2__release_headline_comparison.sql.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from warehouse.returns import headline
from warehouse.returns.check import rules

GIVEN = ("sen2__header", "fct_published_figure", "dim_statistical_neighbour")
SEEDS = ("release_area", "release_table", "release_headline")
HEADLINE = "(collection_year integer, measure_id text, sort_order integer, title text, value double, unit text, numerator double, denominator double, status text)"  # fmt: skip  # noqa: E501
MODEL = "sen2__release_headline_comparison"
# Of Barnet (302, London), two neighbours and their region: plans issued in time, all plans issued, and plans in force.
FIGURES = (
    # collection year, level, area, la_code, in time, issued, plans in force
    (2024, "Local authority", "E09000003", "302", "60", "100", "4000"),
    (2025, "Local authority", "E09000003", "302", "75", "100", "4320"),
    (2025, "Local authority", "E09000031", "320", "10", "200", "9000"),
    (2025, "Local authority", "E06000039", "870", "90", "100", "2000"),
    (2025, "Local authority", "E09000010", "310", "x", "500", "2500"),
    (2025, "Local authority", "E09000005", "304", "500", "500", "2500"),
    (2025, "Regional", "E12000007", None, "333", "1000", "100000"),
    (2025, "Regional", "E12000005", None, "1", "1000", "100000"),
    (2024, "National", "E92000001", None, "503", "1000", "575000"),
    (2025, "National", "E92000001", None, "459", "1000", "638745"),
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """The model over hand-made rows, for the returns of 2025 and 2026."""
    project = rules.Project(rules.variables(2026))
    query, _ = project.render(MODEL)
    with duckdb.connect() as connection:
        rules.run(connection, project.tables([*GIVEN, *SEEDS], given=GIVEN)["given"])
        connection.execute(f"create table sen2__release_headline {HEADLINE}")
        for year in (2025, 2026):
            connection.execute("insert into sen2__header by name select ? as collection_year, '302' as \"LEA\"", [year])
            for measure, sort, title, value, unit in (
                ("issued_20_weeks", 80, "Plans issued within 20 weeks", 75.0 + year - 2025, "percent"),
                ("plans_in_force", 10, "Plans in force", 4320.0 + 10 * (year - 2025), "plans"),
            ):
                connection.execute(
                    "insert into sen2__release_headline by name select ? as collection_year, ? as measure_id, "
                    "? as sort_order, ? as title, ? as value, ? as unit, 'tested' as status",
                    [year, measure, sort, title, value, unit],
                )
        for year, level, area, la_code, in_time, issued, plans in FIGURES:
            for table, measure, text in (
                ("timeliness_20_week", "plans_issued_within_20_weeks", in_time),
                ("timeliness_20_week", "plans_issued_den", issued),
                ("caseload", "ehcplans", plans),
            ):
                connection.execute(
                    "insert into fct_published_figure by name select ? as release_table, ? as time_period, "
                    "? as collection_year, ? as geographic_level, ? as area_code, ? as la_code, true as is_total, "
                    "? as measure, "
                    "try_cast(? as double) as value, case when try_cast(? as double) is null then ? end as status",
                    [table, str(year - 1), year, level, area, la_code, measure, text, text, text],
                )
        for rank, neighbour in enumerate(("320", "870", "310"), start=1):
            connection.execute(
                "insert into dim_statistical_neighbour by name select '302' as la_code, ? as neighbour_rank, "
                "? as neighbour_la_code",
                [rank, neighbour],
            )
        connection.execute(f"create table {MODEL} as {query}")
        yield connection


def found(connection: duckdb.DuckDBPyConnection, year: int, measure: str) -> dict[str, tuple[str, float, int]]:
    rows = connection.execute(
        f"select comparator, time_period, value, area_count from {MODEL} where collection_year = ? and measure_id = ?",
        [year, measure],
    ).fetchall()
    return {comparator: (period, value, areas) for comparator, period, value, areas in rows}


def test_rates_are_held_against_everybody(connection: duckdb.DuckDBPyConnection) -> None:
    """Neighbours: (10 + 90) of (200 + 100); the third gives no figure, and 304 is nobody's neighbour."""
    assert found(connection, 2025, "issued_20_weeks") == {
        "published_same_year": ("2024", 75.0, 1),
        "published_last_year": ("2023", 60.0, 1),
        "statistical_neighbours": ("2024", 33.3, 2),
        "region": ("2024", 33.3, 1),
        "england": ("2024", 45.9, 1),
    }


def test_before_dfe_publishes_others_are_of_the_year_before(connection: duckdb.DuckDBPyConnection) -> None:
    assert found(connection, 2026, "issued_20_weeks") == {
        "own_last_year": ("2025", 75.0, 1),
        "published_last_year": ("2024", 75.0, 1),
        "statistical_neighbours": ("2024", 33.3, 2),
        "region": ("2024", 33.3, 1),
        "england": ("2024", 45.9, 1),
    }


def test_counts_are_held_against_the_councils_own_years_only(connection: duckdb.DuckDBPyConnection) -> None:
    assert found(connection, 2026, "plans_in_force") == {
        "own_last_year": ("2025", 4320.0, 1),
        "published_last_year": ("2024", 4320.0, 1),
    }


def test_what_people_read(connection: duckdb.DuckDBPyConnection) -> None:
    plans, issued = headline.rows(connection, 2026, schema=None)
    assert (plans.title, plans.value, plans.own_last_year, plans.neighbours) == ("Plans in force", "4,330", "4,320", "")
    assert (issued.value, issued.own_last_year, issued.published_last_year) == ("76.0%", "75.0%", "75.0%")
    assert (issued.neighbours, issued.region, issued.england) == ("33.3%", "33.3%", "45.9%")
    assert issued.status == "tested"
    assert headline.notes(connection, 2026, schema=None) == (
        "Others as published for 2024 (DfE, Education, health and care plans). Neighbours: 2, pooled.",
    )


def test_the_note_names_calendar_year_and_census_as_people_do(connection: duckdb.DuckDBPyConnection) -> None:
    """DfE prints the census of January 2025 as 202425."""
    connection.execute(
        f"insert into {MODEL} by name select 2026 as collection_year, 'need_asd' as measure_id, "
        "'england' as comparator, '202425' as time_period, 31.5 as value, 1 as area_count, 'DfE' as source"
    )
    (note,) = headline.notes(connection, 2026, schema=None)
    assert note.startswith("Others as published for 2024 and January 2025 (")


def test_without_published_files_there_is_nothing_beside(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"delete from {MODEL} where source like 'DfE%'")
    (plans, _) = headline.rows(connection, 2026, schema=None)
    assert (plans.own_last_year, plans.published_last_year, plans.england) == ("4,320", "", "")
    assert headline.notes(connection, 2026, schema=None) == (
        "No figures of others: drop DfE's release and its statistical neighbours into inbox/dfe_release.",
    )
