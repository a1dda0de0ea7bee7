"""One dbt run over an empty core for the session; tests put their own rows in a copy."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.returns.sen2_mart import YEARS, Mart, empty_core
from warehouse import build
from warehouse.settings import Home, Settings


@pytest.fixture(scope="session")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    root = tmp_path_factory.mktemp("mart")
    settings = Settings(home=Home(root), as_at=date(2027, 1, 21), collection_years=YEARS)
    database = root / "work" / "warehouse.duckdb"
    (root / "raw").mkdir()
    database.parent.mkdir()
    empty_core(database)
    build.run(
        settings,
        database,
        (
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "--select",
            "path:warehouse/spec/returns/sen2",
            "path:warehouse/spec/codesets",
            "path:models/marts/sen2",
        ),
    )
    folder = database.parent / "target" / "compiled" / "countywide" / "models" / "marts" / "sen2"
    compiled = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.sql")}
    return Mart(settings, database, compiled)
