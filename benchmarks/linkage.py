"""Linkage measured against the truth that the generator kept: pairs of records, by source and by group; and its speed.

    python -m benchmarks.linkage --home HOME          a built demonstration home: the tables of docs/linkage.md
    python -m benchmarks.linkage --home HOME --speed  linking alone, from the records of that home: time and memory

Two records are a true pair when they are of one child; a found pair when they have one person_key. Records are children
as a source numbers them. Precision is over all found pairs; recall over true pairs of two worlds (education, health,
care), for whom linkage is there.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import duck
from warehouse.settings import Settings

TRUTH = "linkage_truth.parquet"
GROUPS = ("sex", "ethnicity_group", "idaci_quintile")
# Pairs with the care system's own list, and all others: with the list many pairs are there that are easily found.
LISTED = "case when is_of_list then 'pairs with the care list' else 'all other pairs' end"
ADOPTED = "case when is_adopted then 'adopted children' else 'all other children' end"
# The returns of care send no names: of a child without a UPN there a birth date and a sex are all there is.
_TRUTH = """
create or replace temp table truth as
with named as (
    select distinct records.source, records.source_person_id, truth.person, truth.ethnicity_code, truth.sex,
        truth.idaci_quintile, truth.fault, truth.is_adopted,
        case records.source when 'csds' then 'health' when 'ssda903' then 'care' when 'cin' then 'care'
            when 'care_system' then 'care' else 'education' end as world
    from (
        select *, case source when 'school_census' then md5('pupil_term|' || record) else record end as known_by,
            coalesce(bool_or(fault = 'adopted') over (partition by person), false) as is_adopted
        from read_parquet('{truth}')
    ) as truth
    inner join (
        select *, case source when 'school_census' then record_id else source_person_id end as known_by
        from intermediate.int_person__record
    ) as records on records.source = truth.source and records.known_by = truth.known_by
),
can as (
    select source, source_person_id, bool_or(forename is not null and surname is not null) as has_name,
        bool_or(upn is not null or former_upn is not null) as has_upn
    from intermediate.int_person__record group by all
)
select
    row_number() over () as child, named.source, named.source_person_id, named.person, named.world,
    bridge.person_key, can.has_name, can.has_upn,
    any_value(coalesce(code.ethnicity_group, 'not of the county')) as ethnicity_group,
    any_value(coalesce(named.sex, 'not of the county')) as sex,
    any_value(coalesce(named.idaci_quintile::varchar, 'not of the county')) as idaci_quintile,
    any_value(named.is_adopted) as is_adopted,
    string_agg(distinct named.fault, ' ') as fault
from named
inner join core.bridge_person_identity as bridge using (source, source_person_id)
inner join can using (source, source_person_id)
left join (select code, any_value(ethnicity_group) as ethnicity_group from spec.code_ethnicity group by code) as code
    on code.code = named.ethnicity_code
group by named.source, named.source_person_id, named.person, named.world, bridge.person_key, can.has_name, can.has_upn
"""
_PAIRS = """
create or replace temp table pair as
select l.person = r.person as is_true, l.person_key = r.person_key as is_found, l.world <> r.world as is_of_two_worlds,
    (l.has_name and r.has_name) or (l.has_upn and r.has_upn) as can_be_told,
    least(l.world, r.world) || ' and ' || greatest(l.world, r.world) as worlds,
    'care_system' in (l.source, r.source) as is_of_list, l.is_adopted or r.is_adopted as is_adopted,
    l.sex, l.ethnicity_group, l.idaci_quintile, concat_ws(' ', l.fault, r.fault) as fault
from truth as l
inner join (
    select one.child as child_l, other.child as child_r
    from truth as one inner join truth as other on one.person = other.person and one.child < other.child
    union
    select one.child, other.child
    from truth as one inner join truth as other on one.person_key = other.person_key and one.child < other.child
) as met on met.child_l = l.child
inner join truth as r on r.child = met.child_r
"""


@dataclass(frozen=True)
class Measure:
    """Pairs of one group. precision: of found pairs, the true share; recall: of true pairs of two worlds, the found
    share; recall_told: the same, of pairs that have a name or a UPN on both sides."""

    group: str
    found: int
    true_of_two_worlds: int
    precision: float
    recall: float
    recall_told: float


def pairs(connection: duckdb.DuckDBPyConnection, truth: Path) -> None:
    """Temporary tables truth and pair; `connection` is to a built warehouse of a demonstration home."""
    connection.execute(_TRUTH.format(truth=duck.quoted(truth)))
    connection.execute(_PAIRS)


def measure(connection: duckdb.DuckDBPyConnection, group: str = "'all'") -> list[Measure]:
    """Pair metrics by a column of `pair`, or of all; after `pairs`."""
    rows = connection.execute(
        f"""
        select {group}, count(*) filter (is_found), count(*) filter (is_true and is_of_two_worlds),
            count(*) filter (is_found and is_true) / count(*) filter (is_found),
            count(*) filter (is_found and is_true and is_of_two_worlds)
                / count(*) filter (is_true and is_of_two_worlds),
            count(*) filter (is_found and is_true and is_of_two_worlds and can_be_told)
                / count(*) filter (is_true and is_of_two_worlds and can_be_told)
        from pair group by all order by 1
        """
    ).fetchall()
    return [Measure(*row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--database", type=Path, help="the warehouse to read, by default the published one")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    settings = Settings.read(options.home)
    with duck.reader(options.database or settings.home.database) as connection:
        if options.speed:
            speed(connection)
            return
        pairs(connection, settings.home.root / TRUTH)
        print("| group | found pairs | true pairs of two worlds | precision | recall | recall where it can be told |")
        print("|---|---|---|---|---|---|")
        for group in ("'all'", LISTED, "worlds", *GROUPS, ADOPTED):
            for row in measure(connection, group):
                print(
                    f"| {group if group in GROUPS else ''} {row.group} | {row.found:,} | {row.true_of_two_worlds:,}"
                    f" | {_share(row.precision)} | {_share(row.recall)} | {_share(row.recall_told)} |"
                )


def speed(connection: duckdb.DuckDBPyConnection) -> None:
    """Link again what the warehouse holds, in this process, and say how long it took, how much of it the
    processor worked (the same whoever else uses the machine), and the most memory it held."""
    from warehouse import linkage

    tables = {
        "record": "intermediate.int_person__record",
        "evidence": "intermediate.int_person__evidence",
        "school": "intermediate.int_person__school",
        "override": "staging.stg_council__link_override",
    }
    read = {name: connection.sql(f"from {table}").to_arrow_table() for name, table in tables.items()}
    load = os.getloadavg()[0]
    started, worked = time.perf_counter(), time.process_time()
    links = linkage.find_links(**read, known_on="2027-01-21")
    linked = time.perf_counter() - started
    entry = connection.sql(
        "select source, source_person_id, person_key, since, until from staging.stg_person__register"
    )
    keys = linkage.crosswalk(read["record"], links, entry.to_arrow_table(), "2027-01-21", "")
    total, worked = time.perf_counter() - started, time.process_time() - worked
    people = len(set(keys["person_key"].to_pylist()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{people:,} people, {keys.num_rows:,} children of sources, {read['record'].num_rows:,} records:"
        f" {linked:.1f} s to link, {total:.1f} s with keys, of which"
        f" {worked:.1f} s at work on {linkage.THREADS} cores; {peak:.2f} GB at most; load average before {load:.1f}"
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    main()
