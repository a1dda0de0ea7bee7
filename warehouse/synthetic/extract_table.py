"""One table per declared extract: the declared columns as text, and beside them where a row goes and whose it is."""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.world import World


def table(source: str, entity: str) -> str:
    """The name of the table that holds an extract."""
    return f"x_{source}_{entity}"


def make(world: World, source: str, entity: str, query: str, /, **values: object) -> None:
    """Store a query as an extract: declared columns as text, in declared order; columns not given are blank."""
    world.sql(f"create or replace temporary view given as {query}", **values)
    given = {row[0] for row in world.con.execute("describe given").fetchall()}
    declared = [column for column in specification.extract(source, entity).columns if not column.many]
    unknown = given - {column.name for column in declared} - {"_file", "_sort", "_n"}
    if unknown:
        raise KeyError(f"{source}.{entity}: not declared: {', '.join(sorted(unknown))}")
    columns = ", ".join(
        f"{column.name}::varchar as {column.name}" if column.name in given else f"null::varchar as {column.name}"
        for column in declared
    )
    extra = ", ".join(
        f"{name}::{kind} as {name}" if name in given else f"null::{kind} as {name}"
        for name, kind in (("_file", "varchar"), ("_sort", "varchar"), ("_n", "bigint"))
    )
    world.con.execute(
        f"create table {table(source, entity)} as select {columns}, {extra}, null::varchar as _fault from given"
    )


def tie(source: str, entity: str) -> str:
    """Planted copies of a row follow it, whatever was changed in them."""
    columns = [column.name for column in specification.extract(source, entity).columns if not column.many]
    return ", ".join(columns)
