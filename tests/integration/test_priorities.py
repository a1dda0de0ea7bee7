"""The priorities of three councils are answered by the demonstration county: none is empty, each gap has its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import duck

if TYPE_CHECKING:
    from tests.conftest import County

PRIORITIES = [f"{council}{number}" for council, last in (("B", 6), ("H", 6), ("W", 3)) for number in range(1, last + 1)]


def test_no_priority_is_empty(county: County) -> None:
    """Six of fifteen indicators at least have a figure of their own; what is laid over others says what it found."""
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select priority_id, count(*), count(*) filter (standing = 'built' and denominator is not null), "
            "count(*) filter (standing <> 'built' and note is null or standing = 'layer' and value is null) "
            "from equity.rpt_equity__priority group by priority_id order by priority_id"
        ).fetchall()
    assert [row[0] for row in found] == PRIORITIES
    for priority, listed, answered, unexplained in found:
        assert listed == 15, priority
        assert answered >= 6, (priority, answered)
        assert unexplained == 0, priority
