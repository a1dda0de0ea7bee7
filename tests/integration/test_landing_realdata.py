"""Real files of each layout land whole: the layouts were declared from descriptions, and these are the proof."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree

from warehouse import landing
from warehouse.settings import Home, Settings

pytestmark = pytest.mark.realdata

# The other files of the looked-after return, and those that only the validator's specimens have.
SSDA903 = {
    "review": "reviews",
    "outcome": "oc2",
    "leaver": "oc3",
    "unaccompanied": "uasc",
    "previous_permanence": "previous_permanence",
    "missing": "missing",
}
RARE_SSDA903 = {
    "social_worker": "sw_episodes",
    "adoption": "ad1",
    "adoption_placement": "placed_for_adoption",
    "deprivation_of_liberty": "DoLo",
}
# Where a real file lies, and the name under which a council would drop it into which inbox.
FILES = {
    "school_census.pupil_on_roll autumn": (
        "fake-school-census/samples/2024_autumn_pupilonroll.csv.gz",
        "school_census",
    ),
    "school_census.pupil_on_roll spring": (
        "fake-school-census/samples/2025_spring_pupilonroll.csv.gz",
        "school_census",
    ),
    "school_census.sen_need": ("fake-school-census/samples/2025_spring_senneeds.csv.gz", "school_census"),
    "school_census.fsm_period autumn": (
        "fake-school-census/samples/2024_autumn_fsmperiodsonroll.csv.gz",
        "school_census",
    ),
    "school_census.fsm_period spring": ("fake-school-census/samples/2025_spring_fsmperiod.csv.gz", "school_census"),
    **{
        f"school_census.{entity} {name}": (f"fake-school-census/samples/{name}", "school_census")
        for entity, names in {
            "pupil_off_roll": ("2024_autumn_pupilnolongeronroll.csv", "2025_spring_pupilnolongeronroll.csv"),
            "session_detail": (
                "2024_autumn_termlysessiondetailsonroll.csv.gz",
                "2024_autumn_termlysessiondetailsoffroll.csv",
                "2024_autumn_summerhalfterm2sessiondetailsonroll.csv.gz",
                "2024_autumn_summerhalfterm2sessiondetailsoffroll.csv",
                "2025_spring_termlysessiondetailsonroll.csv.gz",
                "2025_spring_termlysessiondetailsoffroll.csv",
            ),
            "exclusion": (
                "2024_autumn_termlyexclusionsonroll.csv.gz",
                "2024_autumn_termlyexclusionsoffroll.csv",
                "2025_spring_termlyexclusionsonroll.csv.gz",
                "2025_spring_termlyexclusionsoffroll.csv",
            ),
        }.items()
        for name in names
    },
    **{
        f"ssda903.{entity} {year}": (f"fake-ssda903/cs_demand_model/{year}-{entity}.csv", "ssda903")
        for year in range(2017, 2022)
        for entity in ("header", "episodes")
    },
    **{
        f"ssda903.{entity} {year}": (f"fake-ssda903/cs_demand_model/{year}-{file}.csv", "ssda903")
        for year in range(2017, 2022)
        for entity, file in SSDA903.items()
    },
    **{
        f"ssda903.{entity} validator": (f"fake-ssda903/d2i/{file}.csv", f"ssda903/2022-{file}.csv")
        for entity, file in (SSDA903 | RARE_SSDA903).items()
    },
    "ssda903.header validator": ("fake-ssda903/d2i/header.csv", "ssda903/2022-header.csv"),
    "ssda903.episodes validator": ("fake-ssda903/d2i/episodes.csv", "ssda903/2022-episodes.csv"),
    "gias.establishment": ("format-only-ebi-2024/gias.csv", "gias/edubasealldata20240101.csv"),
    "gias.link": ("gias-links-2025/links_edubasealldata20250422.csv.gz", "gias"),
    "geography.deprivation": ("imd2025/File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.csv.gz", "geography"),
    "geography.deprivation_2019": (
        "imd2019/File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz",
        "geography",
    ),
    "geography.postcode": ("postcodes-england/postcodes_herts_barnet_wolverhampton.csv.gz", "geography"),
    "geography.population": ("population-census-lsoa/population20_lsoa11.csv.gz", "geography"),
    "geography.lsoa_ward": ("geo-lookups/lookup_lsoa21_ward24_ltla24.csv.gz", "geography"),
    "geography.lsoa_change": ("geo-lookups/lookup_lsoa11_lsoa21_ltla22.csv.gz", "geography"),
    "geography.district_county": ("geo-lookups/lookup_ltla23_utla23.csv", "geography"),
    "geography.local_authority": ("geo-lookups/la_codes_old_to_gss_DERIVED.csv", "geography"),
}
# The broken CIN headers break the validator's rules about values; as files they are whole.
CIN = {
    "CIN2rows.xml": 1,
    "CIN_Census_2021.xml": 1,
    "CIN_Census_2021_copy.xml": 1,
    "CIN_Census_2021_no_assessment_factors.xml": 1,
    "CIN_Census_2024.xml": 2,
    "CIN_header_issues_100.xml": 1,
    "CIN_la_issues_2887Q.xml": 1,
    "fake_CIN_data.xml": 332,
}


def deliver(folder: Path, home: Home, real: str, where: str) -> tuple[Path, bytes]:
    source = folder / real
    data = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    name = where if where.endswith(".csv") else f"{where}/{source.name.removesuffix('.gz')}"
    target = home.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target, data


def records(data: bytes) -> list[list[str]]:
    """The file as Python's own reader sees it, header first."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    csv.field_size_limit(1 << 20)
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


@pytest.mark.parametrize("case", FILES)
def test_real_file_lands_whole(shared_data: Path, tmp_path: Path, case: str) -> None:
    home = Home(tmp_path)
    real, where = FILES[case]
    _, data = deliver(shared_data, home, real, where)
    (receipt,) = landing.land(Settings(home=home)).receipts
    assert f"{receipt.source}.{receipt.entity}" == case.split()[0]
    assert (receipt.status, receipt.message, receipt.rows_rejected) == ("loaded", "", 0)
    delivered = records(data)
    assert receipt.rows_received == receipt.rows_loaded == len(delivered) - 1
    # First and last record, column by column, by the header that the contract declares.
    from warehouse.specification import extract

    table = pq.read_table(landing.ledger.parquet_file(home.raw, receipt), partitioning=None)
    assert table["_source_row"].to_pylist() == list(range(2, len(delivered) + 1))
    compared = 0
    for column in extract(receipt.source, receipt.entity).columns:
        positions = [position for position, cell in enumerate(delivered[0]) if column.accepts(cell)]
        if len(positions) == 1 and not column.many:
            compared += 1
            for row in (1, len(delivered) - 1, len(delivered) // 2):
                assert table[column.name][row - 1].as_py() == (delivered[row][positions[0]].strip() or None), (
                    column.name
                )
    assert compared >= 2


def test_names_of_middle_areas_are_those_of_2021(shared_data: Path, tmp_path: Path) -> None:
    """A list of all editions: 6,856 MSOAs of 2021 in England and 408 of Wales among those that stay."""
    home = Home(tmp_path)
    _, data = deliver(shared_data, home, "geo-lookups/drkane_msoa_la.csv.gz", "geography/msoa_la.csv")
    (receipt,) = landing.land(Settings(home=home)).receipts
    assert (receipt.entity, receipt.status) == ("msoa_name", "loaded")
    header, *delivered = records(data)
    of_2021 = [row for row in delivered if row[header.index("MSOA21CD")]]
    assert (receipt.rows_loaded, receipt.rows_rejected) == (len(of_2021), len(delivered) - len(of_2021))
    table = pq.read_table(landing.ledger.parquet_file(home.raw, receipt), partitioning=None)
    codes = set(table["msoa21_code"].to_pylist())
    assert (sum(code.startswith("E") for code in codes), sum(code.startswith("W") for code in codes)) == (6856, 408)
    assert None not in table["msoa_name"].to_pylist()


@pytest.mark.parametrize("name", CIN)
def test_real_cin_census_lands(shared_data: Path, tmp_path: Path, name: str) -> None:
    home = Home(tmp_path)
    (home.inbox / "cin").mkdir(parents=True)
    shutil.copy(shared_data / "fake-cin-census" / name, home.inbox / "cin" / name)
    receipts = {receipt.entity: receipt for receipt in landing.land(Settings(home=home)).receipts}
    assert {receipt.status for receipt in receipts.values()} == {"loaded"}, [r.message for r in receipts.values()]
    tree = etree.parse(shared_data / "fake-cin-census" / name)
    for entity, path in {
        "child": "Children/Child",
        "disability": "Children/Child/ChildCharacteristics/Disabilities/Disability",
        "cin_details": "Children/Child/CINdetails",
        "child_protection_plan": "Children/Child/CINdetails/ChildProtectionPlans",
        "assessment": "Children/Child/CINdetails/Assessments",
        "assessment_factor": ("Children/Child/CINdetails/Assessments/FactorsIdentifiedAtAssessment/AssessmentFactors"),
        "cin_plan": "Children/Child/CINdetails/CINPlanDates",
        "section_47": "Children/Child/CINdetails/Section47",
        "protection_review": "Children/Child/CINdetails/ChildProtectionPlans/Reviews",
        "pre_proceedings": "Children/Child/CINdetails/PreProceedings",
    }.items():
        assert receipts[entity].rows_received == len(tree.findall(path)), entity
    assert receipts["child"].rows_received == CIN[name]


def test_real_inbox_at_once(shared_data: Path, tmp_path: Path) -> None:
    """All of it in one run, then again: no quarantine, and the second run writes nothing."""
    home = Home(tmp_path)
    for real, where in FILES.values():
        deliver(shared_data, home, real, where)
    settings = Settings(home=home)
    report = landing.land(settings)
    assert report.quarantined == ()
    delivered = Counter(where.partition("/")[0] for _, where in FILES.values())
    assert {total.source: total.files for total in report.totals} == delivered
    before = {path: path.stat().st_mtime_ns for path in home.raw.rglob("*") if path.is_file()}
    assert landing.land(settings).new == frozenset()
    assert {path: path.stat().st_mtime_ns for path in home.raw.rglob("*") if path.is_file()} == before


def test_a_table_of_collect_that_nobody_reads_is_named_so(shared_data: Path, tmp_path: Path) -> None:
    home = Home(tmp_path)
    deliver(shared_data, home, "fake-school-census/samples/2024_autumn_addressesoffroll.csv", "school_census")
    (receipt,) = landing.land(Settings(home=home)).receipts
    assert (receipt.status, receipt.rows_received) == ("not_used", 0)
