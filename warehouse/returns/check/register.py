"""The register of settings (GIAS) for the rules that ask it: landed and shaped as the warehouse does it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from warehouse import landing
from warehouse.returns.check import rules
from warehouse.returns.check.read import Unreadable
from warehouse.settings import Home, Settings

# Whatever day the file is of, it is the one to judge by.
_ANY_DAY = date(2099, 12, 31)


def load(connection: duckdb.DuckDBPyConnection, year: int, files: Sequence[Path], scratch: Path) -> None:
    """Fill dim_establishment from the register's download and, where given, its links. Raises Unreadable, OSError."""
    home = Home(scratch / "register")
    inbox = home.inbox / "gias"
    inbox.mkdir(parents=True)
    for file in files:
        kind = "links_edubasealldata" if "link" in file.name.lower() else "edubasealldata"
        shutil.copyfile(file, inbox / f"{kind}{file.suffix}")
    report = landing.land(Settings(home=home, as_at=_ANY_DAY))
    for receipt in report.quarantined:
        raise Unreadable(f"the register could not be read: {receipt.message}")
    project = rules.Project(
        rules.variables(year) | {"known_on": _ANY_DAY.isoformat(), "as_at": _ANY_DAY.isoformat()}, home.raw
    )
    tables = project.tables([rules.REGISTER], given=())
    connection.execute(f"drop table {rules.REGISTER}")
    rules.run(connection, tables["given"])
    rules.run(connection, tables["derived"])
