"""Several files at once, last year's file, and what is shown while one waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.returns import sen2_cases, sen2_files
from tests.unit.returns.sen2_files import case
from tests.unit.returns.sen2_mart import insert
from warehouse import cli
from warehouse.returns.check import judge, register

THIS, LAST = 2026, 2025


def written(file: Path, year: int, *bases: str) -> str:
    return str(sen2_files.write(file, sen2_files.xml([case(base) for base in bases], year)))


def test_what_several_files_are_held_against_is_read_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each is told what it is told alone."""
    files = [written(tmp_path / f"{name}.xml", THIS, name, "asked") for name in ("issued", "standing", "ceased")]
    before = written(tmp_path / "before.xml", LAST, "issued", "assessing", "standing")
    options = ["--last-year", before, "--gias", "register.csv", "--demonstration"]
    read: list[str] = []

    def load(connection: Any, *_others: Any) -> None:
        read.append("register.csv")
        insert(connection, "dim_establishment", sen2_cases.register())

    def loaded(connection: Any, columns: Any, message: Any, file: Path, *others: Any) -> Any:
        read.append(file.name)
        return own_load(connection, columns, message, file, *others)

    own_load = judge.load
    monkeypatch.setattr(register, "load", load)
    monkeypatch.setattr(judge, "load", loaded)
    alone = ""
    for file in files:
        cli.main(["check", file, *options])
        alone += capsys.readouterr().out
    read.clear()
    cli.main(["check", *files, *options])
    assert capsys.readouterr().out == alone
    assert "SEN2-X03" in alone
    assert read == ["issued.xml", "before.xml", "register.csv", "standing.xml", "ceased.xml"]


def test_faults_of_last_years_file_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    this, last = (written(tmp_path / f"{year}.xml", year, "standing") for year in (THIS, LAST))
    for faults, said in (
        ("<Nickname/>", "2025.xml has 1 fault of"),
        ("<A/><B/>", "2025.xml has 2 faults of"),
        ("", None),
    ):
        text = sen2_files.xml([case("standing")], LAST).replace("<Forename>", f"{faults}<Forename>")
        sen2_files.write(Path(last), text)
        cli.main(["check", this, "--last-year", last, "--demonstration"])
        out = capsys.readouterr().out
        assert (said in out) if said else ("of structure" not in out)


def test_what_is_done_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge.bar(0) == "[" + " " * 20 + "]   0%"
    assert judge.bar(0.5) == "[" + "#" * 10 + " " * 10 + "]  50%"
    assert judge.bar(1) == "[" + "#" * 20 + "] 100%"
    said: list[str] = []
    file = sen2_files.write(tmp_path / "r.xml", sen2_files.xml([case("issued")] * 3, THIS))
    with judge.judge(file, progress=said.append):
        pass
    assert any(line.startswith("reading r.xml: 3 people [####") for line in said)
    assert any(line.startswith("judging 3 people [") for line in said)
