"""Figures as they were told: of the county and its districts, a Parquet per day on which they were known, kept under
raw/_reported/figure. The next build lays them beside what is known then (rpt_equity__restated)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from warehouse import duck

REBUILT = "_rebuilt"


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
    unfinished.replace(file)
    if not is_rebuilt:
        rebuilt.unlink(missing_ok=True)
    return file
