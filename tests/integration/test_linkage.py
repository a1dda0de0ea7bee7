"""Links against the truth that the generator kept, and what is said of them: a wrong link mixes two lives.

The thresholds are those of issue 4; the figures of a larger county are in docs/linkage.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from benchmarks import linkage
from warehouse import duck
from warehouse.publish import ClassError, catalogue
from warehouse.publish import linkage as page

if TYPE_CHECKING:
    from tests.conftest import County

PRECISION, RECALL = 0.999, 0.97


@pytest.fixture(scope="module")
def linked(county: County) -> Iterator[duckdb.DuckDBPyConnection]:
    with duck.reader(county.database) as connection:
        linkage.pairs(connection, county.home.root / linkage.TRUTH)
        yield connection


def test_nearly_every_link_is_right_and_nearly_every_child_is_found(linked: duckdb.DuckDBPyConnection) -> None:
    (everybody,) = linkage.measure(linked)
    assert everybody.found > 3_000 and everybody.true_of_two_worlds > 2_000
    assert everybody.precision >= PRECISION
    assert everybody.recall >= RECALL


def test_the_list_of_care_finds_the_children_of_the_returns(linked: duckdb.DuckDBPyConnection) -> None:
    """Pairs with the list itself are easily found, so the others have to reach the same without them."""
    others, _ = linkage.measure(linked, linkage.LISTED)
    assert others.group == "all other pairs" and others.true_of_two_worlds > 2_000
    assert others.recall >= RECALL


@pytest.mark.parametrize("group", linkage.GROUPS)
def test_no_group_is_linked_much_worse(linked: duckdb.DuckDBPyConnection, group: str) -> None:
    """Linkage error is an equity matter: who is not found is missing from every figure about them."""
    for row in linkage.measure(linked, group):
        if row.true_of_two_worlds >= 100:
            assert row.precision >= PRECISION - 0.004, row
            assert row.recall >= RECALL - 0.02, row


def test_every_record_has_a_key_and_every_person_is_joined_by_its_links(linked: duckdb.DuckDBPyConnection) -> None:
    """A person of n records has n - 1 links, each with its reason."""
    unjoined = linked.execute(
        """
        select count(*) from (
            select person_key, count(*) as records from core.bridge_person_identity group by person_key
        ) as person
        left join (select person_key, count(*) as links from core.bridge_person_link group by person_key) as link
            using (person_key)
        where records - 1 <> coalesce(links, 0)
        """
    ).fetchall()
    assert unjoined == [(0,)]
    unkeyed = linked.execute(
        """
        select count(*) from (select distinct source, source_person_id from intermediate.int_person__record) as child
        anti join intermediate.int_person__cluster using (source, source_person_id)
        """
    ).fetchall()
    assert unkeyed == [(0,)]


def test_the_register_holds_what_was_published(county: County, linked: duckdb.DuckDBPyConnection) -> None:
    file = duck.quoted(county.home.register / "register.parquet")
    differing = linked.execute(
        f"""
        select count(*)
        from (select source, source_person_id, person_key from read_parquet('{file}') where until is null) as kept
        full join core.bridge_person_identity as published using (source, source_person_id)
        where kept.person_key is distinct from published.person_key
        """
    ).fetchall()
    assert differing == [(0,)]


def test_the_page_of_doubtful_pairs_is_restricted_and_whole(county: County, linked: duckdb.DuckDBPyConnection) -> None:
    text = (county.home.published / "restricted" / "linkage.html").read_text(encoding="utf-8")
    pairs = linked.execute(
        "select source_person_id, other_source_person_id from quality.rpt_quality__link_review"
    ).fetchall()
    assert text.count("<section>") == len(pairs) > 0
    assert "Restricted" in text and "default-src 'none'" in text and "<script" not in text
    for action in page.ACTIONS:
        assert len(re.findall(rf"^(?:<pre[^>]*>)?{action},", text, re.MULTILINE)) == len(pairs)


def test_a_page_is_made_of_a_restricted_table_only(county: County, tmp_path: Path) -> None:
    card = catalogue.TableCard("quality", page.SOURCE, "model", "internal", (), frozenset(), ())
    with pytest.raises(ClassError, match="restricted"):
        page.write(county.settings, county.database, card, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_nothing_of_a_doubtful_pair_is_in_a_log(county: County, linked: duckdb.DuckDBPyConnection) -> None:
    """Nor in what the stages say, nor in any text of the home outside the inbox and the restricted folder."""
    numbers = {
        value
        for row in linked.execute(
            "select source_person_id, other_source_person_id, upn, other_upn, nhs_number, other_nhs_number"
            " from quality.rpt_quality__link_review"
        ).fetchall()
        for value in row
        if value
    }
    said = "\n".join(f"{stage.note} {' '.join(stage.details)}" for stage in county.stages)
    texts = [
        file.read_text(encoding="utf-8", errors="replace")
        for folder in (county.home.work, county.home.published / "public")
        for file in folder.rglob("*")
        if file.is_file() and file.suffix in (".log", ".json", ".sql", ".py", ".html", ".csv", ".txt")
    ]
    assert numbers and texts
    assert not [number for number in numbers if any(number in text for text in [said, *texts])]
