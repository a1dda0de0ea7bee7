"""Which layer reads which. It matters because core is the only door: what marts read elsewhere is checked by nobody.

Resolve: put what the mart needs into core, or into another mart.
"""

from __future__ import annotations

from typing import Any

import pytest

MAY_READ = {
    "staging": {"source", "staging", "spec"},
    "intermediate": {"staging", "intermediate", "spec"},
    "core": {"staging", "intermediate", "core", "spec"},
    "marts": {"core", "marts", "spec"},
    # Quality reconciles the layers with each other, so it reads them all.
    "marts/quality": {"source", "staging", "intermediate", "core", "marts", "spec"},
}


def layer(node: dict[str, Any]) -> str:
    if node["resource_type"] == "source":
        return "source"
    if node["resource_type"] == "seed":
        return "spec"
    return node["fqn"][1]


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_edges(manifest: dict[str, Any]) -> None:
    everything = manifest["nodes"] | manifest["sources"]
    wrong = []
    for node in models(manifest):
        allowed = MAY_READ.get("/".join(node["fqn"][1:3]), MAY_READ[layer(node)])
        for parent in node["depends_on"]["nodes"]:
            if layer(everything[parent]) not in allowed:
                wrong.append(
                    f"{node['name']} ({layer(node)}) reads {everything[parent]['name']} ({layer(everything[parent])})"
                )
    assert not wrong, "\n".join(wrong)


def test_contracts_are_enforced(manifest: dict[str, Any]) -> None:
    """A column that nobody declared reaches no reader. dbt has none for Python: what reads such a model has one."""
    wrong = [
        node["name"]
        for node in models(manifest)
        if layer(node) in ("core", "marts") and node["language"] == "sql" and not node["config"]["contract"]["enforced"]
    ]
    assert not wrong, f"without an enforced contract: {wrong}"


@pytest.mark.parametrize("wanted", ["description", "grain", "class"])
def test_core_and_marts_say_what_they_are(manifest: dict[str, Any], wanted: str) -> None:
    silent = [
        node["name"]
        for node in models(manifest)
        if layer(node) in ("core", "marts")
        and not (node["description"] if wanted == "description" else node["config"]["meta"].get(wanted))
    ]
    assert not silent, f"no {wanted}: {silent}"


def test_classes_are_known(manifest: dict[str, Any]) -> None:
    for node in models(manifest):
        assert node["config"]["meta"].get("class", "internal") in ("restricted", "internal", "public"), node["name"]


def test_core_and_marts_hold_their_grain(manifest: dict[str, Any]) -> None:
    """Every table has a unique key, one column or several, that a data test holds."""
    keyed = {
        parent
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
        for parent in node["depends_on"]["nodes"]
    }
    loose = [
        node["name"]
        for node in models(manifest)
        if layer(node) in ("core", "marts")
        and node["config"]["materialized"] != "view"
        and node["unique_id"] not in keyed
    ]
    assert not loose, f"no test of the grain: {loose}"
