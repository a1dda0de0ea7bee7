"""Checks of identifiers as DuckDB SQL over text as delivered: true, false, or null where the value is null.

The same rules as warehouse/macros/identifiers.sql, for readers outside dbt. Source: sen2 reference 4.1 to 4.3 and
source-extracts section 1; the vectors there are the test.
"""

from __future__ import annotations

from collections.abc import Iterable

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def has_format(column: str, kind: str) -> str:
    """SQL: whether a text column holds a well-formed identifier of a declared format. KeyError for another format."""
    return _CHECKS[kind](column)


def formats() -> tuple[str, ...]:
    """The formats that a source YAML may declare."""
    return tuple(_CHECKS)


def _upn(column: str) -> str:
    """Letter, 3 digits of council, 4 of school, 2 of year, 3 of serial; the last is a letter in a temporary number."""
    upn = f"upper(replace({column}, ' ', ''))"
    last = f"substr({upn}, 13, 1)"
    last_value = (
        f"case when {last} between '0' and '9' then ascii({last}) - 48 else strpos('{_UPN_LETTERS}', {last}) - 1 end"
    )
    letter = f"substr('{_UPN_LETTERS}', 1 + ({_weighted(upn, 2, range(2, 13))} + 13 * {last_value}) % 23, 1)"
    return _checked(upn, f"[{_UPN_LETTERS}][0-9]{{11}}[0-9{_UPN_LETTERS}]", f"{letter} = substr({upn}, 1, 1)")


def _uln(column: str) -> str:
    """10 digits, the first not 0; the tenth is 10 less the remainder of the weighted nine by 11, which is never 0."""
    uln = f"replace({column}, ' ', '')"
    remainder = f"({_weighted(uln, 1, range(10, 1, -1))}) % 11"
    return _checked(uln, "[1-9][0-9]{9}", f"{remainder} <> 0 and 10 - {remainder} = ascii(substr({uln}, 10, 1)) - 48")


def _nhs_number(column: str) -> str:
    """10 digits, not all the same; weights 10 to 1 sum to a multiple of 11."""
    number = f"replace(replace({column}, ' ', ''), '-', '')"
    sum_to_zero = f"({_weighted(number, 1, range(10, 0, -1))}) % 11 = 0"
    return _checked(number, "[0-9]{10}", f"{sum_to_zero} and {number} <> repeat(substr({number}, 1, 1), 10)")


def _postcode(column: str) -> str:
    postcode = f"upper(replace({column}, ' ', ''))"
    return _checked(postcode, "[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}")


def _urn(column: str) -> str:
    return _checked(f"replace({column}, ' ', '')", "[0-9]{5,6}")


def _ukprn(column: str) -> str:
    return _checked(f"replace({column}, ' ', '')", "1[0-9]{7}")


_CHECKS = {
    "upn": _upn,
    "uln": _uln,
    "nhs_number": _nhs_number,
    "postcode": _postcode,
    "urn": _urn,
    "ukprn": _ukprn,
}


def _checked(value: str, pattern: str, check: str = "true") -> str:
    """The form first: the check may then count on digits where digits belong."""
    return (
        f"case when {value} is null then null when not regexp_full_match({value}, '{pattern}') then false "
        f"else {check} end"
    )


def _weighted(value: str, first: int, weights: Iterable[int]) -> str:
    return " + ".join(
        f"{weight} * (ascii(substr({value}, {position}, 1)) - 48)"
        for position, weight in enumerate(weights, start=first)
    )
