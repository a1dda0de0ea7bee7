"""What dbt's manifest says of each table: class, identifying columns, key. The gate of the public output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Classes, from the most open. A public table is made from counts (internal at most), never from rows about a child.
CLASSES = ("public", "internal", "restricted")


class ClassError(RuntimeError):
    """Something classified was about to cross its class. Nothing was published."""


@dataclass(frozen=True)
class TableCard:
    """A model or seed as published: schema.name, class, identifying columns, columns in order, key for sorting."""

    schema: str
    name: str
    kind: str
    data_class: str
    columns: tuple[str, ...]
    identifying: frozenset[str]
    key: tuple[str, ...]

    @property
    def relation(self) -> str:
        return f'"{self.schema}"."{self.name}"'


def read(manifest: Path) -> dict[str, TableCard]:
    """Every model and seed of the manifest by name.

    Raises ClassError if a model of core or the marts has no class: an unclassified table would leave unseen.
    """
    document = json.loads(manifest.read_text(encoding="utf-8"))
    nodes = document["nodes"].values()
    keys = _keys(nodes)
    cards = {}
    for node in nodes:
        if node["resource_type"] not in ("model", "seed"):
            continue
        meta = (node.get("config") or {}).get("meta") or {}
        columns = node.get("columns") or {}
        card = TableCard(
            schema=node["schema"],
            name=node["name"],
            kind=node["resource_type"],
            data_class=meta.get("class", ""),
            columns=tuple(columns),
            identifying=frozenset(name for name, column in columns.items() if _is_identifying(column)),
            key=keys.get(node["unique_id"], ()),
        )
        if node["original_file_path"].replace("\\", "/").startswith(("models/core/", "models/marts/")):
            _judge(card)
        cards[card.name] = card
    return cards


def refuse_unless_fit(card: TableCard, columns: Sequence[str]) -> None:
    """Raise ClassError unless a public table may be made from these columns: counts by group, nothing of one child."""
    if card.data_class not in ("public", "internal"):
        raise ClassError(f"{card.name} is {card.data_class or 'unclassified'}: no public table may be made from it.")
    classified = sorted(set(columns) & card.identifying)
    keys = sorted(name for name in columns if name.endswith("_key"))
    unknown = sorted(set(columns) - set(card.columns))
    if classified or keys or unknown:
        raise ClassError(
            f"{card.name}: columns {', '.join(classified + keys + unknown)} identify a child or are not declared; "
            "a public table may not read them."
        )


def _judge(card: TableCard) -> None:
    if card.data_class not in CLASSES:
        raise ClassError(f"{card.name} has no class. Write config.meta.class in its YAML: one of {', '.join(CLASSES)}.")
    if card.identifying and card.data_class != "restricted":
        raise ClassError(
            f"{card.name} is {card.data_class} but has identifying columns ({', '.join(sorted(card.identifying))}). "
            "Make it restricted, or leave the columns out."
        )


def _is_identifying(column: dict) -> bool:
    meta = (column.get("config") or {}).get("meta") or column.get("meta") or {}
    return bool(meta.get("pii"))


def _keys(nodes) -> dict[str, tuple[str, ...]]:
    """The columns of each model's first uniqueness test: the order in which its rows are written."""
    found: dict[str, tuple[str, ...]] = {}
    for node in sorted(nodes, key=lambda node: node["unique_id"]):
        test = node.get("test_metadata")
        if not test or node["resource_type"] != "test":
            continue
        arguments = test.get("kwargs") or {}
        arguments = {**arguments, **(arguments.get("arguments") or {})}
        if test["name"] == "unique":
            found[node["attached_node"]] = (arguments["column_name"],)
        elif test["name"] == "unique_combination":
            found.setdefault(node["attached_node"], tuple(arguments["columns"]))
    return found
