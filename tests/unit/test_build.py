"""What is said of a build that failed."""

from pathlib import Path

import pytest

from warehouse import build
from warehouse.build import _cause
from warehouse.settings import Home, Settings


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Runtime Error in model dim_person (models/core/dim_person.sql)\n  Binder Error: column upm not found",
            "Binder Error: column upm not found",
        ),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
    ],
)
def test_a_fault_of_our_sql_is_told_whole(message: str, said: str) -> None:
    assert _cause(message) == said


@pytest.mark.parametrize("kind", ["Conversion Error", "Invalid Input Error", "Constraint Error", "Out of Range Error"])
def test_an_error_that_can_quote_a_row_is_told_by_its_kind(kind: str) -> None:
    said = _cause(f"Runtime Error in model stg (models/stg.sql)\n  {kind}: Could not convert 'Blenkinsop'")
    assert said.startswith(kind)
    assert "Blenkinsop" not in said


def test_no_error_text_stays_behind(tmp_path: Path) -> None:
    """dbt's own account of a run holds every message whole: it is gone, and a message does not quote its value."""
    settings = Settings(home=Home(tmp_path))
    database = tmp_path / "work" / "warehouse.duckdb"
    with pytest.raises(build.BuildFailed) as failed:
        build.run(settings, database, ("show", "--inline", "select cast('Blenkinsop' as integer)"))
    assert "Blenkinsop" not in str(failed.value)
    build.run(settings, database, ("run", "--select", "dim_date"))
    kept = {file.name for file in (tmp_path / "work").rglob("*") if file.is_file()}
    assert "manifest.json" in kept
    assert not {name for name in kept if name == "run_results.json" or name.endswith(".log")}


def test_an_error_of_a_python_model_names_its_kind_alone() -> None:
    said = _cause(
        "Runtime Error in model int_x (models/int_x.py)\n  Python model failed:\n Traceback (most recent call last):\n"
        '  File "x.py", line 1, in model\n_duckdb.ConversionException: Conversion Error: Could not convert Blenkinsop'
    )
    assert "Blenkinsop" not in said
    assert "ConversionException in a Python model" in said


def test_what_was_read_of_the_models_serves_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By way of the store alone: another process remembers nothing. Another project does not find it."""
    settings, database = Settings(home=Home(tmp_path)), tmp_path / "work" / "build" / "warehouse.duckdb"
    monkeypatch.setenv("COUNTYWIDE_PARSED", str(tmp_path / "parsed"))
    monkeypatch.setattr(build._Parsed, "_kept", {})
    build.run(settings, database, ("parse",))
    (name,) = build._Parsed._kept
    assert sorted(file.name for file in (tmp_path / "parsed").iterdir()) == [f"{name}.json", f"{name}.msgpack"]

    monkeypatch.setattr(build._Parsed, "_kept", {})
    found = build._Parsed(database, tmp_path / "target", tmp_path / "parsed").manifest()
    assert found is not None and "model.countywide.dim_person" in found.nodes
    assert build._Parsed(database, tmp_path / "target", tmp_path / "elsewhere").manifest() is not None
    monkeypatch.setattr(build._Parsed, "_kept", {})
    monkeypatch.setattr(build, "code_hash", lambda *_: "another project")
    assert build._Parsed(database, tmp_path / "target", tmp_path / "parsed").manifest() is None
