"""What was signed and sent is kept as it was: made whole, never written over."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from warehouse import cli, pipeline
from warehouse.returns import signed
from warehouse.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home in which the return of 2026 is ready to sign and that of 2027 is not."""
    for year, not_ready in ((2026, []), (2027, ["3 open errors: SEN2-P04 (3)."])):
        folder = tmp_path / "published" / "returns" / "sen2" / str(year)
        (folder / "tables").mkdir(parents=True)
        (folder / f"sen2_999_{year}.xml").write_bytes(b"<Message/>")
        (folder / "tables" / "caseload.csv").write_bytes(b"a,b\r\n")
        manifest = {"not_ready": not_ready, "settings": {"serial_number": 1}}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Settings.read(tmp_path)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_whole_return_is_kept_byte_for_byte(home: Settings) -> None:
    stage = pipeline.sign(home, 2026)
    returns = home.home.published / "returns" / "sen2"
    assert bytes_of(returns / "signed" / "2026" / "001") == bytes_of(returns / "2026")
    assert stage.rows_out == 3


def test_signing_the_same_again_changes_nothing(home: Settings) -> None:
    pipeline.sign(home, 2026)
    kept = home.home.published / "returns" / "sen2" / "signed" / "2026" / "001" / "sen2_999_2026.xml"
    before = kept.stat().st_mtime_ns
    pipeline.sign(home, 2026)
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize("change", ["other bytes", "one file more", "one file less"])
def test_what_was_sent_is_never_written_over(home: Settings, change: str) -> None:
    returns = home.home.published / "returns" / "sen2"
    pipeline.sign(home, 2026)
    kept = bytes_of(returns / "signed" / "2026" / "001")
    if change == "other bytes":
        (returns / "2026" / "sen2_999_2026.xml").write_bytes(b"<Massage/>")
    elif change == "one file more":
        (returns / "2026" / "new.csv").write_bytes(b"")
    else:
        (returns / "2026" / "tables" / "caseload.csv").unlink()
    with pytest.raises(signed.SignedAlready, match=r"Serial number 1 of 2026.*raise \[return\] serial_number"):
        pipeline.sign(home, 2026)
    assert bytes_of(returns / "signed" / "2026" / "001") == kept


def test_a_second_sending_stands_beside_the_first(home: Settings) -> None:
    """Under the number that is in the return itself, whatever the settings have come to say since."""
    returns = home.home.published / "returns" / "sen2"
    pipeline.sign(home, 2026)
    manifest = {"not_ready": [], "settings": {"serial_number": 2}}
    (returns / "2026" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    pipeline.sign(replace(home, serial_number=3), 2026)
    assert sorted(folder.name for folder in (returns / "signed" / "2026").iterdir()) == ["001", "002"]


def test_with_open_errors_nothing_is_kept_and_the_reason_is_said(home: Settings) -> None:
    with pytest.raises(pipeline.StageFailed, match=r"SEN2 2027 is not ready to sign: 3 open errors"):
        pipeline.sign(home, 2027)
    assert not (home.home.published / "returns" / "sen2" / "signed").exists()


def test_the_command_signs_or_says_why_not(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    home.home.settings_file.write_text('[council]\nla_code = "999"\ndemonstration = true\n', encoding="utf-8")
    asked = ["sign", "sen2", "--home", str(home.home.root), "--year"]
    assert cli.main([*asked, "2026"]) == 0
    assert "3 files kept" in capsys.readouterr().out
    assert cli.main([*asked, "2027"]) == 1
    assert "not ready to sign: 3 open errors" in capsys.readouterr().err


def test_a_return_that_is_not_there_is_asked_for(home: Settings) -> None:
    shutil.rmtree(home.home.published)
    with pytest.raises(pipeline.StageFailed, match="No SEN2 return for 2026 is published"):
        pipeline.sign(home, 2026)


def test_a_year_that_is_not_made_here_is_not_signed(home: Settings) -> None:
    """The return of an earlier year may have landed as it was sent; it was signed then."""
    with pytest.raises(pipeline.StageFailed, match="2025 is not among the collection years 2026, 2027"):
        pipeline.sign(home, 2025)
