-- Timeliness: from the request to the decision and to the plan. Days, never weeks: 6 and 20 weeks are 42 and 140 days.
with period as (
    select period_id, start_date, end_date
    from {{ ref('dim_period') }}
    where period_type = 'calendar_year'
),

request as (
    select
        request_key,
        person_key,
        received_date,
        outcome,
        outcome_date,
        days_to_decision,
        age_at_received,
        mediation_held or appeal_made as was_disputed
    from {{ ref('fct_request') }}
),

transferred_in as (
    select assessment_key
    from {{ ref('fct_plan') }}
    where (transferred_from_la_code is not null or transferred_in_date is not null) and assessment_key is not null
),

-- Decisions to issue a plan, issued in the year. A plan that came from another council is not new.
issued as (
    select
        period.period_id,
        assessments.assessment_key,
        assessments.person_key,
        request.age_at_received,
        assessments.days_from_request,
        coalesce(assessments.exception_applies, false) as is_exception
    from period
    inner join {{ ref('fct_assessment') }} as assessments
        on assessments.outcome = 'Y'
        and assessments.outcome_date between period.start_date and period.end_date
    inner join request on request.request_key = assessments.request_key
    left join transferred_in on transferred_in.assessment_key = assessments.assessment_key
    where
        transferred_in.assessment_key is null
        {% if var('timeliness_drops_mediation') -%}
        and not (
            request.was_disputed
            or assessments.mediation_held or assessments.appeal_made
            or assessments.other_mediation_held or assessments.other_appeal_made
        )
        {%- endif %}
),

-- TM01: decisions to assess or not, dated in the year.
tm01 as (
    select
        'TM01' as metric_id,
        'base' as variant,
        period.period_id,
        request.person_key,
        request.request_key as event_key,
        request.age_at_received as age_years,
        {{ counted('request.days_to_decision <= 42') }} as numerator,
        {{ counted('request.days_to_decision is not null') }} as denominator,
        {{ counted('request.days_to_decision is null') }} as excluded,
        cast(null as double) as value
    from period
    inner join request
        on request.outcome in ('Y', 'N') and request.outcome_date between period.start_date and period.end_date
),

-- TM02: refusals among requests received in the year.
tm02 as (
    select
        'TM02' as metric_id,
        'base' as variant,
        period.period_id,
        request.person_key,
        request.request_key as event_key,
        request.age_at_received as age_years,
        {{ counted("request.outcome = 'N'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from period
    inner join request on request.received_date between period.start_date and period.end_date
),

-- TM04: in 20 weeks, exceptions left out. No date received: in the base, not in time.
tm04 as (
    select
        'TM04' as metric_id,
        'base' as variant,
        issued.period_id,
        issued.person_key,
        issued.assessment_key as event_key,
        issued.age_at_received as age_years,
        {{ counted('not issued.is_exception and issued.days_from_request <= 140') }} as numerator,
        {{ counted('not issued.is_exception') }} as denominator,
        {{ counted('issued.is_exception') }} as excluded,
        cast(null as double) as value
    from issued
),

-- TM05: in 20 weeks, all of them.
tm05 as (
    select
        'TM05' as metric_id,
        'base' as variant,
        issued.period_id,
        issued.person_key,
        issued.assessment_key as event_key,
        issued.age_at_received as age_years,
        {{ counted('issued.days_from_request <= 140') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from issued
),

-- TM06: weeks waited; the numerator is the wait of more than 364 days.
tm06 as (
    {% for variant in ['base', 'without_exceptions'] %}
    select
        'TM06' as metric_id,
        '{{ variant }}' as variant,
        issued.period_id,
        issued.person_key,
        issued.assessment_key as event_key,
        issued.age_at_received as age_years,
        {{ counted('issued.days_from_request > 364') }} as numerator,
        {{ counted('issued.days_from_request >= 0') }} as denominator,
        1.0 - {{ counted('issued.days_from_request >= 0') }} as excluded,
        case when issued.days_from_request >= 0 then issued.days_from_request / 7.0 end as value
    from issued
    {% if variant == 'without_exceptions' %}where not issued.is_exception{% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- TM08: exceptions among plans issued.
tm08 as (
    select
        'TM08' as metric_id,
        'base' as variant,
        issued.period_id,
        issued.person_key,
        issued.assessment_key as event_key,
        issued.age_at_received as age_years,
        {{ counted('issued.is_exception') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from issued
)

{% for metric in ['tm01', 'tm02', 'tm04', 'tm05', 'tm06', 'tm08'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
