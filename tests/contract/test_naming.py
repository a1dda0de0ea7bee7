"""Names as docs/naming.md says. It matters because a reader who can guess a name makes fewer mistakes with it.

Resolve: rename, or change the page and this test together.
"""

from __future__ import annotations

import re
from typing import Any

MODEL = {
    "staging": r"stg_[a-z0-9]+(_[a-z0-9]+)*__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9]+(_[a-z0-9]+)*__[a-z0-9_]+",
    "core": r"(dim|fct|bridge)_[a-z0-9_]+",
    "marts": r"(rpt_|int_)?{mart}__[a-z0-9_]+|fct_metric",
}
SEED = r"[a-z][a-z0-9_]*"
TYPES = (
    (r"^(?!age_at_)(.*_)?date$", {"date"}),
    (r"^(is|has|was)_", {"boolean"}),
    (r"_count$", {"integer", "bigint"}),
    (r"(^days_|_days$)", {"integer", "bigint"}),
    (r"_share$", {"double", "float"}),
)
TYPED_LAYERS = ("core", "marts")


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_models(manifest: dict[str, Any]) -> None:
    wrong = []
    for node in models(manifest):
        layer = node["fqn"][1]
        pattern = MODEL[layer].replace("{mart}", node["fqn"][2])
        if not re.fullmatch(pattern, node["name"]):
            wrong.append(f"{node['name']} in {'/'.join(node['fqn'][1:-1])}")
    assert not wrong, "\n".join(wrong)


def test_staging_is_named_for_its_source(manifest: dict[str, Any]) -> None:
    sources = {source["source_name"] for source in manifest["sources"].values()} | {"spec"}
    for node in models(manifest):
        if node["fqn"][1] == "staging":
            assert node["name"].removeprefix("stg_").split("__")[0] in sources, node["name"]


def test_seeds(manifest: dict[str, Any]) -> None:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            assert re.fullmatch(SEED, node["name"]), node["name"]
            folder = node["original_file_path"].split("/")[2] if node["original_file_path"].count("/") > 2 else ""
            prefix = {"codesets": "code_", "crosswalks": "xwalk_"}.get(folder, "")
            assert node["name"].startswith(prefix), f"{node['name']} in {folder}"


def test_a_name_says_its_type(manifest: dict[str, Any]) -> None:
    wrong = []
    for node in models(manifest):
        # A column of a wide view is a value of a measure, and named as the registry names that.
        if node["fqn"][1] not in TYPED_LAYERS or node["name"].startswith("rpt_equity__wide_"):
            continue
        for column in node["columns"].values():
            for pattern, types in TYPES:
                found = (column.get("data_type") or "").lower()
                if re.search(pattern, column["name"]) and found not in types:
                    wrong.append(f"{node['name']}.{column['name']} is {found}, not {' or '.join(sorted(types))}")
    assert not wrong, "\n".join(wrong)


def test_columns_are_snake_case_but_in_records(manifest: dict[str, Any]) -> None:
    """Only the SEN2 record tables speak DfE's element names."""
    for node in models(manifest):
        if node["fqn"][1:3] == ["marts", "sen2"] or "records" in node["tags"]:
            continue
        for column in node["columns"]:
            assert re.fullmatch(r"_?[a-z][a-z0-9_]*", column), f"{node['name']}.{column}"
