"""One row per child of each source, with what its records say, laid out so that two children can be compared."""

from __future__ import annotations

import duckdb

from warehouse.identifiers import has_format

# A postcode, or a name with a birth date, that so many children share is a default or an office: it tells nobody apart,
# and pairs grow with the square (measured: reference stack.md section 6).
MOST_AT_ONE_POSTCODE = 200
MOST_WITH_ONE_KEY = 60

# Of two sources that name a child, the one that speaks first; as in models/core/dim_person.sql.
SPEAKS_FIRST = (
    "case source when 'ehc' then 1 when 'school_census' then 2 when 'ssda903' then 3 when 'cin' then 4"
    " when 'care_system' then 5 else 6 end"
)

_VOCABULARY = """
create macro name_key(text) as nullif(regexp_replace(upper(strip_accents(text)), '[^A-Z]', '', 'g'), '');
create macro latest(value, moment) as arg_max(value, moment) filter (where value is not null);
create macro all_of(value) as nullif(list_sort(list_distinct(list(value) filter (where value is not null))), []);
create macro together(here, there) as
    nullif(list_sort(list_distinct(list_concat(coalesce(here, []), coalesce(there, [])))), []);
"""

# A system numbers its children itself. Providers of community health each have numbers of their own.
_CHILD = f"""
create table child as
with placed as (
    -- numbers are compared faster than days and texts: later days are higher, records of one day as they fall
    select *,
        (coalesce(recorded_on, date '0001-01-01') - date '0001-01-01') * {2**32}
            + (hash(record_id) // {2**32})::bigint as moment
    from record
),

-- A child says the same term after term: each different thing once.
statement as (
    select
        source, source_person_id, birth_date, forename, surname, former_surname, sex, postcode, upn, former_upn,
        nhs_number, max(moment) as moment, min(recorded_on) as first_seen, max(recorded_on) as last_seen
    from placed
    group by all
),

said as (
    select
        * replace (
            name_key(forename) as forename,
            name_key(surname) as surname,
            name_key(former_surname) as former_surname,
            case when postcode not like 'ZZ99%' then postcode end as postcode
        ),
        case source when 'csds' then 'csds|' || split_part(source_person_id, '|', 1) else source end as system
    from statement
),

common as (
    select postcode from said
    group by postcode
    having count(distinct source || '|' || source_person_id) > {MOST_AT_ONE_POSTCODE}
),

described as (
    select
        source,
        source_person_id,
        any_value(system) as system,
        latest(birth_date, moment) as birth_date,
        latest(forename, moment) as forename,
        latest(surname, moment) as surname,
        together(all_of(surname), all_of(former_surname)) as surnames,
        latest(sex, moment) as sex,
        all_of(case when common.postcode is null then said.postcode end) as postcodes,
        latest(upn, moment) as upn,
        together(all_of(upn), all_of(former_upn)) as upns,
        latest(nhs_number, moment) as nhs_number,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen
    from said
    left join common on said.postcode = common.postcode
    group by source, source_person_id
),

schools as (
    select source, source_person_id, all_of(school) as schools from school group by source, source_person_id
)

select
    (row_number() over (order by {SPEAKS_FIRST}, described.source, described.source_person_id) - 1)::integer as child,
    described.*,
    schools.schools,
    strftime(birth_date, '%Y%m%d') as birth_digits,
    is_nhs_number(nhs_number) as has_valid_nhs_number,
    is_upn(upn) as has_valid_upn
from described
left join schools using (source, source_person_id)
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> int:
    """Table child from the relations `record` (as int_person__record) and `school`; returns how many there are.

    `child` counts from 0 in the order in which sources speak, so the lowest of a cluster is its canonical child.
    """
    connection.execute(_VOCABULARY)
    connection.execute(f"create macro is_upn(upn) as coalesce({has_format('upn', 'upn')}, false)")
    connection.execute(f"create macro is_nhs_number(nhs) as coalesce({has_format('nhs', 'nhs_number')}, false)")
    connection.execute(_CHILD)
    return connection.execute("select count(*) from child").fetchall()[0][0]
