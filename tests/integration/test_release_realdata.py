"""What we say of DfE's release, asked of the release of 2025 itself: 153 councils, every row.

It matters because half of the definitions are not published: they were found in these files, and hold only as long as
somebody looks. Resolve a failure by changing the row in warehouse/spec/returns/sen2/release_*.csv that claims it.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.integration import release_published
from tests.unit.returns.release_lives import release_identities, sums
from warehouse import specification
from warehouse.returns import tables

pytestmark = pytest.mark.realdata
COUNCILS = 153
# Last digits of their codes.
NORTH_EAST, NORTH_WEST, SOUTH_EAST = 1, 2, 8
FOLDER = "ees-ehcp-2025"
PREVIEW = {
    "caseload (EHC plans as at January each year)": "caseload",
    "needs, all plans": "sen_need_all_plans",
    "timeliness": "timeliness_20_week",
    "requests": "requests",
    "assessments": "assessments",
    "phase transfers": "phase_transfers",
}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not (shared_data / FOLDER).is_dir():
        pytest.skip(f"{FOLDER} is not beside the clone")
    connection = duckdb.connect()
    release_published.load(connection, shared_data / FOLDER)
    yield connection
    connection.close()


def names(release_table: str, year: int) -> list[str]:
    return [tables.published_name(column, year) for column in tables.columns_of(release_table, year)]


def test_columns_of_2025(shared_data: Path) -> None:
    """Names, order and capitals, DfE's slips of the pen with them."""
    for table in tables.tables(2025):
        for file in (shared_data / FOLDER).glob(f"{table['file_name']}.csv*"):
            content = file.read_bytes()
            content = gzip.decompress(content) if file.suffix == ".gz" else content
            heading = content.decode("utf-8-sig").splitlines()[0]
            assert names(table["release_table"], 2025) == next(csv.reader([heading])), file.name


def test_columns_of_2026(shared_data: Path) -> None:
    """Of the six files whose headings were seen whole, and the part that was seen of a seventh."""
    seen = json.loads((shared_data / "ees-ehcp-2026-preview" / "headers_2026.json").read_text(encoding="utf-8"))
    for title, table in PREVIEW.items():
        assert names(table, 2026) == seen[title]["header"], title
        assert (
            "2026"
            in next(row for row in specification.rows("release_table") if row["release_table"] == table)["layouts_seen"]
        )
    part = [column for column in seen["new plans"]["header"] if column != "..."]
    assert [column for column in names("new_plans", 2026) if column in part] == part


def test_what_adds_up(published: duckdb.DuckDBPyConnection) -> None:
    """The identities of our build. Isle of Wight gave 187 new plans as a total and the needs of 3; all else holds."""
    broken = published.execute(
        f"select distinct identity, collection_year from ({release_identities()}) order by all"
    ).fetchall()
    assert broken == [("new_plans.new_ehc_plans = sen_need_new_plans.ehc_plans", 921)]


def test_small_differences_are_as_small_as_the_reference_says(published: duckdb.DuckDBPyConnection) -> None:
    """Three councils time one review decision more than they date; one has a plan that ended without a known reason."""
    assert published.execute(
        "select collection_year, number_decsion_4weeks + number_decision_gt_4weeks - review_decision_census_year "
        "- review_decision_in_year - review_decision_before as more from sen2__release_annual_reviews "
        "where breakdown_topic = breakdown and more <> 0 order by all"
    ).fetchall() == [(308, 1), (340, 1), (881, 1)]
    assert published.execute(
        "select collection_year, total_ceased - max_age - needs_met - he - employ - transfer - no_engage "
        "- moved_outside_eng - deceased - not_rec - other as more from sen2__release_ceased_plans "
        "where breakdown_topic = breakdown and more <> 0"
    ).fetchall() == [(881, 1)]


# Councils of which DfE prints x, by table: nothing can be added up. Other x are of no council but of a column.
UNAVAILABLE = {
    "caseload": {812, 873},
    "sen_need_all_plans": {936},
    "sen_need_new_plans": {936},
    "annual_reviews": {317, 320, 870, 879, 890, 919, 936},
}
# The release of 2025 has one column for two of 2026, no decisions of the year, and x for three settings of new plans.
UNPRINTED = ("caseload: special_academy_free = ", "requests: requests_decided_in_year ", "new_plans: ed_elsewhere = ")


def test_what_adds_up_was_added_up(published: duckdb.DuckDBPyConnection) -> None:
    """A sum with an x in it says nothing: which those are, so that no identity holds for want of numbers."""
    for identity in sums():
        if identity.table == "sen2__release_phase_transfers":
            continue
        silent = {
            council
            for (council,) in published.execute(
                f"select distinct collection_year from {identity.table} where ({identity.compared}) is null"
            ).fetchall()
        }
        if identity.name.startswith(UNPRINTED):
            assert len(silent) == COUNCILS, identity.name
        else:
            assert silent <= UNAVAILABLE.get(identity.table.removeprefix("sen2__release_"), set()), identity.name


def test_new_plans_educated_elsewhere_leave_room_for_what_is_not_printed(published: duckdb.DuckDBPyConnection) -> None:
    """The sum of the columns that DfE prints is never more; in England 91 are left for the three that it does not."""
    printed = (
        "elective_home_education + other_arrangements_la + other_arrangements_parents + other_placement_settings "
        "+ neet + neet_ntci + neet_other + neet_other_csa"
    )
    assert published.execute(
        f"select count(*), min(ed_elsewhere - ({printed})), sum(ed_elsewhere - ({printed})) "
        "from sen2__release_new_plans where breakdown_topic = breakdown"
    ).fetchone() == (COUNCILS, 0, 91)


@pytest.mark.parametrize(
    ("level", "broken"),
    [
        ("National", {("new_plans.new_ehc_plans = sen_need_new_plans.ehc_plans", 0)}),
        (
            "Regional",
            {
                ("new_plans.new_ehc_plans = sen_need_new_plans.ehc_plans", region)
                for region in (NORTH_EAST, NORTH_WEST, SOUTH_EAST)
            }
            | {("sen_need_new_plans: ehc_plans of all groups", region) for region in (NORTH_EAST, NORTH_WEST)},
        ),
    ],
)
def test_what_adds_up_in_england_and_its_regions(shared_data: Path, level: str, broken: set[tuple[str, int]]) -> None:
    """The South East lacks Isle of Wight; the total rows of needs of the North East and the North West are not those of
    their groups."""
    with duckdb.connect() as connection:
        release_published.load(connection, shared_data / FOLDER, level)
        found = connection.execute(f"select distinct identity, collection_year from ({release_identities()})")
        assert set(found.fetchall()) == broken


def test_england_as_the_reference_has_it(shared_data: Path) -> None:
    """The identities at the end of the reference on indicators, with its numbers: calendar 2024."""
    with duckdb.connect() as connection:
        release_published.load(connection, shared_data / FOLDER, "National")

        def england(table: str, *sums_of: str) -> tuple[float, ...]:
            return connection.execute(
                f"select {', '.join(sums_of)} from sen2__release_{table} where breakdown_topic = breakdown"
            ).fetchone()

        assert england(
            "annual_reviews",
            "total_ehc_plans",
            "review_expected + review_not_expected",
            "review_expected",
            "total_review_meeting + no_review_meeting",
            "total_review_meeting",
            "review_decision_census_year + review_decision_in_year + review_decision_before "
            "+ review_decision_not_due + review_decision_outstanding",
            "outcome_amend + outcome_cease + outcome_maintan + no_outcome",
        ) == (638_745, 638_745, 524_654, 524_654, 453_761, 453_761, 453_761)
        assert england(
            "annual_reviews",
            "number_decsion_4weeks + number_decision_gt_4weeks",
            "review_decision_census_year + review_decision_in_year + review_decision_before",
        ) == (348_759, 348_756)
        assert england(
            "requests",
            "requests_received_in_year",
            "requests_decided_to_assess + requests_decided_not_to_assess + requests_decision_not_made "
            "+ requests_withdrawn",
        ) == (154_489, 154_489)
        assert england(
            "ceased_plans",
            "total_ceased",
            "max_age + needs_met + he + employ + transfer + no_engage + moved_outside_eng + deceased + not_rec + other",
        ) == (44_862, 44_861)


def test_every_request_has_one_of_four_outcomes(published: duckdb.DuckDBPyConnection) -> None:
    """Our own tables only say at least: a request without an outcome, which is an error of the return, is in none."""
    assert published.execute(
        "select count(*) from sen2__release_requests where requests_received_in_year <> requests_decided_to_assess "
        "+ requests_decided_not_to_assess + requests_decision_not_made + requests_withdrawn"
    ).fetchone() == (0,)


def test_labels(published: duckdb.DuckDBPyConnection) -> None:
    """Every label that DfE prints is ours; each of ours that is called published or tested is printed by somebody."""
    for table in {row["release_table"] for row in specification.rows("release_topic")}:
        printed = set(
            published.execute(f"select distinct breakdown_topic, breakdown from sen2__release_{table}").fetchall()
        )
        known, claimed = set(), set()
        for topic in specification.rows("release_topic"):
            for label in specification.rows("release_label"):
                if (
                    topic["release_table"] == table
                    and topic["label_set"] == label["label_set"]
                    and specification.in_force(label, 2025)
                ):
                    row = (topic["breakdown_topic"] or label["label"], label["label"])
                    known.add(row)
                    if label["status"] != "derived":
                        claimed.add(row)
        assert printed <= known, table
        # Nobody has a unit in a new plan at a free school, or somebody of unknown sex whose plan ended.
        assert {label for _, label in claimed - printed} <= {"Mainstream - free school (SEN unit)", "Unknown"}, table


def test_councils(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select distinct old_la_code, new_la_code, la_name, region_code, region_name from sen2__release_caseload "
        "order by all"
    ).fetchall()
    columns = ("la_code", "new_la_code", "la_name", "region_code", "region_name")
    assert found == [tuple(row[column] for column in columns) for row in specification.rows("release_area")]
    assert len(found) == COUNCILS


@pytest.mark.parametrize(
    ("table", "percent", "numerator", "denominator"),
    [
        ("caseload", "mainstream_total_pc", "mainstream_total", "ehcplans"),
        ("new_plans", "fe_total_pc", "fe_total", "new_ehc_plans"),
        ("sen_need_all_plans", "semh_pc", "number_semh", "ehc_plans"),
        ("requests", "request_assess_pc", "requests_decided_to_assess", "requests_received_in_year"),
        ("assessments", "assess_issued_pc", "assess_issued", "assess_in_year"),
        (
            "assessments",
            "outcome_decision_within_time_pc",
            "outcome_decision_within_time",
            "outcome_decision_within_time + outcome_decision_over_time",
        ),
        ("timeliness_20_week", "pc_plans_issued_within_20_weeks", "plans_issued_within_20_weeks", "plans_issued_den"),
        ("timeliness_20_week", "pc_plans_issued_20_weeks_ex", "plans_issued_20_weeks_ex", "plans_issued_den_ex"),
        (
            "annual_reviews",
            "pc_decsion_4weeks",
            "number_decsion_4weeks",
            "number_decsion_4weeks + number_decision_gt_4weeks",
        ),
    ],
)
def test_percentages(
    published: duckdb.DuckDBPyConnection, table: str, percent: str, numerator: str, denominator: str
) -> None:
    """One decimal, halves up; of the halves a few in a hundred went down at DfE, lost to binary fractions."""
    exact, halves, down = published.execute(
        f"""
        with cell as (
            select
                {percent} as percent,
                cast({numerator} as bigint) as part,
                cast({denominator} as bigint) as whole
            from sen2__release_{table}
            where ({denominator}) > 0 and {percent} is not null
        ),
        rounded as (
            select
                cast(round(percent * 10) as bigint) as tenths,
                (2000 * part + whole) // (2 * whole) as ours,
                (2000 * part) % (2 * whole) = whole as is_half
            from cell
        )
        select
            count(*) filter (where not is_half and tenths <> ours),
            count(*) filter (where is_half),
            count(*) filter (where is_half and tenths <> ours)
        from rounded
        """
    ).fetchone()
    assert exact == 0
    assert down <= 0.1 * halves


def test_no_percentage_where_nothing_is_counted(published: duckdb.DuckDBPyConnection) -> None:
    """Reviews alone print x for a part that is 0, also beside a base: `blank_where_zero`."""
    for column in specification.rows("release_column"):
        if column["blank_where_zero"]:
            assert published.execute(
                f"select count(*) from sen2__release_annual_reviews where review_expected is not null "
                f"and ({column['column_name']} is null) <> ({column['blank_where_zero']} = 0)"
            ).fetchone() == (0,)


def test_six_weeks_are_a_share_of_all_decisions_of_the_year(published: duckdb.DuckDBPyConnection) -> None:
    """Councils whose percentage is not within / (within + over) all print a row of unknown age, so have records without
    ReceivedDate, and theirs is the smaller one."""
    off = published.execute(
        """
        select total.collection_year, unknown.collection_year is not null,
            total.request_outcome_six_weeks_pc < 100 * total.request_outcome_six_weeks
                / (total.request_outcome_six_weeks + total.request_outcome_over_6_weeks)
        from sen2__release_requests as total
        left join sen2__release_requests as unknown
            on total.collection_year = unknown.collection_year and unknown.breakdown = 'Age unknown'
        where total.breakdown_topic = total.breakdown
            and abs(total.request_outcome_six_weeks_pc - 100 * total.request_outcome_six_weeks
                / (total.request_outcome_six_weeks + total.request_outcome_over_6_weeks)) > 0.0501
        """
    ).fetchall()
    assert len(off) == 13
    assert all(has_unknown and is_smaller for _, has_unknown, is_smaller in off)


def test_mediation_is_not_of_requests_received_in_the_year(published: duckdb.DuckDBPyConnection) -> None:
    assert published.execute(
        "select count(*) from sen2__release_requests where mediation_related_request > requests_received_in_year"
    ).fetchone() == (5,)


def test_bands_leave_out_who_has_no_received_date(published: duckdb.DuckDBPyConnection) -> None:
    off = published.execute(
        """
        select total.collection_year
        from sen2__release_timeliness_20_week as total
        left join sen2__release_timeliness_20_week as unknown
            on total.collection_year = unknown.collection_year
            and unknown.breakdown_topic = 'Child or young persons age' and unknown.breakdown = 'Unknown'
        where total.breakdown_topic = total.breakdown
            and total.plans_issued_den - total.plans_issued_within_20_weeks - total.plans_issued_gt20weeks_ltyear
                - total.plans_issued_gt_1_year <> coalesce(unknown.plans_issued_den, 0)
        """
    ).fetchall()
    assert not off


def test_reviews_are_expected_of_plans_from_before_the_year(published: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        published.execute(
            """
            select breakdown in ('Less than a year', '1'), sum(abs(case
                when breakdown in ('Less than a year', '1') then review_expected else review_not_expected
            end))
            from sen2__release_annual_reviews
            where breakdown_topic = 'Years EHC plan in place' and review_expected is not null
            group by all
            """
        ).fetchall()
    )
    assert found == {True: 0, False: 0}


def test_two_tables_count_years_from_different_ends(published: duckdb.DuckDBPyConnection) -> None:
    """Needs: less than a year is what caseload calls less than a year or 1, and so on: a year less."""
    off = published.execute(
        """
        with caseload as (
            select collection_year, case breakdown
                when 'Less than a year' then 'Less than a year' when '1' then 'Less than a year'
                when '12 or more' then 'more' else cast(cast(breakdown as integer) - 1 as varchar) end as breakdown,
                sum(ehcplans) as plans
            from sen2__release_caseload where breakdown_topic = 'Years EHC plan in place' group by all
        ),
        needs as (
            select collection_year, sum(ehc_plans) as plans,
                case when breakdown in ('11', '12 or more') then 'more' else breakdown end as breakdown
            from sen2__release_sen_need_all_plans where breakdown_topic = 'Years EHC plan in place' group by all
        )
        select * from caseload full join needs using (collection_year, breakdown)
        where caseload.plans is distinct from needs.plans
        """
    ).fetchall()
    assert not off


def test_school_age_of_those_not_in_education(published: duckdb.DuckDBPyConnection) -> None:
    """In no council does an age of 5 to 15 on 31 August count under the other column, or another age under this."""
    found = published.execute(
        """
        select try_cast(regexp_extract(breakdown, '[0-9]+') as integer) between 5 and 15,
            sum(neet_other), sum(neet_other_csa)
        from sen2__release_caseload where breakdown_topic = 'Child or young persons age' group by all order by all
        """
    ).fetchall()
    (_, other, none_of_school_age), (_, none_other, of_school_age) = found
    assert (none_of_school_age, none_other) == (0, 0)
    assert other > 2900 and of_school_age > 2400


def test_school_age_of_new_plans_is_on_a_31_august(shared_data: Path) -> None:
    """By age at start, England: an age holds both columns only where that day can lie on either side of a birthday.

    By calendar years somebody is at the start as old as on that 31 August, or a year older if born after August; on the
    31 August before, a year more of each.
    """
    file = shared_data / FOLDER / "newplans.csv.gz"
    ages = duckdb.sql(
        f"""
        select time_period, cast(regexp_extract(breakdown, '[0-9]+') as integer) as age,
            sum(cast(neet_other as integer)) as other, sum(cast(neet_other_csa as integer)) as school_age
        from read_csv('{file}', header = true, all_varchar = true)
        where geographic_level = 'National' and breakdown_topic = 'Age when plan started' and time_period >= '2022'
            and breakdown not like '%over'
        group by all
        """
    ).fetchall()
    for year, age, other, school_age in ages:
        before = next(
            int(row["value"])
            for row in specification.rows("release_parameter")
            if row["parameter"] == "new_plan_age_years" and specification.in_force(row, int(year) + 1)
        )
        possible = {5 <= age - before - step <= 15 for step in (0, 1)}
        assert not (school_age and possible == {False}), (year, age)
        assert not (other and possible == {True}), (year, age)
    assert len(ages) == 3 * 18


def test_needs_of_new_plans_go_by_an_age_of_the_year_before(published: duckdb.DuckDBPyConnection) -> None:
    """Age at the start less 1 or 2, which is the age on 31 August 2023 of all who started in 2024: in each council and
    at every age, at least as many as are up to one year older at the start, at most as many as up to two."""
    ages: dict[str, dict[int, dict[int, float]]] = {}
    for table, topic, counted in (
        ("new_plans", "Age when plan started", "new_ehc_plans"),
        ("sen_need_new_plans", "Child or young persons age", "ehc_plans"),
    ):
        for council, age, plans in published.execute(
            f"select collection_year, cast(regexp_extract(breakdown, '[0-9]+') as integer), {counted} "
            f"from sen2__release_{table} where breakdown_topic = '{topic}'"
        ).fetchall():
            ages.setdefault(table, {}).setdefault(council, {})[age] = plans

    def up_to(table: str, council: int, age: int) -> float:
        return sum(plans for at, plans in ages[table][council].items() if at <= age)

    # Isle of Wight gave the needs of 3 of its 187 new plans.
    councils = [council for council in ages["new_plans"] if council != 921]
    assert len(councils) == COUNCILS - 1
    for council in councils:
        for age in range(2, 18):
            assert (
                up_to("new_plans", council, age + 1)
                <= up_to("sen_need_new_plans", council, age)
                <= up_to("new_plans", council, age + 2)
            ), (council, age)


def test_age_of_plans_in_force_is_that_of_the_school_year(published: duckdb.DuckDBPyConnection) -> None:
    """Hardly anybody of 15 is at a college, and nearly half of those of 16: a day in January would blur it."""
    found = dict(
        published.execute(
            "select breakdown, sum(fe_total) / sum(ehcplans) from sen2__release_caseload "
            "where breakdown_topic = 'Child or young persons age' and breakdown in ('age 15', 'age 16') group by all"
        ).fetchall()
    )
    assert found["age 15"] < 0.01
    assert found["age 16"] > 0.4


def test_age_at_the_start_is_a_difference_of_calendar_years(published: duckdb.DuckDBPyConnection) -> None:
    """Mean age at the start, less mean age on 31 August 2024, plus mean years in place (from 2025): 1.33 if ages at the
    start are by calendar years, 0.83 if they are completed, where births and starts are spread evenly over the year.

    From 31 August 2024 back to the middle of the year of start it is the years in place less 0.83; a completed age is
    half a year short on average, one by calendar years is not. Of councils with over 1,500 plans the median counts.
    """
    (median,) = published.execute(
        """
        with level as (
            select collection_year, breakdown_topic, ehcplans,
                case when breakdown = 'Less than a year' then 0 when breakdown = 'under 3' then 2
                    else try_cast(regexp_extract(breakdown, '[0-9]+') as integer) end as number
            from sen2__release_caseload
        ),
        mean as (
            select collection_year, breakdown_topic, sum(number * ehcplans) / sum(ehcplans) as mean
            from level where number is not null
            group by all having sum(ehcplans) > 1500
        )
        select median(start.mean - age.mean + years.mean)
        from mean as start
        inner join mean as age using (collection_year)
        inner join mean as years using (collection_year)
        where start.breakdown_topic = 'Age when plan started' and age.breakdown_topic = 'Child or young persons age'
            and years.breakdown_topic = 'Years EHC plan in place'
        """
    ).fetchone()
    assert 1.25 < median < 1.4


def test_above_25_a_plan_ended_at_an_unknown_age(published: duckdb.DuckDBPyConnection) -> None:
    """Councils: all but two of those of unknown age had reached the highest age."""
    plans, at_the_highest = published.execute(
        "select sum(total_ceased), sum(max_age) from sen2__release_ceased_plans where breakdown = 'Age unknown'"
    ).fetchone()
    assert plans - at_the_highest <= 2
    assert at_the_highest == 30


def test_a_plan_that_ended_has_no_row_of_school_age(published: duckdb.DuckDBPyConnection) -> None:
    assert published.execute(
        "select count(*) from sen2__release_ceased_plans where breakdown like '%compulsory school age%'"
    ).fetchone() == (0,)


def test_ages_of_work_based_placements(published: duckdb.DuckDBPyConnection) -> None:
    """Who is 25 stands under unknown: the row is there exactly where somebody is, but for one council whose only one is
    under 25 or over."""
    sets = {
        label: {
            row[0]
            for row in published.execute(
                f"select collection_year from sen2__release_{table} where breakdown = ?", [label]
            ).fetchall()
        }
        for table, label in (
            ("work_based_placements", "Age unknown"),
            ("work_based_placements", "age 25 or over"),
            ("caseload", "age 25"),
        )
    }
    assert sets["age 25"] == sets["Age unknown"] | sets["age 25 or over"]
    assert sets["age 25 or over"] - sets["Age unknown"] == {810}


def test_more_plans_started_in_the_year_than_are_new(published: duckdb.DuckDBPyConnection) -> None:
    """Why new plans leave out those that came from elsewhere or were decided before. In force and started in the year,
    or ended in the year in which they started: at least as many as are new, in all but three councils."""
    off = published.execute(
        """
        select new_plans.collection_year,
            caseload.ehcplans + coalesce(ceased.total_ceased, 0) - new_plans.new_ehc_plans as more
        from sen2__release_new_plans as new_plans
        inner join sen2__release_caseload as caseload
            on new_plans.collection_year = caseload.collection_year
            and caseload.breakdown_topic = 'Years EHC plan in place' and caseload.breakdown = '1'
        left join sen2__release_ceased_plans as ceased
            on new_plans.collection_year = ceased.collection_year and ceased.breakdown = 'Under a year'
        where new_plans.breakdown_topic = new_plans.breakdown
        """
    ).fetchall()
    assert len(off) == COUNCILS
    assert {council: more for council, more in off if more < 0} == {203: -2, 806: -1, 921: -4}
    assert sum(more > 0 for _, more in off) == 145
    assert dict(off)[919] == 6766


def test_settings_say_the_same_in_columns_and_in_rows(published: duckdb.DuckDBPyConnection) -> None:
    """A setting's column of caseload is its row in the table of needs: two councils printed no columns."""
    for label in specification.rows("release_label"):
        column = label["code"]
        if label["label_set"] != "setting_schools" or column in ("special_academy", "special_free_school"):
            continue
        off = published.execute(
            f"""
            select caseload.collection_year
            from sen2__release_caseload as caseload
            left join sen2__release_sen_need_all_plans as needs
                on caseload.collection_year = needs.collection_year
                and needs.breakdown_topic = 'Type of placement' and needs.breakdown = ?
            where caseload.breakdown_topic = caseload.breakdown
                and caseload.{column} <> coalesce(needs.ehc_plans, 0)
            """,
            [label["label"]],
        ).fetchall()
        assert not off, column
