"""No classified column crosses its class: in the models by their YAML, in the published files by their contents."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from warehouse import duck, publish
from warehouse.publish import catalogue, equity, policy, public
from warehouse.specification import extracts, rows

if TYPE_CHECKING:
    from tests.conftest import County

# The number of a school, and where it stands, identify no child.
NOT_OF_A_CHILD = {("dim_establishment", "postcode")}


@pytest.fixture(scope="module")
def cards(manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, catalogue.TableCard]:
    file = tmp_path_factory.mktemp("cards") / "manifest.json"
    file.write_text(json.dumps(manifest), encoding="utf-8")
    return catalogue.read(file)


def test_every_published_model_has_a_class(cards: dict[str, catalogue.TableCard]) -> None:
    """`catalogue.read` refuses the manifest otherwise; here we make sure that it looked at anything."""
    published = [card for card in cards.values() if card.kind == "model" and card.schema in publish.PUBLISHED_SCHEMAS]
    assert len(published) > 40
    assert {card.data_class for card in published} <= set(catalogue.CLASSES)


def test_identifying_columns_of_the_sources_stay_identifying(cards: dict[str, catalogue.TableCard]) -> None:
    """What a source's contract marks as identifying may stand under the same name in restricted tables only."""
    marked = {column.name for extract in extracts() for column in extract.columns if column.pii}
    assert {"upn", "surname", "birth_date", "nhs_number", "postcode"} <= marked
    for card in cards.values():
        if card.schema in publish.PUBLISHED_SCHEMAS and card.data_class != "restricted":
            crossing = {name for name in card.columns if name in marked and (card.name, name) not in NOT_OF_A_CHILD}
            assert not crossing, f"{card.name} is {card.data_class} and has {sorted(crossing)}"


def test_the_source_of_the_public_tables_is_fit(cards: dict[str, catalogue.TableCard]) -> None:
    card = cards[publish.PUBLIC_SOURCE]
    catalogue.refuse_unless_fit(card, card.columns)


def test_no_table_about_children_is_public(cards: dict[str, catalogue.TableCard]) -> None:
    for card in cards.values():
        if card.schema in publish.PUBLISHED_SCHEMAS and card.data_class == "public":
            assert not [name for name in card.columns if re.search(r"person|pupil|child", name)], card.name


def test_public_files_hold_no_childs_value(county: County) -> None:
    identifying = _identifying_values(county)
    assert len(identifying) > 1000
    published = county.home.published
    pages = [published / f"{name}.html" for name in ("summary", "equity", "dictionary")]
    files = [file for file in (published / "public").rglob("*") if file.is_file()]
    files += [*(published / "internal").glob("*.csv"), *pages]
    assert len(files) >= 12
    for file in files:
        # Pictures are drawn from the numbers of the tables; as text they are noise.
        text = re.sub(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", "", file.read_text(encoding="utf-8-sig"))
        if file.name == "equity.html":
            [packed] = re.findall(r'id="figures">([^<]+)<', text)
            text = json.dumps(equity.unpacked(packed), ensure_ascii=False)
        assert not identifying & set(re.findall(r"[A-Za-z0-9]{8,}", text)), f"{file.name} holds an identifier"


def test_public_counts_are_rounded_or_symbols(county: County) -> None:
    classes = {row["metric_id"]: row["disclosure_class"] for row in rows("metric")}
    bases = {name: found.round_to for name, found in policy.read(county.settings).items()}
    read = 0
    for file in _printed(county):
        with file.open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                base = bases[classes[row["metric_id"]]]
                per_head = row["unit"].startswith("per ")
                for name in ("numerator",) if per_head else ("numerator", "denominator"):
                    assert row[name] in ("c", "z", "x", "low") or int(row[name]) % base == 0, (file.name, row)
                    read += 1
                assert not re.fullmatch(r"\d{4}-\d{2}", row["time_period"]), "a month is never public"
                if row["numerator"] == "c":
                    assert row["value"] in ("c", "z"), (file.name, row)
    assert read > 500


def test_what_is_missing_is_what_is_said_to_be(county: County) -> None:
    """An indicator that is in no public table and in no list of those left out would be looked for in vain."""
    printed = set()
    for file in _printed(county):
        with file.open(encoding="utf-8-sig", newline="") as handle:
            printed |= {(row["metric_id"], row["measure"]) for row in csv.DictReader(handle)}
    with (county.home.published / "public" / public.NOT_PUBLISHED).open(encoding="utf-8-sig", newline="") as handle:
        named = list(csv.DictReader(handle))
    registry = {(row["metric_id"], row["measure"]) for row in rows("metric_measure")}
    assert {(row["metric_id"], row["measure"]) for row in named} == registry - printed
    whole = {row["metric_id"] for row in named if row["whole_indicator"] == "yes"}
    assert whole == {metric_id for metric_id, _ in registry} - {metric_id for metric_id, _ in printed}
    assert all(row["reason"] for row in named)


def _printed(county: County) -> list[Path]:
    """The public tables, without the list of what is not in them."""
    return [file for file in (county.home.published / "public").glob("*.csv") if file.name != public.NOT_PUBLISHED]


def test_internal_parquet_holds_no_identifier(county: County) -> None:
    """Restricted tables may; internal and public ones may not, in any column of text."""
    identifying = _identifying_values(county)
    tables = json.loads((county.home.published / "manifest.json").read_text(encoding="utf-8"))["tables"]
    checked = 0
    with duck.memory() as connection:
        connection.execute("create table identifying (value varchar)")
        connection.executemany("insert into identifying values (?)", [[value] for value in sorted(identifying)])
        for table in tables:
            if table["class"] == "restricted":
                continue
            file = _parquet(county, table["table"])
            relation = connection.sql(f"select * from read_parquet('{duck.quoted(file)}')")
            for column, kind in zip(relation.columns, relation.types, strict=True):
                if str(kind) != "VARCHAR":
                    continue
                found = connection.execute(
                    f'select count(*) from relation where "{column}" in (select value from identifying)'
                ).fetchone()
                assert found == (0,), f"{table['table']}.{column} holds {found[0]} identifiers"
                checked += 1
    assert checked > 100


def _identifying_values(county: County) -> set[str]:
    with duck.reader(county.database) as connection:
        found = connection.execute(
            "select unnest([upn, former_upn, uln, nhs_number]) as value from core.dim_person"
        ).fetchall()
    return {value for (value,) in found if value}


def _parquet(county: County, table: str) -> Path:
    schema, name = table.split(".")
    return county.home.published / "parquet" / schema / f"{name}.parquet"
