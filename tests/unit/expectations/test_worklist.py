"""The work list before a build: a code that nobody maps is a need that nobody counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from expectations.worklist import Task, tasks
from warehouse import landing
from warehouse.settings import Home, Settings
from warehouse.specification import sources

HEADER = "plan_id,person_id,rank,sen_type,from_date,to_date,local_note\n"


def landed(tmp_path: Path, files: dict[str, str]) -> list[Task]:
    home = Home(tmp_path)
    for name, content in files.items():
        path = home.inbox / "ehc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    off = {name: name == "ehc" for name in sources()}
    settings = replace(Settings(home=home, threads=1), as_at=date(2027, 1, 21), sources=off)
    landing.land(settings)
    return tasks(settings)


def needs(*types: str, since: str = "2026-01-05") -> str:
    return HEADER + "".join(f"P{n},C{n},1,{kind},{since},,x\n" for n, kind in enumerate(types))


def test_gaps_and_new_columns(tmp_path: Path) -> None:
    types = ["ASD"] * 10 + ["Speech and language"] * 6 + ["Wobbly when Ada is there"] * 2 + ["AUTISM"] * 3
    said = {
        (task.kind, task.column, task.rows): task.said for task in landed(tmp_path, {"ehc_need.csv": needs(*types)})
    }
    assert set(said) == {("code", "sen_type", 6), ("code", "sen_type", 2), ("column", "local_note", 21)}
    assert "'SPEECH AND LANGUAGE' is no code of sen_type: nearest is SLCN" in said["code", "sen_type", 6]
    assert not any("WOBBLY" in text.upper() for text in said.values()), "a rare value is about one child"
