-- What a child's records in one source are known by. Two children of two sources (or of one) who share a value are the same
-- child. A name alone, or a number alone, is never enough: a number goes with the birth date or the whole name, a name with
-- birth date and home postcode. Only numbers that pass their own check count, and no default postcode does.
-- Twins share birth date, surname and postcode, never the forename. Current and former UPN share one space, so a chain of
-- former numbers joins up. A number with the whole name joins records whose birth date was mistyped, such as day for month.
-- The care system, its census and its return number a child alike.
{%- set care_sources = "('care_system', 'cin', 'ssda903')" %}
with record as (
    select distinct
        source,
        source_person_id,
        birth_date,
        merged_into_id,
        {{ to_name_key('forename') }} as forename_key,
        {{ to_name_key('surname') }} || '|' || {{ to_name_key('forename') }} as name_key,
        case when {{ is_valid_upn('upn') }} then upn end as upn,
        case when {{ is_valid_upn('former_upn') }} then former_upn end as former_upn,
        case when {{ is_valid_uln('uln') }} then uln end as uln,
        case when {{ is_valid_nhs_number('nhs_number') }} then nhs_number end as nhs_number,
        case
            when postcode not in ('{{ var("default_postcodes") | join("', '") }}') then postcode
        end as postcode
    from (
        select distinct
            source, source_person_id, birth_date, merged_into_id, surname, forename, upn, former_upn, uln, nhs_number, postcode
        from {{ ref('int_person__record') }}
    ) as distinct_record
),

evidence as (
    select
        source,
        source_person_id,
        forename_key,
        'source_number' as kind,
        1 as strength,
        'council|' || source_person_id || '|' || birth_date as value
    from record
    where source in {{ care_sources }}
    union all
    -- the care system itself says that two of its numbers are one child; each number also speaks for itself, so chains join up
    select source, source_person_id, forename_key, 'merged_number', 1, 'merged|' || source_person_id
    from record
    where source = 'care_system'
    union all
    select source, source_person_id, forename_key, 'merged_number', 1, 'merged|' || merged_into_id
    from record
    where source = 'care_system'
    union all
    select source, source_person_id, forename_key, 'upn_birth_date', 2, 'upn|' || upn || '|' || birth_date
    from record
    union all
    select source, source_person_id, forename_key, 'former_upn_birth_date', 3, 'upn|' || former_upn || '|' || birth_date
    from record
    union all
    select source, source_person_id, forename_key, 'uln_birth_date', 4, 'uln|' || uln || '|' || birth_date
    from record
    union all
    select source, source_person_id, forename_key, 'nhs_number_birth_date', 5, 'nhs|' || nhs_number || '|' || birth_date
    from record
    union all
    select source, source_person_id, forename_key, 'upn_name', 6, 'upn|' || upn || '|' || name_key
    from record
    union all
    select source, source_person_id, forename_key, 'nhs_number_name', 7, 'nhs|' || nhs_number || '|' || name_key
    from record
    union all
    select
        source,
        source_person_id,
        forename_key,
        'name_birth_date_postcode',
        8,
        'name|' || name_key || '|' || birth_date || '|' || postcode
    from record
    union all
    -- the same, when day and month may have been swapped: the two numbers count, in whatever order
    select
        source,
        source_person_id,
        forename_key,
        'name_swapped_birth_date_postcode',
        9,
        'name|' || name_key || '|' || extract(year from birth_date) || '|'
        || least(extract(day from birth_date), extract(month from birth_date)) || '|'
        || greatest(extract(day from birth_date), extract(month from birth_date)) || '|' || postcode
    from record
    where extract(day from birth_date) <= 12 and extract(day from birth_date) <> extract(month from birth_date)
    {%- for rest in [['year', 'month'], ['year', 'day'], ['month', 'day']] %}
    union all
    -- a care number whose birth date was mistyped in one of the three: two of year, month and day agree
    select
        source,
        source_person_id,
        forename_key,
        'source_number_date_slip',
        10,
        'council|' || source_person_id || '|{{ rest | join(" ") }}|' || extract({{ rest[0] }} from birth_date) || '|'
        || extract({{ rest[1] }} from birth_date)
    from record
    where source in {{ care_sources }}
    {%- endfor %}
),

-- A number that one source gives to two children of different forenames, such as twins, says nothing about who is who.
ambiguous as (
    select distinct value
    from evidence
    where value is not null and kind <> 'merged_number'
    group by value, source
    having count(distinct source_person_id) > 1 and min(forename_key) <> max(forename_key)
),

shared as (
    select
        value,
        count(distinct case when kind = 'upn_birth_date' then source || '|' || source_person_id end) as with_current_upn
    from evidence
    where value is not null
    group by value
    having min(source || '|' || source_person_id) <> max(source || '|' || source_person_id)
)

-- A UPN that is current in one record and former in all others joins them as a former UPN, seen from either side.
select distinct
    evidence.source,
    evidence.source_person_id,
    case when evidence.kind = 'upn_birth_date' and shared.with_current_upn = 1 then 'former_upn_birth_date' else evidence.kind end as kind,
    case when evidence.kind = 'upn_birth_date' and shared.with_current_upn = 1 then 3 else evidence.strength end as strength,
    evidence.value
from evidence
inner join shared on evidence.value = shared.value
left join ambiguous on evidence.value = ambiguous.value
where ambiguous.value is null
