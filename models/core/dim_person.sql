-- One row per child. What a return sends to DfE (name, birth date, sex, ethnicity code, postcode, UPN, ULN) is the case system's
-- own for every child it holds: a gap there stays a gap, so that a rule names it and somebody mends it. For other children, and
-- for everything else (home area, ethnic group, NHS number, language), the first source that knows speaks: case system, school
-- census, looked-after return, children in need census, the care system's list, community health; inside a source the latest record.
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
                    when 'ehc' then 1 when 'school_census' then 2 when 'ssda903' then 3 when 'cin' then 4
                    when 'care_system' then 5 else 6
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
        bool_or(source = 'ehc') as has_ehc_record,
        bool_or(source = 'ehc' and nhs_number is not null) as has_ehc_nhs_number,
        cast(count(distinct source) as integer) as source_count,
        min(case when canonical_source = 'ehc' then canonical_person_id end) as ehc_person_id,
        {% for column in [
            'surname', 'forename', 'birth_date', 'sex', 'ethnicity_code', 'postcode', 'upn', 'former_upn', 'uln', 'upn_unknown_reason',
        ] -%}
        case
            when bool_or(source = 'ehc') then {{ first_known("case when source = 'ehc' then " ~ column ~ " end", 'preference') }}
            else {{ first_known(column, 'preference') }}
        end as {{ column }},
        {% endfor -%}
        {% for column in ['death_date', 'nhs_number', 'first_language', 'case_officer', 'source_file', 'source_row'] -%}
        {{ first_known(column, 'preference') }} as {{ column }},
        {% endfor -%}
        -- "information not obtained" gives way to a source that obtained it; a refusal is an answer
        {{ first_known("case when source <> 'ehc' then nullif(ethnicity_code, 'NOBT') end", 'preference') }} as ethnicity_elsewhere,
        {{ first_known("case when source <> 'ehc' then postcode end", 'preference') }} as postcode_elsewhere
    from record
    group by person_key
),

ethnicity as (
    select code, min(parent_code) as parent_code, min(ethnicity_group) as ethnicity_group
    from {{ ref('code_ethnicity') }}
    group by code
),

home as (
    select
        person.person_key,
        case when own.postcode is not null then own.lsoa21_code else elsewhere.lsoa21_code end as lsoa21_code,
        case when own.postcode is not null then own.ward_code else elsewhere.ward_code end as ward_code,
        case when own.postcode is not null then own.district_code else elsewhere.district_code end as district_code,
        case when own.postcode is not null then own.easting else elsewhere.easting end as easting,
        case when own.postcode is not null then own.northing else elsewhere.northing end as northing
    from person
    left join {{ ref('int_place__postcode') }} as own on person.postcode = own.postcode
    left join {{ ref('int_place__postcode') }} as elsewhere on person.postcode_elsewhere = elsewhere.postcode
)

select
    person.person_key,
    person.ehc_person_id,
    person.surname,
    person.forename,
    person.birth_date,
    person.death_date,
    person.sex,
    person.ethnicity_code,
    coalesce(nullif(own.parent_code, 'NOBT'), elsewhere.parent_code, own.parent_code) as ethnicity_main_code,
    coalesce(
        case when own.parent_code <> 'NOBT' then own.ethnicity_group end, elsewhere.ethnicity_group, own.ethnicity_group, 'Unknown'
    ) as ethnicity_group,
    person.postcode,
    home.lsoa21_code,
    home.ward_code,
    home.district_code,
    home.easting,
    home.northing,
    case when home.district_code is not null then coalesce(district.in_county, false) end as in_county,
    person.upn,
    person.former_upn,
    person.uln,
    person.upn_unknown_reason,
    person.nhs_number,
    person.first_language,
    person.case_officer,
    person.has_ehc_record,
    person.has_ehc_nhs_number,
    person.source_count,
    person.source_file,
    person.source_row
from person
inner join home on person.person_key = home.person_key
left join ethnicity as own on person.ethnicity_code = own.code
left join ethnicity as elsewhere on person.ethnicity_elsewhere = elsewhere.code
left join {{ ref('int_place__district') }} as district on home.district_code = district.district_code
