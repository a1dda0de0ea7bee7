"""The rules of the return as the warehouse has them, ready for a database that holds nothing but one return.

Every rule is written once, in `models/marts/sen2/*_flags.sql`. Here those files are rendered with the macros that dbt
uses and without dbt, which takes seconds to start: half a second instead, and nothing to keep that could grow stale.
A test holds what is rendered to what dbt compiles, model by model.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from warehouse import duck, specification
from warehouse.settings import REPOSITORY

MODELS = REPOSITORY / "models"
_MACROS = REPOSITORY / "warehouse" / "macros"
_CONTRACT = MODELS / "marts" / "sen2" / "_sen2__models.yml"
_CORE_CONTRACTS = tuple((MODELS / "core").glob("_*__models.yml"))
# Read from the file itself, or from the register that comes with it; everything else follows from rows and models.
RECORDS = (
    "sen2__header",
    "sen2__person",
    "sen2__requests",
    "sen2__assessment",
    "sen2__named_plan",
    "sen2__plan_detail",
    "sen2__active_plans",
    "sen2__placement_detail",
    "sen2__sen_need",
)
REGISTER = "dim_establishment"
# The register of a census day is the warehouse's to know; a check has the one that it is given.
REGISTER_THEN = "dim_establishment_on_census_day"
# Returns that landed in a warehouse; a file that is checked by itself has none beside it.
RETURNED = tuple(name.replace("sen2__", "fct_returned_") for name in RECORDS)
GIVEN = (*RECORDS, REGISTER, REGISTER_THEN, *RETURNED)
FINDINGS = "sen2__rule_hit"


@dataclass(frozen=True)
class Table:
    """A table of the checker: a `create table` of given columns, rows of a spec file, or the SQL of a model."""

    name: str
    sql: str


def variables(year: int, demonstration: bool = False) -> dict[str, Any]:
    """dbt's vars for judging one year: defaults of the project, that year, whether the invented council counts."""
    defaults = specification.read_yaml(REPOSITORY / "dbt_project.yml")["vars"]
    return defaults | {"collection_years": [year], "demonstration": demonstration}


class Project:
    """Models and macros of the warehouse, rendered for DuckDB as dbt would.

    `variables` are dbt's vars; `raw` is where landing put what sources are read from, if any are. In a database of one
    year, `year` stands wherever a macro is told in which column the year is: the lists of a year's codes and thresholds
    are then asked once, and not joined to every record.
    """

    def __init__(self, variables: dict[str, Any], raw: Path | None = None, year: int | None = None):
        self._raw = raw
        self._variables = variables
        self._contracts = _contracts()
        self._files = {file.stem: file for file in MODELS.rglob("*.sql")}
        self._asked: list[str] = []
        self._environment = jinja2.Environment(
            extensions=["jinja2.ext.do"],
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701  SQL, not a page
        )
        self._environment.globals.update(
            {
                "ref": self._ref,
                "source": self._source,
                "var": variables.__getitem__,
                "return": _return,
                "execute": True,
                "adapter": {"dispatch": self._dispatch},
                "dbt": {"type_string": lambda: "TEXT"},
                "graph": {"nodes": self._contracts, "sources": _extracts() if raw else {}},
            }
        )
        self._macros: dict[str, Callable[..., str]] = {}
        # Macros call each other across files, and what one returns must not end another: each is a template of its own.
        texts = [file.read_text(encoding="utf-8") for file in sorted(_MACROS.glob("*.sql"))]
        macros = re.findall(r"({%-?\s*macro\s+(\w+)\((.*?)\).*?endmacro\s*-?%})", "".join(texts), re.DOTALL)
        self._texts = {name: text for text, name, _ in macros}
        self._environment.globals |= {name: partial(self._call, name) for name in self._texts}
        if year is not None:
            for _, name, parameters in macros:
                names = re.findall(r"\w+", parameters)
                if name.startswith("sen2_") and "year" in names:  # elsewhere a year is one of any date
                    self._environment.globals[name] = partial(self._settled, name, names.index("year"), str(year))

    def render(self, model: str) -> tuple[str, tuple[str, ...]]:
        """The SQL of a model and the names that it refers to. Relations are named without a schema."""
        self._asked = []
        sql = self.render_file(self._files[model])
        return sql, tuple(dict.fromkeys(self._asked))

    def render_file(self, file: Path) -> str:
        """The SQL of a file that is no model, such as a singular test."""
        return self._environment.from_string(file.read_text(encoding="utf-8")).render()

    def tables(self, models: Iterable[str], given: tuple[str, ...] = GIVEN) -> dict[str, list[Table]]:
        """What to make before the records are there, and after: {"given": …, "derived": …}, each in order.

        Tables `given` are made empty, by their contract, for others to fill; the rest follow from models and rows.
        """
        made: dict[str, list[Table]] = {"given": [], "derived": []}
        seen: set[str] = set()

        def make(name: str) -> None:
            if name in seen:
                return
            seen.add(name)
            if name in given:
                made["given"].append(Table(name, self._empty(name)))
            elif name in self._files:
                sql, asked = self.render(name)
                for other in asked:
                    make(other)
                made["derived"].append(Table(name, f'create or replace table "{name}" as {sql}'))
            else:
                made["given"].append(Table(name, seed(name)))

        for name in models:
            make(name)
        return made

    def columns(self, model: str) -> dict[str, str]:
        """Columns and their types, as the contract of a model has them."""
        return {column["name"]: column["data_type"] for column in self._contracts[model]["columns"].values()}

    def _empty(self, name: str) -> str:
        columns = ", ".join(f'"{column}" {data_type}' for column, data_type in self.columns(name).items())
        return f'create table "{name}" ({columns})'

    def _ref(self, name: str) -> str:
        self._asked.append(name)
        return f'"{name}"'

    def _source(self, source: str, entity: str) -> str:
        folder = {"landing": "_landing"}.get(source, source)
        files = duck.quoted(self._raw / folder / entity / "**" / "*.parquet")
        return f"read_parquet('{files}', union_by_name=true, hive_partitioning=false)"

    def _settled(self, name: str, place: int, year: str, *values: Any) -> Any:
        return self._call(name, *values[:place], year, *values[place + 1 :])

    def _call(self, name: str, *values: Any, **named: Any) -> Any:
        if name not in self._macros:  # there are many more than a few models use
            self._macros[name] = getattr(self._environment.from_string(self._texts[name]).module, name)
        try:
            return self._macros[name](*values, **named)
        except _Return as returned:
            return returned.value

    def _dispatch(self, name: str, _project: str | None = None) -> Callable[..., Any]:
        return partial(self._call, f"duckdb__{name}" if f"duckdb__{name}" in self._texts else f"default__{name}")


class _Return(Exception):
    """Not an error: dbt's way out of a macro with a value that is no text."""

    def __init__(self, value: Any):
        super().__init__()
        self.value = value


def _return(value: Any) -> None:
    raise _Return(value)


def seed(name: str) -> str:
    """SQL that reads a spec file as dbt seeds it: typed as YAML says, the rest by what all of its values look like."""
    (file,) = specification.SPEC.rglob(f"{name}.csv")
    with file.open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    declared = _folder_types().get(file.parent.name, {}) | _seed_types().get(name, {})
    types = ", ".join(f"'{column}': '{declared[column]}'" for column in header if column in declared)
    return (
        f"create table if not exists \"{name}\" as select * from read_csv('{duck.quoted(file)}', header = true, "
        f"delim = ',', quote = '\"', escape = '\"', sample_size = -1{f', types = {{{types}}}' if types else ''})"
    )


def run(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], progress: Callable[[float], None] | None = None
) -> None:
    """Make the tables in order; `progress` is told the share that is made."""
    for number, table in enumerate(tables):
        if progress:
            progress(number / len(tables))
        connection.execute(table.sql)


def _contracts() -> dict[str, dict[str, Any]]:
    """Model name → its contract, in the shape in which macros read dbt's graph."""
    found = {}
    for file in (_CONTRACT, *_CORE_CONTRACTS):
        for model in specification.read_yaml(file)["models"]:
            found[model["name"]] = {
                "resource_type": "model",
                "name": model["name"],
                "columns": {
                    column["name"]: {"name": column["name"], "data_type": column["data_type"]}
                    for column in model["columns"]
                },
            }
    return found


class _Meta(dict[str, Any]):
    """What is not declared is nothing, as it is to dbt: this renderer would refuse it."""

    def __missing__(self, name: str) -> None:
        return None


def _extracts() -> dict[str, dict[str, Any]]:
    """Every declared extract, in the shape in which macros read dbt's graph."""
    return {
        extract.name: {
            "source_name": extract.source,
            "name": extract.entity,
            "meta": _Meta(extract.meta),
            "source_meta": _Meta(extract.source_meta),
            "columns": {
                column.name: {"data_type": column.data_type, "config": {"meta": vars(column)}, "meta": {}}
                for column in extract.columns
            },
        }
        for extract in specification.extracts()
    }


@cache
def _folder_types() -> dict[str, dict[str, str]]:
    """Folder of spec files → column types, as dbt_project.yml has them."""
    seeds = specification.read_yaml(REPOSITORY / "dbt_project.yml")["seeds"]["countywide"]
    return {name: folder.get("+column_types", {}) for name, folder in seeds.items() if isinstance(folder, dict)}


@cache
def _seed_types() -> dict[str, dict[str, str]]:
    found = {}
    for file in sorted(specification.SPEC.rglob("_*__seeds.yml")):
        for document in specification.read_yaml(file)["seeds"]:
            found[document["name"]] = document.get("config", {}).get("column_types", {})
    return found


def normal(sql: str) -> str:
    """SQL with its white space folded, for comparing."""
    return re.sub(r"\s+", " ", sql).strip()
