-- Hours a year are hours each time by times a year; where either was not written down, they are not known and no nought.
with section_code as (
    select code, parent_code from {{ ref('code_plan_section') }}
)

select
    {{ key('provision', ['provision.provision_id']) }} as provision_key,
    plan.plan_key,
    plan.person_key,
    provision.version,
    provision.section,
    section_code.parent_code as service,
    provision.provision_type,
    provision.provider,
    provision.from_date,
    provision.to_date,
    provision.hours_specified,
    provision.times_a_year_specified,
    provision.hours_delivered,
    provision.times_a_year_delivered,
    provision.hours_specified * provision.times_a_year_specified as hours_a_year_specified,
    provision.hours_delivered * provision.times_a_year_delivered as hours_a_year_delivered,
    provision._source_file as source_file,
    provision._source_row as source_row
from {{ ref('stg_ehc__provision') }} as provision
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['provision.plan_id']) }} = plan.plan_key
left join section_code on provision.section = section_code.code
