"""A county of fifty lives, written as rows, through the real equity models: small enough to work out on paper."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warehouse import build, duck
from warehouse.settings import REPOSITORY, Home, Settings
from warehouse.specification import read_yaml

LIVES = Path(__file__).parent / "lives"
# Core tables that this test makes from rows; every other part of core that equity reads is built by its own model.
SELECTED = (
    "path:models/marts/equity",
    "bridge_person_subgroup",
    "dim_period",
    "path:warehouse/spec/metrics",
    "code_ethnicity",
    "code_sen_type_census",
)


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database with the metrics of the fifty lives."""
    settings = Settings(home=Home(tmp_path_factory.mktemp("lives")))
    database = settings.home.work / "lives" / "warehouse.duckdb"
    duck.create(database)
    _make_core(database)
    build.run(settings, database, ("build", "--select", *SELECTED, "--indirect-selection", "cautious"))
    return database


def _make_core(database: Path) -> None:
    contract = read_yaml(REPOSITORY / "models/core/_core__models.yml")["models"]
    types = {model["name"]: {c["name"]: c["data_type"] for c in model["columns"]} for model in contract}
    with duck.memory() as connection:
        connection.execute(f"attach '{duck.quoted(database)}' as lives")
        connection.execute("use lives")
        connection.execute("create schema core")
        for file in sorted(LIVES.glob("*.csv")):
            if file.stem in types:
                _load(connection, file, types[file.stem])
        connection.execute(
            "create table core.dim_date as select d::date as date_day, year(d)::int as calendar_year, "
            "month(d)::int as calendar_month, date_trunc('month', d)::date as month_start, "
            "isodow(d)::int as iso_weekday, "
            "(year(d) - (month(d) < 9)::int)::int as academic_year "
            "from range(date '2024-01-01', date '2029-01-01', interval 1 day) as t(d)"
        )
        connection.execute("use memory")
        connection.execute("detach lives")


def _load(connection, file: Path, types: dict[str, str]) -> None:
    """A core table with all columns of its contract; those the file leaves out are null, or false where boolean."""
    with file.open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    columns = ", ".join(
        f"cast({_value(name, kind, header)} as {kind.replace('string', 'varchar')}) as {name}"
        for name, kind in types.items()
    )
    connection.execute(
        f"create table core.{file.stem} as select {columns} from read_csv('{duck.quoted(file)}', all_varchar = true)"
    )


def _value(name: str, kind: str, header: list[str]) -> str:
    if name in header:
        return name
    return "false" if kind == "boolean" else "null"
