-- Everyone with a record in a collection year's return.
with in_return as (
    select collection_year, person_record_id, person_key, min(scope_case) as scope_case
    from {{ ref('sen2__case') }}
    where scope_case is not null
    group by collection_year, person_record_id, person_key
)

select
    in_return.collection_year,
    in_return.person_record_id,
    in_return.person_key,
    person.ehc_person_id,
    person.case_officer,
    in_return.scope_case,
    scope_case.scope_case_name,
    person.source_file,
    person.source_row,
    person.surname as "Surname",
    person.forename as "Forename",
    person.birth_date as "PersonBirthDate",
    {{ sen2_in_year('person', 'GenderCurrent', 'in_return.collection_year',
        "case person.sex when 'M' then '1' when 'F' then '2' else '0' end") }} as "GenderCurrent",
    {{ sen2_in_year('person', 'Sex', 'in_return.collection_year', 'person.sex') }} as "Sex",
    person.ethnicity_code as "Ethnicity",
    person.postcode as "PostCode",
    person.upn as "UPN",
    person.uln as "UniqueLearnerNumber",
    case when person.upn is null and person.uln is null then person.upn_unknown_reason end as "UPNunknown"
from in_return
inner join {{ ref('dim_person') }} as person on in_return.person_key = person.person_key
left join {{ ref('scope_case') }} as scope_case on in_return.scope_case = scope_case.scope_case
{{ and_returned('person') }}
