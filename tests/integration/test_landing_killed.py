"""The process is killed, not asked: a second run leaves the same raw as a run that nobody disturbed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from warehouse import landing
from warehouse.landing import ledger
from warehouse.settings import REPOSITORY, Home, Settings

LAND = """
import sys
from warehouse import landing
from warehouse.settings import Home, Settings
from pathlib import Path
landing.land(Settings(home=Home(Path(sys.argv[1])), threads=1), progress=lambda line: print(line, flush=True))
"""


def deliver(home: Home) -> None:
    for day in range(1, 13):
        folder = home.inbox / "ehc" / f"2026-{day:02d}-01"
        folder.mkdir(parents=True)
        rows = "".join(f"{day}-{n},P{n},2024-03-01\n" if n % 50 else f"{day}-{n}\n" for n in range(1, 2_001))
        (folder / "ehc_plan.csv").write_text("plan_id,person_id,start_date\n" + rows)


def content(home: Home) -> dict[str, list[dict]]:
    """Everything in raw but the time of landing."""
    found = {}
    for file in sorted(home.raw.rglob("*.parquet")):
        rows = pq.read_table(file, partitioning=None).to_pylist()
        for row in rows:
            row.pop("_landed_at", None)
            row.pop("landed_at", None)
        found[file.relative_to(home.raw).as_posix()] = rows
    return found


@pytest.mark.parametrize("lines", [0, 3, 9])
def test_killed_and_run_again(tmp_path: Path, lines: int) -> None:
    disturbed, calm = Home(tmp_path / "disturbed"), Home(tmp_path / "calm")
    for home in (disturbed, calm):
        deliver(home)
    with subprocess.Popen(
        [sys.executable, "-c", LAND, str(disturbed.root)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
    killed_with = len(ledger.read_receipts(disturbed.ledger))
    assert lines <= killed_with < 12
    for home in (disturbed, calm):
        report = landing.land(Settings(home=home, threads=1))
        assert [receipt.rows_loaded for receipt in report.receipts] == [1_960] * 12
    assert content(disturbed) == content(calm)
    assert not [file for file in disturbed.raw.rglob("*") if file.name.endswith(ledger.TEMPORARY)]
