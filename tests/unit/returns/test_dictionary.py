"""The data dictionary of the return: what its pages say of each year, held to the reference.

It matters because people will believe the page and not look up the rows. Resolve: the rows are wrong, or the page does
not show one of them; never the expected values here, which are those of the reference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html

from tests.unit.returns.sen2_mart import YEARS
from warehouse.returns import dictionary, layout
from warehouse.specification import codes, in_force, rows

# Section 1.3 of the reference: items that come and go, by year and module.
COME = {
    2024: {
        "person Sex",
        "active_plans ReviewMeeting",
        "active_plans ReviewOutcome",
        "placement_detail Res",
        "placement_detail WBP",
    },
    2025: {
        "source DSCO",
        "requests RequestSource",
        "active_plans ReviewDraft",
        "active_plans PhaseTransferDueDate",
        "active_plans PhaseTransferFinalDate",
    },
    2026: set(),
    2027: set(),
}
GO = {
    2024: {
        "person GenderCurrent",
        "placement_detail AttendancePattern",
        "active_plans Res",
        "active_plans WBP",
    },
    2025: set(),
    2026: set(),
    2027: set(),
}
# Section 1.4: what became mandatory where it applies, from voluntary the year before.
NO_LONGER_VOLUNTARY = {
    2024: {"active_plans LastReview"},
    2025: {"active_plans ReviewMeeting", "active_plans ReviewOutcome"},
    2026: {
        "source DSCO",
        "requests RequestSource",
        "active_plans ReviewDraft",
        "active_plans PhaseTransferDueDate",
        "active_plans PhaseTransferFinalDate",
    },
    2027: set(),
}
# Section 1.2, and the nine items of the header that it does not count.
ITEMS = {2023: 56 + 9, 2024: 57 + 9, 2025: 62 + 9, 2026: 62 + 9, 2027: 62 + 9}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, html.HtmlElement]:
    folder = tmp_path_factory.mktemp("dictionary")
    return {file.stem: html.fromstring(file.read_text(encoding="utf-8")) for file in dictionary.write(folder)}


def said(year: int, words: str) -> set[str]:
    """Items of which the rows of two years say this."""
    tags = {row["element"]: row["module"] for row in rows("module")}
    found = [line for line in dictionary.changes(year - 1, year) if words in line and ": code " not in line]
    names = [line.split(":")[0].removesuffix(words).split(" ")[-1].split("/") for line in found]
    return {f"{tags[module]} {element}" for module, element in names}


def text_of(element: html.HtmlElement) -> str:
    """What is to be read, a blank between cells."""
    return " ".join(" ".join(element.itertext()).split())


@pytest.mark.parametrize("year", YEARS[1:])
def test_what_changed_by_the_rows(year: int) -> None:
    assert said(year, " is new.") == COME[year]
    assert said(year, " is no longer asked.") == GO[year]
    assert said(year, "was voluntary, is") == NO_LONGER_VOLUNTARY[year]


def test_codes_that_come() -> None:
    assert [sentence for sentence in dictionary.changes(2024, 2025) if "code DS" in sentence] == [
        "5.8a SENneed/SENtype: code DS (Down syndrome) is new."
    ]
    assert len([sentence for sentence in dictionary.changes(2023, 2024) if "code OTH" in sentence]) == 1
    assert all("rfc_1299" in sentence for sentence in dictionary.changes(2025, 2026) if "code " in sentence)


def test_2027_has_nothing_new() -> None:
    assert dictionary.changes(2026, 2027) == ()


@pytest.mark.parametrize("year", YEARS[1:])
def test_what_is_said_in_words_is_so_by_the_rows(year: int) -> None:
    """collection_change.csv and element.csv agree on what came and went, both ways."""
    words = [row for row in rows("collection_change") if row["collection_year"] == str(year)]
    assert {f"{row['module']} {row['element']}" for row in words if row["kind"] == "added"} == COME[year]
    assert {f"{row['module']} {row['element']}" for row in words if row["kind"] == "removed"} == GO[year]
    requirement = {f"{row['module']} {row['element']}" for row in words if row["kind"] == "requirement"}
    assert requirement == NO_LONGER_VOLUNTARY[year]


def test_changes_name_what_there_is() -> None:
    elements = {(row["module"], row["element"]) for row in rows("element")}
    for row in rows("collection_change"):
        assert row["element"] == "" or (row["module"], row["element"]) in elements, row
        assert row["code"] == "" or row["code"] in codes(row["code_set"], int(row["collection_year"])), row
        assert row["module"] == "" or row["module"] in {module["module"] for module in rows("module")}, row


@pytest.mark.parametrize("year", YEARS)
def test_every_item_with_all_that_is_known_of_it(pages: dict[str, html.HtmlElement], year: int) -> None:
    page = pages[str(year)]
    items = {item.get("id"): text_of(item) for item in page.find_class("item")}
    assert len(items) == ITEMS[year]
    text = text_of(page)
    for row in rows("element"):
        if not in_force(row, year):
            continue
        item = items[f"{row['module']}-{row['element']}"]
        for column in (
            "item_number",
            "title",
            "requirement",
            "condition",
            "cbds_number",
            "certainty",
            "source",
            "note",
        ):
            assert row[column] in item, f"{row['element']}: {column}"
        if row["code_set"]:
            for code, label in codes(row["code_set"], year).items():
                assert f"{code} {label}" in text or code == "999", f"{row['element']}: {code}"


def test_order_is_that_of_the_file(pages: dict[str, html.HtmlElement]) -> None:
    for year in YEARS:
        shown = [item.get("id") for item in pages[str(year)].find_class("item")]
        modules = [module for module in layout.message(year).walk() if module.items]
        assert shown == [f"{module.name}-{item.element}" for module in modules for item in module.items]


def test_rules_stand_with_the_item_that_they_mean(pages: dict[str, html.HtmlElement]) -> None:
    """D11 is about the ranks of settings named in a plan, L15 about those of placements, R07 in 2025 a warning."""

    def rules(year: int, item: str) -> str:
        return pages[str(year)].get_element_by_id(item).text_content()

    assert "SEN2-D11" in rules(2026, "plan_detail-PlacementRank")
    assert "SEN2-D11" not in rules(2026, "placement_detail-PlacementRank")
    assert "SEN2-L15" in rules(2026, "placement_detail-PlacementRank")
    assert "SEN2-R07 (warning)" in rules(2025, "requests-RequestSource")
    assert "SEN2-R07 (error)" in rules(2026, "requests-RequestSource")


def test_every_rule_of_the_year_is_on_its_page(pages: dict[str, html.HtmlElement]) -> None:
    for year in YEARS:
        text = pages[str(year)].text_content()
        missing = {row["printed_id"] for row in rows("rule") if in_force(row, year) and row["printed_id"] not in text}
        assert not missing, year


def test_2027_alone_is_provisional(pages: dict[str, html.HtmlElement]) -> None:
    marked = {name for name, page in pages.items() if "PROVISIONAL." in page.text_content()}
    assert marked == {"2027"}


def test_the_pages_can_be_walked_and_read_aloud(pages: dict[str, html.HtmlElement]) -> None:
    for name, page in pages.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        for target in page.xpath("//a/@href"):
            file, _, place = target.partition("#")
            there = pages[Path(file).stem] if file else page
            assert not place or there.xpath(f"//*[@id='{place}']"), f"{name}: {target}"
        assert len(page.xpath("//h1")) == 1
        assert all(cell.get("scope") for cell in page.xpath("//th")), name
        assert not page.xpath("//*[@src]"), "nothing is loaded from elsewhere"


def test_the_same_bytes_again(tmp_path: Path) -> None:
    first, second = (
        {file.name: file.read_bytes() for file in dictionary.write(tmp_path / name)} for name in ("first", "second")
    )
    assert first == second
    assert set(first) == {"index.html", *(f"{year}.html" for year in YEARS)}
