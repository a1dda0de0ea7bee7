"""Figures as they were told: of the county and its districts, a Parquet per day on which they were known, kept under
raw/_reported/figure. The next build lays them beside what is known then (rpt_equity__restated)."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from warehouse import duck
from warehouse.publish import kept
from warehouse.specification import reported

REBUILT = "_rebuilt"
NAME = rf"\d{{4}}-\d\d-\d\d({REBUILT})?\.parquet"


def refuse_unless_whole(folder: Path) -> None:
    """Raise KeptFileError for a file of earlier figures that a build would stumble over."""
    columns = [column.name for column in reported()["figure"].columns]
    kept.refuse_unless_whole(folder, NAME, columns, "the figures of that day then stand beside no others.")


def keep(database: Path, folder: Path, known_on: date, is_rebuilt: bool) -> Path | None:
    """Write down the figures of a finished build as <known_on>.parquet, in place of those of the same day.

    What was worked out afterwards (`is_rebuilt`) does not take the place of what was published on the day: then None.
    """
    published, rebuilt = folder / f"{known_on}.parquet", folder / f"{known_on}{REBUILT}.parquet"
    if is_rebuilt and published.exists():
        return None
    file = rebuilt if is_rebuilt else published
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    with duck.reader(database) as connection:
        connection.execute(
            f"""
            copy (
                select
                    date '{known_on}' as known_on, {str(is_rebuilt).lower()} as is_rebuilt, metric_id, metric_version,
                    measure, period_id, area_level, area_code, is_whole_period, numerator, denominator, value
                from equity.fct_metric
                where area_level in ('county', 'district') and subgroup_set = 'all'
                order by all
            ) to '{duck.quoted(unfinished)}' (format parquet, compression zstd)
            """
        )
    with unfinished.open("rb+") as handle:
        os.fsync(handle.fileno())
    # First, for of one day a build may find no two: stopped in between, what was worked out can be worked out again.
    if not is_rebuilt:
        rebuilt.unlink(missing_ok=True)
    unfinished.replace(file)
    return file
