"""Planting: so many rows of each fault as `fault.csv` says, never two in one person, and the oracle of what to find."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from warehouse import specification
from warehouse.duck import quoted
from warehouse.synthetic.extract_table import table, tie
from warehouse.synthetic.fault_changes import CHANGES, NATURAL, Change
from warehouse.synthetic.files import header_of, keep_if_new
from warehouse.synthetic.health import months
from warehouse.synthetic.world import World

UTF16_FILES = ("ehc_personal_budget.csv",)
FEWEST_ROWS = 20  # in a smaller extract a single planted row is a large share, and none is planted
WRONG_VINTAGE_FILE = "File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.csv"
EXPECTED_FINDINGS = "expected_findings.csv"
PLANTED_INEQUALITY = "planted_inequality.csv"


def drifted_file(world: World) -> str:
    """The one delivery whose headers are the dictionary's names throughout: declared aliases."""
    return f"Z9D_{months(world)[-1][0]}_CYP001MPI.csv"


def total_row_file(world: World) -> str:
    """A delivery of a third, small provider; it ends in a total and is quarantined whole."""
    return f"Z9T_{months(world)[-1][0]}_CYP201CareContact.csv"


def fault(fault_id: str) -> dict[str, str]:
    """One row of `fault.csv`."""
    return next(row for row in specification.rows("fault") if row["fault_id"] == fault_id)


def plant(world: World) -> int:
    """Plant every fault; returns the number of rows changed."""
    _pools(world)
    world.sql("create table fault_person (n bigint); create table fault_school (school varchar, file varchar)")
    planted = {fault_id: _plant_one(world, fault_id, change) for fault_id, change in CHANGES.items()}
    _whole_school(world)
    missing = [fault_id for fault_id, number in planted.items() if number == 0]
    if missing:
        world.say(f"demo: too small a county for {len(missing)} of the faults: {', '.join(missing)}")
    return sum(planted.values())


def _pools(world: World) -> None:
    """People whose records are plain: see fault_changes."""
    first, last = min(world.census_days.values()), max(world.census_days.values())
    world.sql(
        """
        create table plain as
        select n from request_fact group by n having count(*) = 1;
        create table steady as
        select l.n from plan_life as l inner join plain on plain.n = l.n
        where l.class = 'active' and not l.is_transfer_in and l.start_date < date '{year_before}-01-01'
            and (select count(*) from plan_life as x where x.n = l.n) = 1;
        create table alone as
        select n from steady
        where n not in (select n from roll) and n not in (select n from referral_life)
            and n not in (select n from cin_life) and n not in (select n from hv_life);
        create table refused as
        select s.n from request_state as s inner join plain on plain.n = s.n
        where s.kind = 'refused' and s.outcome = 'N' and s.decided_date <= date '{year}-12-15'
            and s.received_date between date '{year}-02-01' and date '{year}-11-10'
            and s.n not in (select n from plan_class);
        create table open_request as
        select s.n from request_state as s inner join plain on plain.n = s.n
        where s.outcome = 'A' and s.kind in ('plan', 'refused')
            and s.received_date between date '{year}-08-01' and date '{year}-12-31';
        create table issued_at_last as
        select s.n, s.received_date, s.decided_date from assessment_state as s inner join plain on plain.n = s.n
        inner join plan_life as l on l.n = s.n and l.class = 'active'
        where s.kind = 'plan' and not s.was_put_right
            and s.assessment_date between date '{year}-01-01' and date '{year}-12-31'
            and s.birth_date > date '2002-09-01' and not s.other_mediated and not s.other_appealed;
        create table decided_and_issued as
        select n, received_date from issued_at_last where decided_date >= date '{year}-02-05';
        create table issued as
        select n from decided_and_issued where received_date >= date '{first}' + 5;
        create table assessing as
        select s.n from assessment_state as s inner join plain on plain.n = s.n
        where s.kind in ('plan', 'no_plan') and s.assessment_outcome = 'A' and not s.was_put_right
            and s.received_date >= date '{year}-03-01' and s.decided_date <= date '{year}-11-25';
        create table noplan as
        select s.n from assessment_state as s inner join plain on plain.n = s.n
        where s.kind = 'no_plan' and s.assessment_outcome = 'N' and s.received_date >= date '{first}' + 5
            and s.assessment_date <= date '{year}-12-20';
        """,
        year_before=first.year - 1,
        first=first,
        year=last.year - 1,
    )


def _plant_one(world: World, fault_id: str, change: Change) -> int:
    row = fault(fault_id)
    source, entity = row["extract"].split(".")
    name = table(source, entity)
    total = world.number(f"select count(*) from {name}")
    if total < FEWEST_ROWS:
        return 0
    wanted = int(row["count"]) if row["count"] else max(1, round(float(row["rate"]) * total))
    eligible = change.eligible.replace("{la_code}", world.settings.la_code)
    world.con.execute(
        f"""
        create or replace temporary table picked as
        select t.rowid as row, t._n as n, row_number() over (order by u(concat(t._n, t._sort), '{fault_id}'),
            t._sort) as place
        from {name} as t
        where t._fault is null and ({eligible})
            and (t._n is null or t._n not in (select n from fault_person))
        qualify row_number() over (partition by coalesce(t._n, t.rowid) order by t._sort, t._file) = 1
        order by place
        limit {wanted}
        """
    )
    rows = "t._n in (select n from picked)" if change.whole_person else "t.rowid in (select row from picked)"
    if change.copy is not None:
        _copy(world, source, entity, fault_id, change.copy)
    values = {column: sql.replace("{la_code}", world.settings.la_code) for column, sql in change.values.items()}
    for column in change.shared:
        values[column] = (
            f"(select first_of.{column} from {name} as first_of"
            " where first_of.rowid = (select row from picked order by place limit 1))"
        )
    settings = ", ".join(f"{column} = {sql}" for column, sql in {**values, "_fault": f"'{fault_id}'"}.items())
    world.con.execute(f"update {name} as t set {settings} where {rows}")
    if change.also:
        world.con.execute(change.also)
    world.con.execute("insert into fault_person select n from picked where n is not null")
    return world.number("select count(*) from picked")


def _copy(world: World, source: str, entity: str, fault_id: str, values: dict[str, str]) -> None:
    """A second row like the first, some values apart."""
    name = table(source, entity)
    columns = [row[0] for row in world.con.execute(f"describe {name}").fetchall()]
    wanted = ", ".join(f"'{fault_id}'" if c == "_fault" else values.get(c, f"t.{c}") for c in columns)
    world.con.execute(f"insert into {name} select {wanted} from {name} as t where t.rowid in (select row from picked)")


def _whole_school(world: World) -> None:
    """One school flags every pupil for resourced provision in the autumn."""
    world.sql(
        """
        insert into fault_school
        select native_id, _file from x_school_census_pupil_on_roll
        where _file like '%autumn%'
        group by native_id, _file having count(*) >= 20
        order by md5(concat('{seed}', native_id)) limit 1;
        update x_school_census_pupil_on_roll as t set resourced_provision_indicator = 'True'
        from fault_school as f where t.native_id = f.school and t._file = f.file;
        """,
        seed=world.seed,
    )


def write_extra_files(world: World) -> list[Path]:
    """Files that are refused whole: a third provider's contacts with a total at the end, indices of the wrong areas."""
    return [_total_row(world), _wrong_vintage(world)]


def _total_row(world: World) -> Path:
    extract = specification.extract("csds", "care_contact")
    header = [column.printed_header for column in extract.columns if not column.from_file_name]
    last = months(world)[-1][2]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for number in range(1, 7):
        given = {
            "CareContactID": f"T{number:05d}",
            "ServiceRequestID": f"TR{number:04d}",
            "CareContactDate": last.isoformat(),
            "AttendOrDNACode": "5",
            "ClinicalContactDuration": "30",
        }
        writer.writerow([given.get(name, "") for name in header])
    writer.writerow(["Total", "", "", "6", "180", ""])
    part = world.settings.home.work / "demo" / total_row_file(world)
    with part.open("w", encoding="utf-8", newline="") as target:
        target.write(text.getvalue())
    return keep_if_new(part, world.settings.home.inbox / "csds" / part.name)


def _wrong_vintage(world: World) -> Path:
    """The edition of 2019 under a name of 2025: its key are the small areas of 2011."""
    part = world.settings.home.work / "demo" / WRONG_VINTAGE_FILE
    select = ", ".join(
        f'{column.name} as "{header_of("geography", "deprivation_2019", column)}"'
        for column in specification.extract("geography", "deprivation_2019").columns
    )
    world.con.execute(
        f"copy (select {select} from {table('geography', 'deprivation_2019')} order by _sort)"
        f" to '{quoted(part)}' (format csv, header)"
    )
    return keep_if_new(part, world.settings.home.inbox / "geography" / part.name)


def write_oracles(world: World) -> int:
    """expected_findings.csv and planted_inequality.csv beside the inbox; returns the number of expected findings."""
    world.sql(
        "create table expected (fault_id varchar, source varchar, entity varchar, source_file varchar,"
        " source_row bigint, person_id varchar)"
    )
    for source in specification.sources().values():
        for extract in source.extracts if source.is_generated else ():
            _expect_planted(world, source.name, extract.entity)
    year_end = f"{max(world.census_days) - 1}-12-31"
    for fault_id, query in NATURAL.items():
        _expect_natural(world, fault_id, query.replace("{year_end}", year_end))
    world.sql(
        """
        insert into expected
        select 'flag_whole_school', 'school_census', 'pupil_on_roll', file, null, null from fault_school;
        insert into expected values ('total_row_file', 'csds', 'care_contact', '{file}', null, null);
        insert into expected values ('index_wrong_vintage', 'geography', 'deprivation', '{wrong}', null, null);
        """,
        file=total_row_file(world),
        wrong=WRONG_VINTAGE_FILE,
    )
    _checks(world)
    part = world.settings.home.work / "demo" / EXPECTED_FINDINGS
    world.con.execute(
        f"""
        copy (
            select e.fault_id, e.source, e.entity, e.source_file, e.source_row, e.person_id,
                c.expected_check, c.collection_year
            from expected as e inner join fault_check as c on c.fault_id = e.fault_id
            order by all
        ) to '{quoted(part)}' (format csv, header)
        """
    )
    keep_if_new(part, world.settings.home.root / EXPECTED_FINDINGS)
    copied = world.settings.home.work / "demo" / PLANTED_INEQUALITY
    shutil.copyfile(specification.SPEC / "demonstration" / PLANTED_INEQUALITY, copied)
    keep_if_new(copied, world.settings.home.root / PLANTED_INEQUALITY)
    return world.number("select count(*) from expected inner join fault_check using (fault_id)")


def _checks(world: World) -> None:
    """Each fault with each check that should find it, and for a rule of the return each collection year."""
    world.sql("create table fault_check (fault_id varchar, expected_check varchar, collection_year integer)")
    for row in specification.rows("fault"):
        for check in row["expected_checks"].split():
            years = row["expected_years"].split() if ":" not in check else []
            for year in years or [None]:
                world.con.execute("insert into fault_check values (?, ?, ?)", [row["fault_id"], check, year])


def _expect_planted(world: World, source: str, entity: str) -> None:
    """Every spoiled row; of exact copies the first, since the last is the one that stays."""
    name = table(source, entity)
    copies = ", ".join(f"'{fault_id}'" for fault_id, change in CHANGES.items() if change.copy == {})
    world.con.execute(
        f"""
        insert into expected
        select t._fault, '{source}', '{entity}', t._file, t.record, {_person(source, entity)}
        from {_recorded(source, entity, name)} as t
        where t._fault is not null
        qualify t._fault not in ({copies}) or row_number() over (partition by t._fault, t._file, t._sort
            order by t.record) = 1
        """
    )


def _expect_natural(world: World, fault_id: str, query: str) -> None:
    """Rows that nobody spoiled and that a check finds all the same; each fault of this kind in one extract."""
    row = fault(fault_id)
    source, entity = row["extract"].split(".")
    name = table(source, entity)
    file = "and f.file = t._file" if " as file" in query else ""
    world.con.execute(
        f"""
        insert into expected
        select '{fault_id}', '{source}', '{entity}', t._file, t.record, {_person(source, entity)}
        from {_recorded(source, entity, name)} as t
        inner join ({query}) as f on f.sort = t._sort {file}
        where t._fault is null
        """
    )


def _recorded(source: str, entity: str, name: str) -> str:
    """The extract with each row's record number in its file; the header of a table is record 1."""
    order = f"_sort, {tie(source, entity)}"
    header = "case when _file like '%.xml' then 0 else 1 end"  # an element of XML is numbered without one
    return f"(select *, {header} + row_number() over (partition by _file order by {order}) as record from {name})"


def _person(source: str, entity: str) -> str:
    """SQL: the person as the source system knows them."""
    columns = [column.name for column in specification.extract(source, entity).columns]
    for name in ("person_id", "la_child_id", "child_id", "local_patient_id"):
        if name in columns:
            return f"t.{name}"
    return "null"
