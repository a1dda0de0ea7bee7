"""Identifier checks against the vectors of the reference (sen2 4.1 and 4.2, source-extracts 1) and sums by hand."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.identifiers import formats, has_format
from warehouse.specification import extracts

VALID = {
    "upn": [
        "A950000178301",
        "H243278544154",
        "C201200126001",
        "M333200126002",
        "P933400119015",
        # temporary numbers end in a letter
        "N20120012600A",
        "Y33320012600B",
        "E93340011901Z",
        # as systems print them
        "a950000178301",
        "A950 0001 78301",
    ],
    "uln": ["1000000043", "7673614579"],
    # By hand: 943476591 sums to 299 = 27 x 11 + 2, so the digit is 9; 987654321 to 330 = 30 x 11, so the digit is 0.
    "nhs_number": ["9434765919", "943 476 5919", "943-476-5919", "9876543210"],
    "postcode": ["AL1 1AA", "al11aa", "SW1A 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "ZZ99 3VZ"],
    "urn": ["100000", "12345"],
    "ukprn": ["10000000", "19999999"],
}
INVALID = {
    "upn": [
        "R247962919251",
        "X428558133462",
        "A950000178302",
        "B950000178301",
        "A95000017830",
        "A9500001783011",
        "A95000O178301",
        "I950000178301",
        "",
        "UN1",
    ],
    "uln": ["1000000042", "1234567890", "9999999999", "0000000043", "100000004", "10000000431", "1.00E+09"],
    "nhs_number": ["9434765918", "0000000000", "1111111111", "9999999999", "943476591", "94347659190", "ABCDEFGHIJ"],
    "postcode": ["AL1", "1AL 1AA", "AL1 AAA", "NOT KNOWN", "AL11 11AA"],
    "urn": ["1234", "1234567", "See notes", "10000A"],
    "ukprn": ["20000000", "1000000", "100000000"],
}


def check(value: str | None, kind: str) -> bool | None:
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {has_format('v', kind)} from (select cast(? as varchar) as v)", [value]
        ).fetchall()[0][0]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in VALID.items() for value in values])
def test_valid(kind: str, value: str) -> None:
    assert check(value, kind) is True


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in INVALID.items() for value in values])
def test_invalid(kind: str, value: str) -> None:
    assert check(value, kind) is False


def test_null_is_neither() -> None:
    assert {check(None, kind) for kind in formats()} == {None}


def test_every_declared_format_has_a_check() -> None:
    declared = {column.format for extract in extracts() for column in extract.columns if column.format}
    assert declared <= set(formats()) == set(VALID) == set(INVALID)
