-- How good the records are: identifiers, the two lists of plans, what is not recorded, and dates that cannot be. The records are the
-- case system's own: what another source knows of the child makes them no better.
with in_force as (
    select
        plans.*,
        person.upn,
        person.uln,
        case when person.has_ehc_nhs_number then person.nhs_number end as nhs_number,
        ethnicity.parent_code as ethnicity_main_code
    from {{ ref('equity__plan_in_force') }} as plans
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    left join (
        select code, min(parent_code) as parent_code from {{ ref('code_ethnicity') }}
        group by code
    ) as ethnicity on ethnicity.code = person.ethnicity_code
),

-- DQ01: numbers that check, and settings that are on the register. A temporary UPN ends in a letter and does not count.
identifier as (
    select
        period_id, person_key, plan_key, age_at_31_august,
        'upn' as variant,
        coalesce({{ is_valid_upn('upn') }} and substr(upn, 13, 1) between '0' and '9', false) as is_valid,
        coalesce(age_at_31_august between 5 and 15, false) as is_needed
    from in_force
    union all
    select
        period_id, person_key, plan_key, age_at_31_august, 'uln',
        coalesce({{ is_valid_uln('uln') }}, false),
        coalesce(age_at_31_august >= 16, false)
    from in_force
    union all
    select
        period_id, person_key, plan_key, age_at_31_august, 'nhs_number',
        coalesce({{ is_valid_nhs_number('nhs_number') }}, false),
        true
    from in_force
    union all
    select
        in_force.period_id, in_force.person_key, in_force.plan_key, in_force.age_at_31_august, 'urn',
        placements.establishment_key is not null,
        placements.sen_setting is null and placements.setting_group <> 'fe_ukrlp'
    from in_force
    inner join {{ ref('fct_placement') }} as placements on placements.placement_key = in_force.placement_key
),

dq01 as (
    select
        'DQ01' as metric_id,
        variant,
        period_id,
        person_key,
        plan_key as event_key,
        age_at_31_august as age_years,
        {{ counted('is_needed and is_valid') }} as numerator,
        {{ counted('is_needed') }} as denominator,
        {{ counted('not is_needed') }} as excluded,
        cast(null as double) as value
    from identifier
),

-- DQ02: plans in the county's state schools, and the spring census of the stock date's year.
in_census as (
    select distinct census_year, person_key
    from {{ ref('fct_pupil_term') }}
    where census_term = 'spring' and sen_provision = 'E'
),

at_state_school as (
    select
        *,
        sector = 'state'
        and setting_type in ('mainstream', 'special', 'alternative_provision')
        and has_physical_setting
        and not is_out_of_area as sends_our_census
    from in_force
),

dq02 as (
    select
        'DQ02' as metric_id,
        'base' as variant,
        plans.period_id,
        plans.person_key,
        plans.plan_key as event_key,
        plans.age_at_31_august as age_years,
        {{ counted('plans.sends_our_census and in_census.person_key is not null') }} as numerator,
        {{ counted('plans.sends_our_census') }} as denominator,
        {{ counted('not plans.sends_our_census') }} as excluded,
        cast(null as double) as value
    from at_state_school as plans
    left join in_census
        on in_census.person_key = plans.person_key and in_census.census_year = extract(year from plans.stock_date)
),

-- DQ03: no setting, no first need, no ethnicity. A refusal to say is an answer.
first_need as (
    select distinct in_force.period_id, in_force.plan_key
    from in_force
    inner join {{ ref('fct_need') }} as needs
        on needs.plan_key = in_force.plan_key
        and {{ first_need('in_force.stock_date') }}
),

dq03 as (
    {% for variant, condition in [
        ('placement', "in_force.setting_type = 'not_recorded'"),
        ('need', 'first_need.plan_key is null'),
        ('ethnicity', "coalesce(in_force.ethnicity_main_code, 'NOBT') = 'NOBT'"),
    ] -%}
    select
        'DQ03' as metric_id,
        '{{ variant }}' as variant,
        in_force.period_id,
        in_force.person_key,
        in_force.plan_key as event_key,
        in_force.age_at_31_august as age_years,
        {{ counted(condition) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from in_force
    left join first_need on first_need.period_id = in_force.period_id and first_need.plan_key = in_force.plan_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- DQ05: every record once, however many of its dates are wrong.
dated_record as (
    select
        requests.person_key,
        requests.request_key as record_key,
        'requests' as variant,
        requests.received_date as record_date,
        requests.outcome_date < requests.received_date or requests.received_date < person.birth_date as is_impossible
    from {{ ref('fct_request') }} as requests
    inner join {{ ref('dim_person') }} as person on person.person_key = requests.person_key
    union all
    select
        assessments.person_key,
        assessments.assessment_key,
        'assessments',
        assessments.outcome_date,
        assessments.outcome_date < assessments.request_received_date
        or assessments.outcome_date < requests.outcome_date
        or assessments.outcome_date < person.birth_date
    from {{ ref('fct_assessment') }} as assessments
    inner join {{ ref('dim_person') }} as person on person.person_key = assessments.person_key
    left join {{ ref('fct_request') }} as requests on requests.request_key = assessments.request_key
    union all
    select
        plans.person_key,
        plans.plan_key,
        'plans',
        plans.start_date,
        plans.cease_date < plans.start_date
        or plans.start_date < person.birth_date
        or plans.start_date < assessments.request_received_date
    from {{ ref('fct_plan') }} as plans
    inner join {{ ref('dim_person') }} as person on person.person_key = plans.person_key
    left join {{ ref('fct_assessment') }} as assessments on assessments.assessment_key = plans.assessment_key
    union all
    select
        reviews.person_key,
        reviews.review_key,
        'reviews',
        reviews.meeting_date,
        reviews.meeting_date < plans.start_date
        or reviews.decision_date < reviews.meeting_date
        or reviews.meeting_date < person.birth_date
    from {{ ref('fct_review') }} as reviews
    inner join {{ ref('fct_plan') }} as plans on plans.plan_key = reviews.plan_key
    inner join {{ ref('dim_person') }} as person on person.person_key = reviews.person_key
    union all
    select
        placements.person_key,
        placements.placement_key,
        'placements',
        placements.entry_date,
        placements.leaving_date < placements.entry_date or placements.entry_date < person.birth_date
    from {{ ref('fct_placement') }} as placements
    inner join {{ ref('dim_person') }} as person on person.person_key = placements.person_key
    where placements.kind = 'attended'
),

dq05 as (
    {% for variant in ['all', 'requests', 'assessments', 'plans', 'reviews', 'placements'] -%}
    select
        'DQ05' as metric_id,
        '{{ variant }}' as variant,
        period.period_id,
        records.person_key,
        records.variant || ' ' || records.record_key as event_key,
        {{ age_at('person.birth_date', 'records.record_date') }} as age_years,
        {{ counted('records.is_impossible') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from {{ ref('dim_period') }} as period
    inner join dated_record as records on records.record_date between period.start_date and period.end_date
    inner join {{ ref('dim_person') }} as person on person.person_key = records.person_key
    where period.period_type = 'calendar_year'{% if variant != 'all' %} and records.variant = '{{ variant }}'{% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

{% for metric in ['dq01', 'dq02', 'dq03', 'dq05'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
