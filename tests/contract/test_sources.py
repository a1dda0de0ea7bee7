"""Every extract says who sends it, what goes wrong in it and where it lands, and what it says of its landing is true.

It matters because the source catalogue is what an analyst asks a supplier with. Resolve: fill in the meta that the
message names, in the source YAML; docs/guides/add-a-source.md says what belongs there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from warehouse import source_pages, specification
from warehouse.specification import Extract, Source, extracts, sources


@pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
def test_source_says_who_sends_it(source: Source) -> None:
    missing = [
        key for key in ("title", "world", "sender", "layout_version", "layout_source") if not source.meta.get(key)
    ]
    assert missing == []
    assert source.meta["world"] in source_pages.WORLDS
    assert source.meta["certainty"] in source_pages.CERTAINTY


@pytest.mark.parametrize("extract", extracts(), ids=lambda extract: extract.name)
def test_extract_says_what_goes_wrong(extract: Extract) -> None:
    assert extract.meta.get("faults"), "faults: what is known to go wrong in it"
    assert extract.meta.get("feeds"), "feeds: the core tables that it lands in"


# What rpt_quality__freshness knows to date.
PERIODS = {
    ("academic_year",): "academic_year",
    ("return_year",): "financial_year",
    ("month",): "month",
    ("provider", "reporting_period"): "month",
}


@pytest.mark.parametrize("extract", [each for each in extracts() if each.period], ids=lambda extract: extract.name)
def test_extract_says_what_day_its_period_speaks_of(extract: Extract) -> None:
    """A year is told by its beginning, its end or its census: a wrong reading makes good results late."""
    said = extract.meta.get("period_is", extract.source_meta.get("period_is"))
    assert said in {"census_day", "academic_year", "financial_year", "month", "delivery"}
    assert said == PERIODS.get(extract.period, said)
    census = extract.source.endswith("_census") or extract.source == "sen2_return"
    assert (said == "census_day") == census


def test_extract_lands_where_it_says(manifest: dict[str, Any]) -> None:
    wrong = {}
    for extract in extracts():
        reached = _core_behind(manifest, f"source.countywide.{extract.source}.{extract.entity}")
        if strange := set(extract.meta["feeds"]) - reached:
            wrong[extract.name] = f"{', '.join(sorted(strange))} is not made from it; {', '.join(sorted(reached))} is"
    assert wrong == {}


def test_catalogue_has_every_extract_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    page = source_pages.write(tmp_path).read_text(encoding="utf-8")
    for extract in extracts():
        assert f'id="{extract.name}"' in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)


def _core_behind(manifest: dict[str, Any], node: str) -> set[str]:
    """The core tables that a node is read by, directly or through staging, intermediate and other core tables."""
    found: set[str] = set()
    ahead, seen = [node], set()
    while ahead:
        for child in manifest["child_map"].get(ahead.pop(), ()):
            if child in seen or not child.startswith("model."):
                continue
            seen.add(child)
            path = manifest["nodes"][child]["original_file_path"].replace("\\", "/")
            if path.startswith("models/core/"):
                found.add(manifest["nodes"][child]["name"])
            if path.startswith(("models/core/", "models/staging/", "models/intermediate/")):
                ahead.append(child)
    return found


@pytest.mark.parametrize(
    ("data_type", "meta"),
    [
        ("string", {"between": [0, 9]}),
        ("date", {"between": [0, 9]}),
        ("integer", {"between": [9, 0]}),
        ("integer", {"between": [0, 9], "many": True}),
        ("integer", {"between": [0, 9], "code_set": "sen_type"}),
    ],
)
def test_bounds_are_of_one_number(data_type: str, meta: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="weeks: between"):
        specification._column({"name": "weeks", "data_type": data_type, "config": {"meta": meta}})
    fit = {"name": "weeks", "data_type": "decimal", "config": {"meta": {"between": [0, 9]}}}
    assert specification._column(fit).between == (0, 9)
