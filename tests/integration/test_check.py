"""A finished county's own return, checked as a stranger's file: it reads back whole, and the findings are the mart's.

Two readers of one set of rules must agree; where they do not, a council would mend what is right. Resolve: a record
that differs is the reader's or the writer's fault, a finding that differs with equal records is the checker's.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from warehouse import cli, duck
from warehouse.returns import layout
from warehouse.returns.check import judge, rules

if TYPE_CHECKING:
    from tests.conftest import County

# Positions from 1 in the order of the file, by the ids of the mart.
_PLACES = """
    person as (
        select person_record_id, row_number() over (order by person_record_id) as person
        from sen2.sen2__person where collection_year = $year
    ),
    request as (
        select
            request_record_id,
            row_number() over (partition by person_record_id order by request_record_id) as request
        from sen2.sen2__requests where collection_year = $year
    )
"""
_OWN = {
    "sen2__plan_detail": "plan_detail_record_id",
    "sen2__placement_detail": "placement_record_id",
    "sen2__sen_need": "need_record_id",
}


def file_of(county: County, year: int) -> Path:
    return county.home.published / "returns" / "sen2" / str(year) / f"sen2_999_{year}.xml"


def left_out(county: County, year: int) -> dict[str, int]:
    """Codes of no list, by element: the writer leaves them out, so the file cannot tell them."""
    manifest = json.loads((file_of(county, year).parent / "manifest.json").read_text(encoding="utf-8"))
    return manifest["codes_left_out"]


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_record_reads_back(county: County, year: int) -> None:
    message = layout.message(year, demonstration=True)
    missing = left_out(county, year)
    with (
        judge.judge(file_of(county, year), demonstration=True) as judged,
        duck.reader(county.database) as mart,
    ):
        assert not judged.unlisted
        assert judged.people > 500
        for module in message.walk():
            if not module.table or not module.key:
                continue
            items = ", ".join(f'"{item.element}"' for item in module.items if item.element not in missing)
            own = _OWN.get(module.table)
            written = mart.execute(
                f"with {_PLACES} select {items}, person"
                + (", request" if len(module.key) > 1 else "")
                + (f", row_number() over (partition by record.request_record_id order by record.{own})" if own else "")
                + f" from sen2.{module.table} as record inner join person using (person_record_id)"
                + (" inner join request using (request_record_id)" if len(module.key) > 1 else "")
                + " where record.collection_year = $year order by all",
                {"year": year},
            ).fetchall()
            ids = [f"cast(split_part({name}, '.', {place}) as bigint)" for place, name in enumerate(module.key, 1)]
            read = judged.rows(f"select {items}, {', '.join(ids)} from {module.table} order by all")
            assert len(written) > 100
            assert [tuple(row) for row in read] == [
                tuple(value.strip() or None if isinstance(value, str) else value for value in row) for row in written
            ], module.table


@pytest.mark.parametrize("year", [2026, 2027])
def test_findings_are_those_of_the_mart(county: County, year: int) -> None:
    """All but those of a code that the writer left out: then another rule says that the item is missing."""
    register = sorted((county.home.inbox / "gias").glob("*.csv"))
    own = " union all ".join(
        f"select {key} as record_id, row_number() over (partition by request_record_id order by {key}) as own "
        f"from sen2.{table} where collection_year = $year"
        for table, key in _OWN.items()
    )
    with duck.reader(county.database) as mart:
        expected = Counter(
            mart.execute(
                f"with {_PLACES}, own as ({own}) select flag, level, person, request, own from sen2.sen2__finding "
                "left join person using (person_record_id) left join request using (request_record_id) "
                "left join own using (record_id) where collection_year = $year",
                {"year": year},
            ).fetchall()
        )
    before = file_of(county, year - 1) if year == 2027 else None
    with judge.judge(file_of(county, year), register=register, demonstration=True, last_year=before) as judged:
        found = Counter(
            judged.rows(
                "select flag, level, cast(person_record_id as bigint), "
                "cast(split_part(request_record_id, '.', 2) as bigint), cast(split_part(record_id, '.', 3) as bigint) "
                f"from {rules.FINDINGS} where collection_year = {year}"
            )
        )
        levels = dict(judged.levels)
    assert expected.total() > 500
    differ = (expected - found) + (found - expected)
    assert differ.total() <= 2 * sum(left_out(county, year).values())
    assert {key[0] for key in differ} <= {"p13", "p23", "r07", "r08", "r18", "t03"}
    assert sum(levels.values()) == found.total()


def test_the_command_on_several_files(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(file_of(county, year)) for year in (2026, 2027)]
    assert cli.main(["check", *files, "--demonstration", "--format", "json"]) == 2
    found: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["file"] for line in found} == {Path(file).name for file in files}
    assert {line["level"] for line in found} == {"error", "query", "warning"}
    with duck.reader(county.database) as mart:
        values = mart.execute(
            'select "Surname", "UPN", "PostCode" from sen2.sen2__person where length("Surname") > 4'
        ).fetchall()
    said = json.dumps(found)
    for value in {value for row in values for value in row if value}:
        assert f'"{value}"' not in said
        assert f" {value} " not in said
