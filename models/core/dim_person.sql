-- One row per child. Each attribute comes from the first source that knows it: case system, school census, looked-after
-- return, children in need census, community health; inside a source the latest record speaks first.
with record as (
    select
        cluster.person_key,
        cluster.canonical_source,
        cluster.canonical_person_id,
        records.*,
        row_number() over (
            partition by cluster.person_key
            order by
                case records.source
                    when 'ehc' then 1 when 'school_census' then 2 when 'ssda903' then 3 when 'cin' then 4 else 5
                end,
                -- of two case-system numbers the canonical one speaks first
                case when records.source_person_id = cluster.canonical_person_id then 0 else 1 end,
                records.recorded_on desc,
                records.source_file desc,
                records.source_row desc
        ) as preference
    from {{ ref('int_person__record') }} as records
    inner join {{ ref('int_person__cluster') }} as cluster
        on records.source = cluster.source
        and records.source_person_id = cluster.source_person_id
),

person as (
    select
        person_key,
        min(case when canonical_source = 'ehc' then canonical_person_id end) as ehc_person_id,
        {% for column in [
            'surname', 'forename', 'birth_date', 'death_date', 'sex', 'ethnicity_code', 'postcode', 'upn', 'former_upn', 'uln',
            'upn_unknown_reason', 'nhs_number', 'first_language', 'case_officer', 'source_file', 'source_row',
        ] -%}
        {{ first_known(column, 'preference') }} as {{ column }},
        {% endfor -%}
        -- "information not obtained" gives way to a source that obtained it; a refusal is an answer
        {{ first_known("nullif(ethnicity_code, 'NOBT')", 'preference') }} as ethnicity_obtained,
        bool_or(source = 'ehc') as has_ehc_record,
        cast(count(distinct source) as integer) as source_count
    from record
    group by person_key
),

ethnicity as (
    select code, min(parent_code) as parent_code, min(ethnicity_group) as ethnicity_group
    from {{ ref('code_ethnicity') }}
    group by code
)

select
    person.person_key,
    person.ehc_person_id,
    person.surname,
    person.forename,
    person.birth_date,
    person.death_date,
    person.sex,
    coalesce(person.ethnicity_obtained, person.ethnicity_code) as ethnicity_code,
    ethnicity.parent_code as ethnicity_main_code,
    coalesce(ethnicity.ethnicity_group, 'Unknown') as ethnicity_group,
    person.postcode,
    postcode.lsoa21_code,
    postcode.ward_code,
    postcode.district_code,
    case when postcode.district_code is not null then coalesce(district.in_county, false) end as in_county,
    person.upn,
    person.former_upn,
    person.uln,
    person.upn_unknown_reason,
    person.nhs_number,
    person.first_language,
    person.case_officer,
    person.has_ehc_record,
    person.source_count,
    person.source_file,
    person.source_row
from person
left join ethnicity on coalesce(person.ethnicity_obtained, person.ethnicity_code) = ethnicity.code
left join {{ ref('int_place__postcode') }} as postcode on person.postcode = postcode.postcode
left join {{ ref('int_place__district') }} as district on postcode.district_code = district.district_code
