"""What is said of a build that failed."""

import pytest

from warehouse.build import _cause


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Runtime Error in model dim_person (models/core/dim_person.sql)\n  Binder Error: column upm not found",
            "Binder Error: column upm not found",
        ),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
    ],
)
def test_a_fault_of_our_sql_is_told_whole(message: str, said: str) -> None:
    assert _cause(message) == said


@pytest.mark.parametrize("kind", ["Conversion Error", "Invalid Input Error", "Constraint Error", "Out of Range Error"])
def test_an_error_that_can_quote_a_row_is_told_by_its_kind(kind: str) -> None:
    said = _cause(f"Runtime Error in model stg (models/stg.sql)\n  {kind}: Could not convert 'Blenkinsop'")
    assert said.startswith(kind)
    assert "Blenkinsop" not in said
