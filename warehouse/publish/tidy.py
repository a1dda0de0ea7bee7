"""The public tables once more, as DfE's statistics service takes them: tidy, a column per indicator, with metadata.

Source of the form: DfE's open data standards for data files (analysts' guide). A file has one kind of year. What is
hidden or rounded was decided in public.py; here nothing is computed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from warehouse.publish.files import excel_safe
from warehouse.publish.public import NOT_APPLICABLE, NOT_AVAILABLE, Table
from warehouse.settings import Settings
from warehouse.specification import rows

IDENTIFIERS = {
    "calendar_year": "Calendar year",
    "academic_year": "Academic year",
    "financial_year": "Financial year",
}
PLACE = (
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
    "lad_code",
    "lad_name",
)
# A filter and the column that groups its values.
FILTERS = ("breakdown_topic", "breakdown")
META = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
)
FIGURES = {
    "numerator": "numerator",
    "denominator": "denominator",
    "value": "value",
    "lower_95": "lower 95% limit",
    "upper_95": "upper 95% limit",
}
TOTAL = "Total"
# A district's home can be unknown or outside; those are no place on anybody's map.
NOWHERE = ("unknown", "outside")

Line = dict[str, str]


def write(made: Sequence[Table], folder: Path, settings: Settings) -> list[Path]:
    """<family>_<kind of year>.csv and its .meta.csv in `folder`, for every kind of year that the family has."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in made:
        for period_type in IDENTIFIERS:
            lines, meta = tidy(table, period_type, settings)
            if lines:
                name = f"{table.name}_{period_type}"
                written += [
                    _write(folder / f"{name}.csv", list(lines[0]), lines),
                    _write(folder / f"{name}.meta.csv", META, meta),
                ]
    return written


def tidy(table: Table, period_type: str, settings: Settings) -> tuple[list[Line], list[Line]]:
    """Data lines and metadata lines of a table's years of one kind: a line per year, place and group.

    A figure that its row does not have is x (not available), or z (not applicable) where no group of that breakdown
    has it in that year.
    """
    council = _council(settings)
    found: dict[tuple, dict[str, str]] = {}
    labels: dict[str, tuple[str, str, str]] = {}
    made: set[tuple] = set()
    titles: dict[tuple, tuple[str, str]] = {}
    for row, (kind, breakdown, group) in zip(table.rows, table.groups, strict=True):
        if kind != period_type:
            continue
        place = (row["time_period"], breakdown, group)
        titles[place] = (row["breakdown"], row["group"])
        for figure, said in FIGURES.items():
            column = f"{row['metric_id']}_{row['measure']}_{figure}".lower()
            labels[column] = (row["metric_name"], f"{row['measure_title']}: {said}", _unit(row, figure))
            found.setdefault(place, {})[column] = row[figure]
            made.add((row["time_period"], breakdown, column))
    lines = []
    for (period, breakdown, group), figures in found.items():
        absent = {column: NOT_AVAILABLE if (period, breakdown, column) in made else NOT_APPLICABLE for column in labels}
        lines.append({**_place(period, period_type, breakdown, group, titles, council), **absent, **figures})
    return lines, _meta(labels)


def _place(
    period: str, period_type: str, breakdown: str, group: str, titles: Mapping[tuple, tuple[str, str]], council: Line
) -> Line:
    title, label = titles[period, breakdown, group]
    is_district = breakdown == "district" and group not in NOWHERE
    whole = breakdown == "all" or is_district
    return {
        "time_period": "".join(letter for letter in period if letter.isdigit()),
        "time_identifier": IDENTIFIERS[period_type],
        "geographic_level": "Local authority district" if is_district else "Local authority",
        **council,
        "lad_code": group if is_district else "",
        "lad_name": label if is_district else "",
        "breakdown_topic": TOTAL if whole else title,
        "breakdown": TOTAL if whole else label,
    }


def _council(settings: Settings) -> Line:
    """Codes and names of the council and its region; of a council that DfE's list does not have, its own number."""
    known = next((row for row in rows("release_area") if row["la_code"] == settings.la_code), None)
    return {
        "country_code": "E92000001",
        "country_name": "England",
        "region_code": known["region_code"] if known else "",
        "region_name": known["region_name"] if known else "",
        "old_la_code": settings.la_code,
        "new_la_code": known["new_la_code"] if known else "",
        "la_name": excel_safe(known["la_name"] if known else settings.council_name),
    }


def _meta(labels: Mapping[str, tuple[str, str, str]]) -> list[Line]:
    empty = dict.fromkeys(META, "")
    lines = [
        {
            **empty,
            "col_name": "breakdown",
            "col_type": "Filter",
            "label": "Breakdown",
            "filter_hint": "Group of children",
            "filter_grouping_column": "breakdown_topic",
        }
    ]
    for column, (metric, label, unit) in labels.items():
        is_count = column.endswith(("_numerator", "_denominator"))
        lines.append(
            {
                **empty,
                "col_name": column,
                "col_type": "Indicator",
                "label": f"{metric}, {label}",
                "indicator_grouping": metric,
                "indicator_unit": unit,
                "indicator_dp": "0" if is_count else "1",
            }
        )
    return lines


def _unit(row: Line, figure: str) -> str:
    return "%" if row["unit"] == "%" and figure not in ("numerator", "denominator") else ""


def _write(file: Path, columns: Sequence[str], lines: Iterable[Line]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return file
