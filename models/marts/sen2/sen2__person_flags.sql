-- One flag per rule of the person. A flag is true or false, never null.
with person as (
    select
        person.*,
        collection.census_day,
        collection.year_end,
        {{ age_at('person."PersonBirthDate"', 'collection.census_day') }} as age_at_census,
        {{ age_at('person."PersonBirthDate"', date_of('person.collection_year - 1', 8, 31)) }} as age_at_31_august,
        ethnicity.level as ethnicity_level,
        ethnicity.parent_code as ethnicity_main_code,
        coalesce({{ matches('person."UPN"', '[A-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]') }}, false) as has_upn_format
    from {{ ref('sen2__person') }} as person
    inner join {{ ref('dim_collection') }} as collection on person.collection_year = collection.collection_year
    left join {{ ref('code_ethnicity') }} as ethnicity on person."Ethnicity" = ethnicity.code
),

-- What the person's requests and plans say, gathered to one row.
record as (
    select
        person.collection_year,
        person.person_record_id,
        count(requests.request_record_id) as request_count,
        max({{ age_at('person."PersonBirthDate"', 'requests."ReceivedDate"') }}) as oldest_at_request,
        sum(case when {{ sen2_in_force('named_plan."StartDate"', 'named_plan."CeaseDate"', 'person.census_day') }} then 1 else 0 end)
            as plans_in_force,
        max(
            case
                when requests."ReceivedDate" > {{ days_after(
                    'person.year_end',
                    '-cast(' ~ sen2_threshold('P25', 'days', 'person.collection_year') ~ ' as integer)'
                ) }}
                    and requests."ReceivedDate" <= person.census_day then 1
                when active_plans."TransferLA" is not null then 1
                else 0
            end
        ) as is_new_contact,
        max(case when requests."RequestOutcome" in ('Y', 'H', 'A') then 1 else 0 end) as went_further
    from person
    left join {{ ref('sen2__requests') }} as requests
        on person.collection_year = requests.collection_year and person.person_record_id = requests.person_record_id
    left join {{ ref('sen2__named_plan') }} as named_plan
        on requests.collection_year = named_plan.collection_year
        and requests.person_record_id = named_plan.person_record_id
        and requests.request_record_id = named_plan.request_record_id
    left join {{ ref('sen2__active_plans') }} as active_plans
        on requests.collection_year = active_plans.collection_year
        and requests.person_record_id = active_plans.person_record_id
        and requests.request_record_id = active_plans.request_record_id
    group by person.collection_year, person.person_record_id
),

-- For each main ethnicity code: how many people have it, and how many have one of the codes under it.
ethnicity_use as (
    select
        collection_year,
        ethnicity_main_code,
        sum(case when ethnicity_level = 'main' then 1 else 0 end) as main_count,
        sum(case when ethnicity_level = 'extended' then 1 else 0 end) as extended_count
    from person
    where ethnicity_main_code is not null
    group by collection_year, ethnicity_main_code
),

upn_use as (
    select collection_year, "UPN", count(*) as person_count
    from person
    group by collection_year, "UPN"
),

uln_use as (
    select collection_year, "UniqueLearnerNumber", count(*) as person_count
    from person
    group by collection_year, "UniqueLearnerNumber"
),

name_use as (
    select collection_year, upper("Surname") as surname, upper("Forename") as forename, "PersonBirthDate", count(*) as person_count
    from person
    group by collection_year, upper("Surname"), upper("Forename"), "PersonBirthDate"
)

select
    person.collection_year,
    person.person_record_id,
    cast(null as {{ dbt.type_string() }}) as request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    person.source_file,
    person.source_row,
    person.scope_case,
    person."Surname" is null as p01,
    person."Forename" is null as p02,
    person."PersonBirthDate" is null as p03,
    coalesce(person."PersonBirthDate" > person.census_day, false) as p04,
    coalesce(
        record.plans_in_force > 0 and person.age_at_31_august >= {{ sen2_threshold('P05', 'age', 'person.collection_year') }},
        false
    ) as p05,
    coalesce(record.oldest_at_request >= {{ sen2_threshold('P06', 'age', 'person.collection_year') }}, false) as p06,
    -- 2023 asked for the gender, later years for the sex.
    not coalesce(
        {{ sen2_in_year('person', 'Sex', 'person.collection_year', sen2_is_code('person."Sex"', 'sex', 'person.collection_year')) }},
        {{ sen2_is_code('person."GenderCurrent"', 'gender_current', 'person.collection_year') }}
    ) as p07,
    not {{ sen2_is_code('person."Ethnicity"', 'ethnicity', 'person.collection_year') }} as p08,
    coalesce(person.ethnicity_level = 'main_wales', false) as p09,
    -- The fewer of the two are asked; of as many, those with the code under it.
    coalesce(
        case
            when person.ethnicity_level = 'main' then ethnicity_use.main_count < ethnicity_use.extended_count
            when person.ethnicity_level = 'extended' then ethnicity_use.extended_count <= ethnicity_use.main_count
        end,
        false
    ) as p10,
    person."PostCode" is null as p11,
    coalesce(
        not {{ matches('upper(person."PostCode")', '([A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|GIR ?0AA)') }}, false
    ) as p12,
    person."UPN" is null and person."UniqueLearnerNumber" is null and person."UPNunknown" is null as p13,
    person."UPNunknown" is not null and (person."UPN" is not null or person."UniqueLearnerNumber" is not null) as p14,
    person."UPN" is not null and not person.has_upn_format as p15,
    person.has_upn_format and not {{ is_valid_upn('person."UPN"') }} as p16,
    person.has_upn_format
        and not {{ sen2_is_code('substr(person."UPN", 2, 3)', 'upn_local_authority', 'person.collection_year') }} as p17,
    coalesce(upn_use.person_count > 1, false) as p18,
    person.has_upn_format and {{ matches('substr(person."UPN", 13, 1)', '[A-Z]') }} as p19,
    coalesce(not {{ is_valid_uln('person."UniqueLearnerNumber"') }}, false) as p20,
    coalesce(uln_use.person_count > 1, false) as p21,
    coalesce(
        person."UniqueLearnerNumber" is not null
        and person.age_at_census < {{ sen2_threshold('P22', 'age', 'person.collection_year') }},
        false
    ) as p22,
    {{ sen2_not_a_code('person."UPNunknown"', 'upn_unknown', 'person.collection_year') }} as p23,
    coalesce(
        person."UPNunknown" = 'UN1' and person.age_at_census >= {{ sen2_threshold('P24', 'age', 'person.collection_year') }},
        false
    ) as p24,
    coalesce(person."UPNunknown" = 'UN8' and record.is_new_contact = 0, false) as p25,
    coalesce(
        person."UPNunknown" = 'UN9' and person.age_at_census < {{ sen2_threshold('P26', 'age', 'person.collection_year') }},
        false
    ) as p26,
    coalesce(person."UPNunknown" = 'UN10' and record.went_further = 1, false) as p27,
    record.request_count = 0 as p28,
    coalesce(name_use.person_count > 1, false) as p29,
    record.plans_in_force > 1 as x01
from person
inner join record
    on person.collection_year = record.collection_year and person.person_record_id = record.person_record_id
left join ethnicity_use
    on person.collection_year = ethnicity_use.collection_year
    and person.ethnicity_main_code = ethnicity_use.ethnicity_main_code
left join upn_use on person.collection_year = upn_use.collection_year and person."UPN" = upn_use."UPN"
left join uln_use
    on person.collection_year = uln_use.collection_year
    and person."UniqueLearnerNumber" = uln_use."UniqueLearnerNumber"
left join name_use
    on person.collection_year = name_use.collection_year
    and upper(person."Surname") = name_use.surname
    and upper(person."Forename") = name_use.forename
    and person."PersonBirthDate" = name_use."PersonBirthDate"
