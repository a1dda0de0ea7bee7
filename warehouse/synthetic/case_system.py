"""The case system's extracts in the shapes of six systems, from the same lives: layouts from memory but one.

No public specimen of these exports exists, so a shape here is what practice tells of a system (source-extracts section
4) and its faults: dates as text, an open end of 31/12/9999, a header on line 4, needs in one cell, numeric codes,
a row for each address, deleted forms, and rows that staff made to try things out. The standard data set (ssd) alone
has published table and column names (data-to-insight/ssd-data-model).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook

from warehouse import specification
from warehouse.duck import quoted
from warehouse.specification import Column
from warehouse.synthetic.extract_table import table
from warehouse.synthetic.files import save

OPEN_END = "31/12/9999"
DECISION = {"Y": "Agreed", "N": "Not agreed", "A": "Awaiting decision", "W": "Withdrawn", "H": "Historic"}
NEED_WORDS = {"SLCN": "SPCH", "PD": "PHYS", "ASD": "AUT", "SEMH": "EMH"}


@dataclass(frozen=True)
class Shape:
    """How one system writes values: dates, yes and no, codes by code set, and headers by canonical column."""

    dates: str
    yes: str
    no: str
    header: Callable[[str], str]
    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def name(self, column: str) -> str:
        return self.names.get(column) or self.header(column)

    def value(self, column: Column) -> str:
        """SQL of a value as the system writes it."""
        if column.data_type == "date":
            return f"coalesce(strftime(try_cast({column.name} as timestamp), '{self.dates}'), {column.name})"
        if column.data_type == "boolean":
            return (
                f"case {column.name} when 'true' then '{self.yes}' when 'false' then '{self.no}' else {column.name} end"
            )
        local = self.codes.get(column.code_set or "", {})
        if local:
            whens = " ".join(f"when '{ours}' then '{theirs}'" for ours, theirs in local.items())
            return f"case {column.name} {whens} else {column.name} end"
        return column.name


def systems() -> tuple[str, ...]:
    """The systems whose shapes can be written."""
    return tuple(_SYSTEMS)


def write(con: duckdb.DuckDBPyConnection, system: str, folder: Path) -> list[Path]:
    """Write the case system's extracts (tables x_ehc_* of `con`) in the shape of a system; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return _SYSTEMS[system](con, folder)


def _one(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Tables of a case: stages of the pathway in one history, addresses in another that overlaps."""
    outcomes = {"Y": "AGR", "N": "REF", "A": "PEN", "W": "WDN", "H": "HIS"}
    shape = Shape(
        dates="%d/%m/%Y",
        yes="Y",
        no="N",
        header=str.upper,
        names={
            "person_id": "STUD_ID",
            "birth_date": "DOB",
            "sex": "GENDER",
            "sen_type": "SEN_CODE",
            "rank": "SEN_RANK",
        },
        codes={"sen_type": NEED_WORDS, "request_outcome": outcomes, "assessment_outcome": outcomes},
    )
    test = "select '99999999' as \"STUD_ID\", 'Test' as \"SURNAME\", 'Donald' as \"FORENAME\", '01/04/2012' as \"DOB\""
    student = f"{_select(shape, 'person', leave=('postcode',))} union all by name {test}"
    address = (
        f'select person_id as "STUD_ID", \'ZZ1 1ZZ\' as "POSTCODE", \'01/09/2015\' as "START_DATE", '
        f"'01/09/2024' as \"END_DATE\" from {table('ehc', 'person')} where hash(person_id) % 3 = 0 "
        f"union all select person_id, postcode, '01/01/2024', '{OPEN_END}' from {table('ehc', 'person')} "
        f'order by "STUD_ID", "START_DATE" desc'
    )
    stages = " union all by name ".join(
        (
            _stage(shape, "request", "R", "request_id", "received_date", "outcome_date", "outcome"),
            _stage(shape, "assessment", "A", "assessment_id", "draft_issued_date", "outcome_date", "outcome"),
            _stage(shape, "plan", "EHC", "plan_id", "start_date", "cease_date", "cease_reason"),
        )
    )
    named = {"student": student, "address": address, "sen_stage": stages}
    named |= {name: _select(shape, entity) for name, entity in _OTHERS.items() if entity != "placement"}
    named["base_history"] = _select(shape, "placement")
    return [_csv(con, sql, folder / f"one_{name}.csv") for name, sql in named.items()]


def _stage(shape: Shape, entity: str, stage: str, key: str, start: str, end: str, outcome: str) -> str:
    columns = {column.name: column for column in specification.extract("ehc", entity).columns}
    others = _listed(shape, [its for name, its in columns.items() if name not in (key, start, end, outcome)])
    return (
        f'select \'{stage}\' as "STAGE", {key} as "STAGE_ID", {shape.value(columns[start])} as "START_DATE", '
        f"coalesce({shape.value(columns[end])}, '{OPEN_END}') as \"END_DATE\", "
        f'{shape.value(columns[outcome])} as "OUTCOME", {others} from {table("ehc", entity)}'
    )


def _synergy(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Reports in Excel: a title, the header on line 4, merged cells, all needs in one cell, a total at the end."""
    shape = Shape(
        dates="%d/%m/%Y",
        yes="Yes",
        no="No",
        header=lambda name: name.replace("_", " ").title(),
        names={"person_id": "Case ID", "birth_date": "Date of Birth", "upn": "UPN", "uln": "ULN", "urn": "URN"},
        codes={"request_outcome": DECISION, "assessment_outcome": DECISION},
    )
    person = specification.extract("ehc", "person").columns
    plan = [column for column in specification.extract("ehc", "plan").columns if column.name != "person_id"]
    # A merged cell is filled in the first row of its group.
    merged = ", ".join(
        f"case when coalesce(plans._place, 1) = 1 then people.{_quoted(shape.name(column.name))} end as "
        f"{_quoted(shape.name(column.name))}"
        for column in person
    )
    caseload = f"""
        with people as (
            select {_listed(shape, person)}, person_id as _child, row_number() over () as _row,
                row_number() over (partition by person_id order by rowid desc) = 1 as _is_last
            from {table("ehc", "person")}
        ),
        needs as (
            select plan_id as _plan, string_agg(sen_type, '; ' order by rank, rowid) as needs,
                min({shape.value(Column("from_date", "date"))}) as since
            from {table("ehc", "need")} group by plan_id
        ),
        plans as (
            select person_id as _child, row_number() over (partition by person_id order by plan.rowid) as _place,
                {_listed(shape, plan)}, needs.needs as "SEN Needs", needs.since as "Needs Recorded"
            from {table("ehc", "plan")} as plan left join needs on needs._plan = plan.plan_id
        )
        select {merged}, plans.* exclude (_child, _place)
        from people left join plans on plans._child = people._child and people._is_last
        order by people._row, plans._place
    """
    written = [_report(con, caseload, "EHC caseload", folder / "Synergy EHC Caseload.xlsx")]
    reports = {name: entity for name, entity in _OTHERS.items() if entity != "need"}
    for name, entity in {"requests": "request", "assessments": "assessment", **reports}.items():
        file = folder / f"Synergy {name.title()}.xlsx"
        written.append(_report(con, _select(shape, entity), f"EHC {name}", file))
    return written


def _liquidlogic(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """One row per form, whatever its type; forms that were deleted stand beside the others. Dates have a time."""
    shape = Shape(
        dates="%d/%m/%Y %H:%M",
        yes="Y",
        no="N",
        header=lambda name: "".join(word.title() for word in name.split("_")),
        names={"person_id": "PersonID", "upn": "UPN", "uln": "ULN", "urn": "URN", "ukprn": "UKPRN"},
        codes={"request_outcome": DECISION, "assessment_outcome": DECISION},
    )
    kinds = {"request": "EHC Request", "assessment": "EHC Assessment", "plan": "EHC Plan", "review": "Annual Review"}
    forms = []
    for entity, kind in kinds.items():
        columns = specification.extract("ehc", entity).columns
        values = {column.name: shape.value(column) for column in columns}
        # Ids of other forms keep their own names; a form's own is its FormID.
        own = f"{entity}_id"
        listed = ", ".join(f'{value} as "{shape.name(name)}"' for name, value in values.items() if name != own)
        for status, where in (("Finalised", "true"), ("Deleted", f"hash({own}) % 17 = 0")):
            forms.append(
                f'select {own} as "FormID", \'{kind}\' as "FormType", \'{status}\' as "FormStatus", {listed} '
                f"from {table('ehc', entity)} where {where}"
            )
    named = {"person": _select(shape, "person"), "forms": " union all by name ".join(forms)}
    named |= {name: _select(shape, entity) for name, entity in _OTHERS.items() if entity != "review"}
    return [_csv(con, sql, folder / f"lle_{name}.csv") for name, sql in named.items()]


def _impulse(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Flat files with pipes, every code a number whose list nobody sends along, a child's row for each address."""
    numbers = {
        name: {code: str(place) for place, code in enumerate(specification.codes(name), start=1)} for name in NUMBERED
    }
    shape = Shape(
        dates="%d-%b-%Y",
        yes="1",
        no="0",
        header=str.upper,
        names={"person_id": "PUPIL_NO", "birth_date": "DATE_BIRTH", "sen_type": "NEED_NO"},
        codes=numbers,
    )
    person = specification.extract("ehc", "person").columns
    listed = ", ".join(f'{shape.value(c)} as "{shape.name(c.name)}"' for c in person if c.name != "postcode")
    pupil = (
        f'select {listed}, \'1\' as "ADDR_NO", \'1\' as "ADDR_CURRENT", postcode as "POSTCODE" '
        f"from {table('ehc', 'person')} union all select {listed}, '2', '0', 'ZZ1 1ZZ' from {table('ehc', 'person')} "
        f"where hash(person_id) % 4 = 0"
    )
    named = {"pupil": pupil, **{f"{e}": _select(shape, e) for e in ("request", "assessment", "plan")}}
    named |= {name: _select(shape, entity) for name, entity in _OTHERS.items()}
    return [_csv(con, sql, folder / f"impulse_{name}.txt", "|") for name, sql in named.items()]


def _mosaic(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """A row per step of a worker, with pick-lists; the child has one number in care and another in SEN."""
    shape = Shape(
        dates="%d/%m/%Y",
        yes="Yes",
        no="No",
        header=lambda name: name.replace("_", "-"),
        names={"person_id": "mosaic-id"},
        codes={"request_outcome": DECISION, "assessment_outcome": DECISION},
    )
    con.execute(
        f"create or replace temp table mosaic_number as select person_id as sen_id, "
        f"'M' || (500000 + row_number() over (order by person_id)) as mosaic_id "
        f"from (select distinct person_id from {table('ehc', 'person')})"
    )
    person = (
        f'select mosaic_number.mosaic_id as "mosaic-id", given."mosaic-id" as "sen-id", given.* exclude ("mosaic-id") '
        f"from ({_select(shape, 'person')}) as given "
        f'inner join mosaic_number on mosaic_number.sen_id = given."mosaic-id"'
    )
    steps = []
    for entity, kind, start, end, closing, outcome in (
        ("request", "EHC request", "received_date", "outcome_date", "Decision to assess", "outcome"),
        ("assessment", "EHC assessment", "draft_issued_date", "outcome_date", "Decision to issue", "outcome"),
        ("plan", "EHC plan", "start_date", "cease_date", "EHC plan ended", "cease_reason"),
    ):
        key, rows = f"{entity}_id", table("ehc", entity)
        columns = {column.name: column for column in specification.extract("ehc", entity).columns}
        rest = _listed(shape, [its for name, its in columns.items() if name not in (key, start, end, outcome)])
        opened = f'{shape.value(columns[start])} as "started"'
        steps.append(f'select \'{kind}\' as "step", {key} as "ref", {opened}, {rest} from {rows}')
        closed = f'{shape.value(columns[end])} as "completed", {shape.value(columns[outcome])} as "outcome"'
        steps.append(
            f'select \'{closing}\' as "step", {key} as "ref", person_id as "mosaic-id", {closed} from {rows} '
            f"where {end} is not null or {outcome} is not null"
        )
    named = {"steps": " union all by name ".join(steps)}
    named |= {name: _select(shape, entity) for name, entity in _OTHERS.items()}
    written = [_csv(con, person, folder / "mosaic_person.csv")]
    for name, sql in named.items():
        numbered = (
            f'select given.* replace (coalesce(mosaic_number.mosaic_id, given."mosaic-id") as "mosaic-id") '
            f'from ({sql}) as given left join mosaic_number on mosaic_number.sen_id = given."mosaic-id"'
        )
        written.append(_csv(con, numbered, folder / f"mosaic_{name}.csv"))
    return written


def _ssd(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """The EHC tables of the standard data set: keys lead from a plan to its assessment, request and child."""
    day = "case when {0} is not null then coalesce(strftime(try_cast({0} as timestamp), '%Y-%m-%d %H:%M:%S'), {0}) end"
    person, request, assessment = (table("ehc", name) for name in ("person", "request", "assessment"))
    plan, need = table("ehc", "plan"), table("ehc", "need")
    named = {
        "person": f"""select person_id as pers_person_id, forename as pers_forename, surname as pers_surname,
            sex as pers_sex, ethnicity as pers_ethnicity, {day.format("birth_date")} as pers_dob from {person}""",
        "send": f"""select 'S' || person_id as send_table_id, person_id as send_person_id, upn as send_upn,
            uln as send_uln, upn_unknown_reason as send_upn_unknown from {person}""",
        "ehcp_requests": f"""select request_id as ehcr_ehcp_request_id, 'S' || person_id as ehcr_send_table_id,
            {day.format("received_date")} as ehcr_ehcp_req_date,
            {day.format("outcome_date")} as ehcr_ehcp_req_outcome_date, outcome as ehcr_ehcp_req_outcome
            from {request}""",
        "ehcp_assessment": f"""select assessment_id as ehca_ehcp_assessment_id, request_id as ehca_ehcp_request_id,
            {day.format("outcome_date")} as ehca_ehcp_assessment_outcome_date, outcome as ehca_ehcp_assessment_outcome,
            case exception_applies when 'true' then 'Y' when 'false' then 'N' else exception_applies end
                as ehca_ehcp_assessment_exceptions from {assessment}""",
        "ehcp_named_plan": f"""select plan_id as ehcn_named_plan_id, assessment_id as ehcn_ehcp_asmt_id,
            {day.format("start_date")} as ehcn_named_plan_start_date,
            {day.format("cease_date")} as ehcn_named_plan_ceased_date, cease_reason as ehcn_named_plan_ceased_reason
            from {plan} as p left join (
                select request_id, max(assessment_id) as assessment_id from {assessment} group by 1
            ) as a on a.request_id = p.request_id""",
        "ehcp_active_plans": f"""select 'A' || plan_id as ehcp_active_ehcp_id, request_id as ehcp_ehcp_request_id,
            null as ehcp_active_ehcp_last_review_date from {plan}""",
        "sen_need": f"""select row_number() over (order by plan_id, rank, sen_type) as senn_table_id,
            'A' || plan_id as senn_active_ehcp_id, sen_type as senn_active_ehcp_need_type,
            rank as senn_active_ehcp_need_rank from {need}""",
    }
    return [_csv(con, sql, folder / f"ssd_{name}.csv") for name, sql in named.items()]


_OTHERS = {
    "need": "need",
    "placement": "placement",
    "review": "review",
    "advice": "advice",
    "budget": "personal_budget",
    "appeal": "appeal",
}
# Code sets that a system may keep as numbers of its own.
NUMBERED = (
    *("sex", "ethnicity", "sen_type", "request_source", "request_outcome", "assessment_outcome", "cease_reason"),
    *("advice_type", "placement_kind", "review_type", "review_outcome", "appeal_kind", "appeal_about"),
    "appeal_outcome",
)
_SYSTEMS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path], list[Path]]] = {
    "one": _one,
    "synergy": _synergy,
    "liquidlogic": _liquidlogic,
    "impulse": _impulse,
    "mosaic": _mosaic,
    "ssd": _ssd,
}


def _select(shape: Shape, entity: str, leave: tuple[str, ...] = ()) -> str:
    columns = tuple(c for c in specification.extract("ehc", entity).columns if c.name not in leave)
    return f"select {_listed(shape, columns)} from {table('ehc', entity)}"


def _listed(shape: Shape, columns: Iterable[Column]) -> str:
    return ", ".join(f"{shape.value(column)} as {_quoted(shape.name(column.name))}" for column in columns)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _csv(con: duckdb.DuckDBPyConnection, sql: str, file: Path, delimiter: str = ",") -> Path:
    con.execute(f"copy ({sql}) to '{quoted(file)}' (format csv, header, delimiter '{delimiter}')")
    return file


def _report(con: duckdb.DuckDBPyConnection, sql: str, title: str, file: Path) -> Path:
    """A workbook as a report prints it: title, day, blank line, header, rows, and a total."""
    book = Workbook(write_only=True)
    page = book.create_sheet("Report")
    result = con.execute(sql)
    header: list[Any] = [column[0] for column in result.description]
    rows = result.fetchall()
    for line in ([title], ["Printed for the demonstration"], [], header, *map(list, rows), ["Total", len(rows)]):
        page.append(line)
    save(book, file)
    return file
