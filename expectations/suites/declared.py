"""What the declaration of an extract implies: rows, required columns, types, code sets, formats, keys, whole files."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.demand import ANY, Demand
from warehouse.specification import Column, Extract

# Shares above which a fault is one of the file and not of some records.
DUPLICATE_KEYS = 0.05
UNPARSEABLE = 0.20

_FORMATS = {
    "upn": "a UPN: 13 characters whose check letter fits",
    "uln": "a ULN: 10 digits whose check digit fits",
    "nhs_number": "an NHS number: 10 digits whose check digit fits",
    "postcode": "a full postcode",
    "urn": "a URN: 5 or 6 digits",
    "ukprn": "a UKPRN: 8 digits, the first 1",
}


def demands(extract: Extract) -> tuple[Demand, ...]:
    """The demands that every extract meets, from its source YAML."""
    return (*_of_the_table(extract), *(demand for column in extract.columns for demand in _of_a_column(column)))


def _of_the_table(extract: Extract) -> Iterator[Demand]:
    # A return may hold nobody with a disability or a plan; an extract of its own may not be empty.
    is_nested = extract.meta.get("record", ".") != "."
    yield Demand(
        "has_rows",
        "rows",
        "warning" if is_nested else "error",
        "Ask the supplier for the extract again; this one holds no record.",
        minimum=1,
    )
    yield Demand(
        "no_file_quarantined",
        "files_quarantined",
        "warning",
        "Read the receipts: each quarantined file says what is wrong with it and how to mend it.",
        maximum=0,
    )
    yield Demand(
        "columns_present",
        "columns_missing",
        "warning",
        "Ask for the missing columns if the council holds them; countywide status names them.",
        maximum=0.0,
    )
    yield Demand(
        "rows_not_rejected",
        "rejected",
        "warning",
        "Read the rejects: each says which record was refused and why.",
        maximum=0.0,
    )
    key = ", ".join(extract.key)
    yield Demand(
        "key_unique",
        "duplicate_key",
        "warning",
        "The last of the rows with one key is used. Ask the supplier why there are several.",
        key,
        maximum=0.0,
    )
    yield Demand(
        "key_mostly_unique",
        "duplicate_key",
        "error",
        "So many rows share a key that the extract must be doubled or joined wrongly. Ask for it again.",
        key,
        maximum=DUPLICATE_KEYS,
    )


def _of_a_column(column: Column) -> Iterator[Demand]:
    if column.many:
        return
    if column.required:
        yield Demand(
            "required_filled",
            f"blank.{column.name}",
            "warning",
            "Fill the blanks at the source; the column is required.",
            column.name,
            maximum=0.0,
        )
        yield Demand(
            "required_not_empty",
            f"filled.{column.name}",
            "error",
            "The required column is empty in every row: the export must have lost it. Ask for it again.",
            column.name,
            minimum=ANY,
        )
    if column.data_type != "string":
        mend = f"Look for values that are no {column.data_type} in the declared form, and correct them at the source."
        yield Demand("parses", f"unparseable.{column.name}", "warning", mend, column.name, maximum=0.0)
        if column.required:
            yield Demand("mostly_parses", f"unparseable.{column.name}", "error", mend, column.name, maximum=UNPARSEABLE)
    if column.data_type == "date" or column.between:
        yield Demand(
            "plausible",
            f"implausible.{column.name}",
            "warning",
            f"It has to lie between {column.between[0]:,} and {column.between[1]:,}: look for slips of the hand, and "
            "for numbers such as 9999 that stand for not known. Leave those blank."
            if column.between
            else "Look for dates such as 01/01/1900 that stand for not known, and leave them blank.",
            column.name,
            maximum=0.0,
        )
        if column.required and column.between:
            yield Demand(
                "mostly_plausible",
                f"implausible.{column.name}",
                "error",
                "So many cannot be meant: another unit or another column must stand there. Ask for the extract again.",
                column.name,
                maximum=UNPARSEABLE,
            )
    if column.code_set:
        yield Demand(
            "code_known",
            f"unknown_code.{column.name}",
            "warning",
            f"Correct the codes, or add them to the crosswalk of this source for {column.code_set}.",
            column.name,
            maximum=0.0,
        )
    if column.format:
        yield Demand(
            "well_formed",
            f"bad_format.{column.name}",
            "warning",
            f"Correct them at the source: each should be {_FORMATS[column.format]}.",
            column.name,
            maximum=0.0,
        )
