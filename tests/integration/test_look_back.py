"""A return as at a day of the past, from two snapshots: what was known then, and nothing younger.

It matters because a council answers for what it sent, long after its case system has moved on. Resolve: `look_back` in
warehouse/pipeline.py sets as_at and known_on; standing of a snapshot is decided in stg_landing__receipt.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from warehouse import build, duck, pipeline
from warehouse.settings import REPOSITORY, Settings

THEN = date(2026, 12, 15)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A county of 100 plans whose case system was read twice; in between everybody in it took another surname, and one
    plan was said to have ceased before the first reading."""
    settings = Settings.read(tmp_path_factory.mktemp("look-back"))
    pipeline.demo(settings, 100, 800, 2027, _silent)
    for source in (settings.home.inbox).iterdir():
        if source.name != "ehc":
            for file in sorted(source.rglob("*"), reverse=True):
                file.unlink() if file.is_file() else file.rmdir()
    for file in (settings.home.inbox / "ehc").iterdir():
        earlier = file.with_name(f"{file.stem}_2026-12-01{file.suffix}")
        earlier.write_bytes(file.read_bytes())
    _surnames(settings.home.inbox / "ehc" / "ehc_person_2026-12-01.csv", "Before")
    _surnames(settings.home.inbox / "ehc" / "ehc_person.csv", "After")
    _cease(settings.home.inbox / "ehc" / "ehc_plan.csv", "2026-11-15")
    settings.home.published.mkdir()
    settings.home.database.write_bytes(b"the published warehouse")
    with pipeline.exclusive(settings.home):
        pipeline.land(settings, _silent)
    return settings


def test_what_was_known_then(settings: Settings) -> None:
    result = pipeline.look_back(settings, 2026, THEN, _silent)
    folder = settings.home.published / "returns" / "sen2" / "2026-as-at-2026-12-15"
    tree = etree.parse(folder / "sen2_999_2026.xml")
    surnames = {element.text for element in tree.iter("Surname")}
    assert surnames == {"Before"}
    assert tree.findtext(".//DateTime") == "2026-12-15T00:00:00"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["drawn_as_at"] == manifest["settings"]["as_at"] == manifest["settings"]["known_on"] == "2026-12-15"
    assert {entry["snapshot_date"] for entry in manifest["inputs"]} == {"2026-12-01"}
    assert "As at 15 December 2026" in (folder / "signoff.html").read_text(encoding="utf-8")
    assert result.rows_out == sum(manifest["records"].values()) > 100
    assert settings.home.database.read_bytes() == b"the published warehouse"
    assert [path.name for path in (settings.home.published / "returns" / "sen2").iterdir()] == [folder.name]
    assert not list(settings.home.work.rglob("*.duckdb")), "what was built for it is not kept"


@pytest.mark.parametrize(
    ("year", "day", "says"),
    [
        (2026, date(2027, 1, 22), "2027-01-22 lies after 2027-01-21, the as-at date of the settings"),
        (2026, date(2026, 11, 30), "its earliest extract is of 2026-12-01. Ask for that day or a later one."),
        (2024, THEN, "2024 is not among the collection years 2026, 2027"),
    ],
)
def test_a_return_that_cannot_be(settings: Settings, year: int, day: date, says: str) -> None:
    with pytest.raises(pipeline.StageFailed, match=says.replace(".", r"\.")):
        pipeline.look_back(settings, year, day, _silent)


def test_known_on_of_the_settings_holds(settings: Settings) -> None:
    """Where the settings already leave younger extracts out, asking for a later day does not bring them back."""
    earlier = replace(settings, known_on=date(2026, 11, 1))
    with pytest.raises(pipeline.StageFailed, match="known on 2026-11-01"):
        pipeline.look_back(earlier, 2026, THEN, _silent)


def test_the_earlier_answer_is_still_given(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cease was dated back to before the first reading: as known then the plan was in force, as known now it was
    not, though both are asked of the same day."""
    in_force = (
        "select count(*) from core.fct_plan "
        f"where start_date <= '{THEN}' and coalesce(cease_date, '{THEN}') >= '{THEN}'"
    )
    then = pipeline.as_known(settings, THEN)
    # What the data tests say of a county is for other tests.
    monkeypatch.setattr(
        pipeline, "WITHOUT_UNIT_TESTS", (*pipeline.WITHOUT_UNIT_TESTS, "--exclude-resource-type", "test")
    )
    stages = list(pipeline.run_as_known(then, _silent))
    assert stages[-1].name == "publish"
    assert then.home.database.parent == settings.home.root / "as-at" / "2026-12-15"
    assert settings.home.database.read_bytes() == b"the published warehouse"
    assert not list(settings.home.work.rglob("*.duckdb"))

    # Worked out later, for nothing was published on the day.
    (kept,) = settings.home.reported.glob(f"{THEN}*")
    assert kept.name == f"{THEN}_rebuilt.parquet"

    now = settings.home.work / "now" / "warehouse.duckdb"
    selected = ("--select", "+fct_plan_known", "+fct_plan", "+rpt_equity__restated")
    build.run(settings, now, ("build", *selected, "--resource-type", "seed", "--resource-type", "model"))
    with duck.reader(then.home.database) as as_known_then, duck.reader(now) as as_known_now:
        assert _number(as_known_then, in_force) == _number(as_known_now, in_force) + 1
        known_then, known_now = (
            f"select count(*) from core.fct_plan_known where true_from <= '{THEN}' "
            f"and coalesce(true_until, '{THEN}') >= '{THEN}' "
            f"and known_from <= '{day}' and coalesce(known_until, '9999-12-31') > '{day}'"
            for day in (THEN, settings.as_at)
        )
        assert _number(as_known_now, known_then) == _number(as_known_then, in_force)
        assert _number(as_known_now, known_now) == _number(as_known_now, in_force)
        assert as_known_now.execute(
            "select true_until, known_from, known_until from core.fct_plan_known "
            "where plan_key in (select plan_key from core.fct_plan_known where known_until is not null) "
            "order by known_from"
        ).fetchall() == [
            (None, date(2026, 12, 1), date(2027, 1, 21)),
            (date(2026, 11, 15), date(2027, 1, 21), None),
        ]
        # By the query of the guide: on the last of November the plan that has since been dated back was in force.
        restated = as_known_now.execute(_query_of_the_guide())
        names = [column[0] for column in restated.description]
        changed = [dict(zip(names, row, strict=True)) for row in restated.fetchall()]
        assert {row["known_on"] for row in changed} == {THEN}
        assert all(row["is_rebuilt"] for row in changed)
        assert ("TM16", "share_over_12_months", "2026-11", "999") in {
            (row["metric_id"], row["measure"], row["period_id"], row["area_code"]) for row in changed
        }
        in_november = (
            "select numerator_then - numerator_now, denominator_then - denominator_now "
            "from equity.rpt_equity__restated where metric_id = 'TM16' and measure = 'share_over_12_months' "
            "and period_id = '{}' and area_level = 'county'"
        )
        (((fewer, one),), ((_, none),)) = (
            as_known_now.execute(in_november.format(month)).fetchall() for month in ("2026-11", "2026-10")
        )
        assert fewer in (0, 1) and one == 1
        assert none == 0
        # A year under way on the day is not restated: it grew.
        assert _number(as_known_now, "select count(*) from equity.rpt_equity__restated where period_id = '2026'") == 0
    now.unlink()
    # Every figure says when it was known, so the folders of several days are one table.
    figures = then.home.published / "internal" / "equity.parquet"
    assert duckdb.sql(f"select distinct known_on from '{duck.quoted(figures)}'").fetchall() == [(THEN,)]


def _query_of_the_guide() -> str:
    guide = (REPOSITORY / "docs" / "guides" / "run-in-a-council.md").read_text(encoding="utf-8")
    start = guide.index("    select metric_id, measure, period_id, area_code, known_on")
    return guide[start : guide.index("\n\n", start)]


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return connection.execute(query).fetchall()[0][0]


def _surnames(file: Path, name: str) -> None:
    header, rows = _table(file)
    place = header.index("surname")
    for row in rows:
        row[place] = name
    _write(file, header, rows)


def _cease(file: Path, day: str) -> None:
    """End the first plan that has no end."""
    header, rows = _table(file)
    place = header.index("cease_date")
    row = next(row for row in rows if not row[place])
    row[place] = day
    _write(file, header, rows)


def _table(file: Path) -> tuple[list[str], list[list[str]]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    return header, rows


def _write(file: Path, header: list[str], rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])


def _silent(_line: str) -> None:
    pass
