"""The gate of the public output: classes and identifying columns, as dbt's manifest has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.publish import catalogue
from warehouse.publish.catalogue import ClassError, TableCard


def manifest(
    tmp_path: Path, data_class: str | None, columns: dict[str, bool], folder: str = "models/marts/equity"
) -> Path:
    node = {
        "resource_type": "model",
        "unique_id": "model.countywide.t",
        "schema": "equity",
        "name": "t",
        "original_file_path": f"{folder}/t.sql",
        "config": {"meta": {"class": data_class} if data_class else {}},
        "columns": {name: {"config": {"meta": {"pii": pii}}} for name, pii in columns.items()},
    }
    test = {
        "resource_type": "test",
        "unique_id": "test.countywide.t",
        "attached_node": "model.countywide.t",
        "test_metadata": {"name": "unique_combination", "kwargs": {"columns": ["b", "a"]}},
    }
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"nodes": {"t": node, "test": test}}), encoding="utf-8")
    return file


def test_a_card_has_class_columns_and_key(tmp_path: Path) -> None:
    card = catalogue.read(manifest(tmp_path, "restricted", {"a": False, "b": True}))["t"]
    assert (card.data_class, card.columns, card.identifying, card.key) == ("restricted", ("a", "b"), {"b"}, ("b", "a"))


@pytest.mark.parametrize(
    ("data_class", "pii"), [(None, False), ("secret", False), ("internal", True), ("public", True)]
)
def test_a_table_of_the_wrong_class_is_refused(tmp_path: Path, data_class: str | None, pii: bool) -> None:
    with pytest.raises(ClassError, match="t "):
        catalogue.read(manifest(tmp_path, data_class, {"a": pii}))


def test_staging_needs_no_class(tmp_path: Path) -> None:
    assert catalogue.read(manifest(tmp_path, None, {"a": True}, folder="models/staging/ehc"))["t"].data_class == ""


@pytest.mark.parametrize(
    ("data_class", "columns"),
    [
        ("restricted", ["a"]),
        ("", ["a"]),
        ("internal", ["upn"]),
        ("internal", ["person_key"]),
        ("internal", ["stranger"]),
    ],
)
def test_nothing_classified_feeds_a_public_table(data_class: str, columns: list[str]) -> None:
    card = TableCard("equity", "t", "model", data_class, ("a", "upn", "person_key"), frozenset({"upn"}), ())
    with pytest.raises(ClassError):
        catalogue.refuse_unless_fit(card, columns)


def test_counts_may_feed_a_public_table() -> None:
    card = TableCard("equity", "t", "model", "internal", ("a", "upn"), frozenset({"upn"}), ())
    catalogue.refuse_unless_fit(card, ["a"])
