"""Lives written as rows, through the real equity models: few enough to work out on paper."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warehouse import build, duck
from warehouse.pipeline import WITHOUT_UNIT_TESTS
from warehouse.settings import REPOSITORY, Home, Settings
from warehouse.specification import read_yaml

LIVES = REPOSITORY / "warehouse" / "lives"
# What is built here; every other table of core is made from rows, or empty.
SELECTED = (
    "path:models/marts/equity",
    "dim_period",
    "path:warehouse/spec/metrics",
    "release_area",
    "code_ethnicity",
    "code_nc_year",
    "code_sen_type_census",
    "school_census_day",
    "easter",
)
# One provider's referrals are late, and no waiting list ever came; of all else the lives do not say.
FRESHNESS = (
    "('csds', 'referral', 'Z9C', date '2026-12-31', 'fresh'), ('csds', 'referral', 'Z9D', date '2026-09-30', 'late'), "
    "('csds', 'care_contact', null, date '2026-12-31', 'fresh'), ('waiting_list', 'waiting', null, null, 'absent')"
    ") as standing (source, entity, supplier, reported_to, standing"
)
COUNTED = "('csds', 'referral', 40), ('csds', 'care_contact', 90)) as counted (source, entity, rows_staged"
LEFT_OUT = (
    "('csds', 'care_contact', 'orphan'), ('csds', 'care_contact', 'orphan'), ('attainment', 'eyfsp', 'no_measure')"
    ") as left_out (source, entity, reason"
)


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database with the metrics of lives/county: a whole county of its own."""
    return _made(tmp_path_factory.mktemp("lives"), [LIVES / "county"])


@pytest.fixture(scope="session")
def lives_by_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database with the metrics of all other folders of lives: each family lives in districts of its own."""
    return _made(
        tmp_path_factory.mktemp("lives"), sorted(folder for folder in LIVES.glob("*/") if folder.name != "county")
    )


def _made(home: Path, folders: list[Path]) -> Path:
    settings = Settings(home=Home(home))
    database = settings.home.work / "lives" / "warehouse.duckdb"
    duck.create(database)
    _make_core(database, folders)
    command = ("build", "--select", *SELECTED, "--indirect-selection", "cautious", *WITHOUT_UNIT_TESTS)
    build.run(settings, database, command)
    return database


def _make_core(database: Path, folders: list[Path]) -> None:
    contract = [
        model
        for file in sorted((REPOSITORY / "models/core").glob("_core*__models.yml"))
        for model in read_yaml(file)["models"]
    ]
    with duck.memory() as connection:
        connection.execute(f"attach '{duck.quoted(database)}' as lives")
        connection.execute("use lives")
        connection.execute("create schema core")
        for model in contract:
            types = {column["name"]: column["data_type"] for column in model["columns"]}
            if model["name"] not in (*SELECTED, "dim_date"):
                _create(connection, model["name"], types)
                # The collections are everybody's; all else is a family's own.
                for folder in [LIVES / "county"] if model["name"] == "dim_collection" else folders:
                    if (file := folder / f"{model['name']}.csv").exists():
                        _load(connection, file, types)
        connection.execute(
            "create table core.dim_date as select d::date as date_day, year(d)::int as calendar_year, "
            "month(d)::int as calendar_month, date_trunc('month', d)::date as month_start, "
            "date_trunc('quarter', d)::date as quarter_start, isodow(d)::int as iso_weekday, "
            "(year(d) - (month(d) < 9)::int)::int as academic_year, "
            "(year(d) - (month(d) < 4)::int)::int as financial_year "
            "from range(date '2024-01-01', date '2029-01-01', interval 1 day) as t(d)"
        )
        connection.execute("create schema quality")
        connection.execute(f"create table quality.rpt_quality__freshness as from (values {FRESHNESS})")
        connection.execute(f"create table quality.rpt_quality__reconciliation as from (values {COUNTED})")
        connection.execute(f"create table quality.quality__core_reject as from (values {LEFT_OUT})")
        connection.execute("use memory")
        connection.execute("detach lives")


def _create(connection, table: str, types: dict[str, str]) -> None:
    columns = ", ".join(f"{name} {kind.replace('string', 'varchar')}" for name, kind in types.items())
    connection.execute(f"create table core.{table} ({columns})")


def _load(connection, file: Path, types: dict[str, str]) -> None:
    """Rows of a core table with all columns of its contract; what the file leaves out is null or false."""
    with file.open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    columns = ", ".join(
        f"cast({_value(name, kind, header)} as {kind.replace('string', 'varchar')}) as {name}"
        for name, kind in types.items()
    )
    connection.execute(
        f"insert into core.{file.stem} select {columns} from read_csv('{duck.quoted(file)}', all_varchar = true)"
    )


def _value(name: str, kind: str, header: list[str]) -> str:
    if name in header:
        return name
    return "false" if kind == "boolean" else "null"
