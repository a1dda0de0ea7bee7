"""The headline figures of a return beside last year's, the neighbours' and England's, as people read them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

SCHEMA = "sen2"
HEADERS = (
    "figure",
    "this return",
    "own last year",
    "published last year",
    "neighbours",
    "region",
    "England",
    "definition",
)


@dataclass(frozen=True)
class Row:
    """One headline figure as text; blank where there is nothing to hold it against."""

    title: str
    value: str
    own_last_year: str
    published_last_year: str
    neighbours: str
    region: str
    england: str
    status: str


def rows(connection: duckdb.DuckDBPyConnection, year: int, schema: str | None = SCHEMA) -> list[Row]:
    """The headline figures of a collection year in their order. `status` is how sure the definition is."""
    found = connection.execute(
        f"""
        select headline.title, headline.unit, headline.value, headline.status,
            max(other.value) filter (where comparator = 'own_last_year'),
            max(other.value) filter (where comparator = 'published_last_year'),
            max(other.value) filter (where comparator = 'statistical_neighbours'),
            max(other.value) filter (where comparator = 'region'),
            max(other.value) filter (where comparator = 'england')
        from {_table("sen2__release_headline", schema)} as headline
        left join {_table("sen2__release_headline_comparison", schema)} as other
            on headline.collection_year = other.collection_year and headline.measure_id = other.measure_id
        where headline.collection_year = ?
        group by headline.measure_id, headline.sort_order, headline.title, headline.unit, headline.value,
            headline.status
        order by headline.sort_order
        """,
        [year],
    ).fetchall()
    return [
        Row(title, _text(value, unit), *(_text(other, unit) for other in others), status)
        for title, unit, value, status, *others in found
    ]


def last_year(connection: duckdb.DuckDBPyConnection, schema: str | None = SCHEMA) -> int | None:
    """The latest collection year that has figures."""
    found = connection.execute(f"select max(collection_year) from {_table('sen2__release_headline', schema)}")
    return found.fetchall()[0][0]


def notes(connection: duckdb.DuckDBPyConnection, year: int, schema: str | None = SCHEMA) -> tuple[str, ...]:
    """What stands under the figures: of which year the others are, and how many neighbours."""
    found = connection.execute(
        f"""
        select min(area_count) filter (where comparator = 'statistical_neighbours'),
            max(area_count) filter (where comparator = 'statistical_neighbours'),
            max(source),
            list_sort(list(distinct time_period) filter (where comparator = 'england'))
        from {_table("sen2__release_headline_comparison", schema)}
        where collection_year = ? and comparator <> 'own_last_year'
        """,
        [year],
    ).fetchall()
    fewest, most, source, periods = found[0]
    if source is None:
        return ("No figures of others: drop DfE's release and its statistical neighbours into inbox/dfe_release.",)
    named = " and ".join(map(_period, periods or ()))
    said = f"Others as published for {named} ({source})." if named else f"Published: {source}."
    if most:
        said += f" Neighbours: {most if fewest == most else f'{fewest} to {most}'}, pooled."
    return (said,)


def _period(time_period: str) -> str:
    """DfE's period in words: 202425 is the census of January 2025, 2024 the calendar year."""
    return f"January 20{time_period[4:]}" if len(time_period) == 6 else time_period


def _table(name: str, schema: str | None) -> str:
    return f"{schema}.{name}" if schema else name


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "percent":
        return f"{value:.1f}%"
    return f"{value:.1f}" if unit == "weeks" else f"{value:,.0f}"
