-- Timeliness: from the request to the decision, the advice and the plan. Days, never weeks: 6, 16 and 20 weeks are 42, 112 and
-- 140 days.
with any_period as (
    select period_id, period_type, start_date, end_date, stock_date
    from {{ ref('dim_period') }}
    where period_type in ('calendar_year', 'month', 'quarter', 'rolling_12_months')
),

within_year as (
    select period_id, start_date, end_date
    from any_period
    where period_type in ('calendar_year', 'month', 'quarter')
),

period as (
    select period_id, start_date, end_date
    from any_period
    where period_type = 'calendar_year'
),

request as (
    select
        request_key,
        person_key,
        received_date,
        request_source,
        outcome,
        outcome_date,
        days_to_decision,
        age_at_received,
        exported_date,
        mediation_held or appeal_made as was_disputed
    from {{ ref('fct_request') }}
),

transferred_in as (
    select assessment_key
    from {{ ref('fct_plan') }}
    where (transferred_from_la_code is not null or transferred_in_date is not null) and assessment_key is not null
),

-- Decisions to issue a plan, issued in the period. A plan that came from another council is not new.
issued as (
    select
        period.period_id,
        period.period_type,
        assessments.assessment_key,
        assessments.person_key,
        request.age_at_received,
        assessments.days_from_request,
        coalesce(assessments.exception_applies, false) as is_exception
    from any_period as period
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

-- TM01: decisions to assess or not, dated in the period.
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
    from within_year as period
    inner join request
        on request.outcome in ('Y', 'N') and request.outcome_date between period.start_date and period.end_date
),

-- TM02: refusals among requests received in the year; of everybody's, and by who asked.
tm02 as (
    {% for variant, asked in [
        ('base', 'true'),
        ('parent', "coalesce(request.request_source = '1', false)"),
        ('school', "coalesce(request.request_source = '2', false)"),
        ('other_source', "coalesce(request.request_source, '') not in ('1', '2')"),
    ] %}
    select
        'TM02' as metric_id,
        '{{ variant }}' as variant,
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
    where {{ asked }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- TM03: assessments that end in the year, and end without a plan; and of those, told by day 112. As DfE counts them,
-- withdrawn assessments are in the first base. A plan that came from another council was not assessed here.
completed as (
    select
        period.period_id,
        assessments.person_key,
        assessments.assessment_key,
        assessments.outcome,
        assessments.days_from_request,
        request.age_at_received
    from period
    inner join {{ ref('fct_assessment') }} as assessments
        on assessments.outcome is not null
        and assessments.outcome_date between period.start_date and period.end_date
    inner join request on request.request_key = assessments.request_key
    left join transferred_in on transferred_in.assessment_key = assessments.assessment_key
    where transferred_in.assessment_key is null
),

tm03 as (
    select
        'TM03' as metric_id,
        'refused_in_time' as variant,
        completed.period_id,
        completed.person_key,
        completed.assessment_key as event_key,
        completed.age_at_received as age_years,
        {{ counted('completed.days_from_request <= 112') }} as numerator,
        {{ counted('completed.days_from_request is not null') }} as denominator,
        {{ counted('completed.days_from_request is null') }} as excluded,
        cast(null as double) as value
    from completed
    where completed.outcome = 'N'
    union all
    select
        'TM03' as metric_id,
        'base' as variant,
        completed.period_id,
        completed.person_key,
        completed.assessment_key as event_key,
        completed.age_at_received as age_years,
        {{ counted("completed.outcome = 'N'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from completed
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
    where issued.period_type <> 'rolling_12_months'{% if variant == 'without_exceptions' %} and not issued.is_exception{% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

plan_begun as (
    select assessment_key, min(start_date) as start_date
    from {{ ref('fct_plan') }}
    where assessment_key is not null
    group by assessment_key
),

-- Advice by the first time that it was asked for; a chaser is no second request. Advice with no day of request is taken from an
-- earlier assessment and stands outside.
advice as (
    select
        request_key,
        person_key,
        advice_type,
        min(advice_key) as advice_key,
        min(requested_date) as requested_date,
        min(received_date) as received_date
    from {{ ref('fct_advice') }}
    group by request_key, person_key, advice_type
),

-- TM07: cases still open on the stock date, and how long they have waited. Open is from the request until the refusal to
-- assess, the end of the assessment, the withdrawal or the move to another council; who has an outcome without a date is open
-- only if a plan is to come, and until it begins.
open_case as (
    select distinct
        period.period_id,
        request.person_key,
        request.request_key,
        request.age_at_received,
        coalesce(request.outcome = 'Y' and request.outcome_date <= period.stock_date, false) as is_assessed,
        {{ days_between('request.received_date', 'period.stock_date') }} as days_open
    from any_period as period
    inner join request
        on request.received_date <= period.stock_date
        and coalesce(request.exported_date > period.stock_date, true)
    left join {{ ref('fct_assessment') }} as assessments on assessments.request_key = request.request_key
    left join plan_begun on plan_begun.assessment_key = assessments.assessment_key
    where
        period.period_type in ('calendar_year', 'month')
        and case
            when request.outcome in ('N', 'W', 'H') then coalesce(request.outcome_date > period.stock_date, false)
            when assessments.outcome in ('N', 'W') then coalesce(assessments.outcome_date > period.stock_date, false)
            else coalesce(coalesce(assessments.outcome_date, plan_begun.start_date) > period.stock_date, true)
        end
),

-- Where the cases past 20 weeks stand on the stock date: not decided, waiting for the psychologist, else for others' advice, or
-- with no advice outstanding, so that it is for the council to decide, draft or issue.
late_case as (
    select
        open_case.period_id,
        open_case.person_key,
        open_case.request_key,
        open_case.age_at_received,
        case
            when not open_case.is_assessed then 'late_undecided'
            when bool_or(awaited.advice_type = 'EP') then 'late_psychologist'
            when count(awaited.advice_key) > 0 then 'late_other_advice'
            else 'late_no_advice_outstanding'
        end as stage
    from open_case
    inner join any_period as period on period.period_id = open_case.period_id
    left join advice as awaited
        on awaited.request_key = open_case.request_key
        and awaited.requested_date <= period.stock_date
        and coalesce(awaited.received_date > period.stock_date, true)
    where open_case.days_open > 140
    group by open_case.period_id, open_case.person_key, open_case.request_key, open_case.age_at_received, open_case.is_assessed
),

tm07 as (
    {% for variant, inside in [('base', 'open_case.is_assessed'), ('all_open', 'true')] %}
    select
        'TM07' as metric_id,
        '{{ variant }}' as variant,
        open_case.period_id,
        open_case.person_key,
        open_case.request_key as event_key,
        open_case.age_at_received as age_years,
        {{ counted('open_case.days_open > 140 and ' ~ inside) }} as numerator,
        {{ counted(inside) }} as denominator,
        {{ counted('not ' ~ inside) }} as excluded,
        case when {{ inside }} then open_case.days_open / 7.0 end as value
    from open_case
    union all
    {% endfor %}
    {% for stage in ['late_undecided', 'late_psychologist', 'late_other_advice', 'late_no_advice_outstanding'] -%}
    select
        'TM07' as metric_id,
        '{{ stage }}' as variant,
        late_case.period_id,
        late_case.person_key,
        late_case.request_key as event_key,
        late_case.age_at_received as age_years,
        {{ counted("late_case.stage = '" ~ stage ~ "'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from late_case
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
    where issued.period_type <> 'rolling_12_months'
),

-- TM09, TM10, TM11: advice due in the period.
due_advice as (
    select
        period.period_id,
        advice.person_key,
        advice.advice_key,
        advice.advice_type,
        request.age_at_received,
        advice.requested_date is not null as was_asked,
        {{ days_between('advice.requested_date', 'advice.received_date') }} as days_to_receive
    from within_year as period
    inner join advice
        on coalesce({{ days_after('advice.requested_date', 42) }}, advice.received_date)
            between period.start_date and least(period.end_date, {{ date_var('as_at') }})
    inner join request on request.request_key = advice.request_key
),

tm09 as (
    select
        'TM09' as metric_id,
        'base' as variant,
        due_advice.period_id,
        due_advice.person_key,
        due_advice.advice_key as event_key,
        due_advice.age_at_received as age_years,
        {{ counted('due_advice.was_asked and due_advice.days_to_receive <= 42') }} as numerator,
        {{ counted('due_advice.was_asked') }} as denominator,
        {{ counted('not due_advice.was_asked') }} as excluded,
        cast(null as double) as value
    from due_advice
    where due_advice.advice_type = 'EP'
),

tm10 as (
    {% for variant, services in [
        ('base', "('PAED', 'SLT', 'OT', 'PHYSIO', 'CAMHS')"), ('paediatrics', "('PAED')"), ('speech_therapy', "('SLT')"),
        ('occupational_therapy', "('OT')"), ('physiotherapy', "('PHYSIO')"), ('mental_health', "('CAMHS')"),
    ] %}
    select
        'TM10' as metric_id,
        '{{ variant }}' as variant,
        due_advice.period_id,
        due_advice.person_key,
        due_advice.advice_key as event_key,
        due_advice.age_at_received as age_years,
        {{ counted('due_advice.was_asked and due_advice.days_to_receive <= 42') }} as numerator,
        {{ counted('due_advice.was_asked') }} as denominator,
        {{ counted('not due_advice.was_asked') }} as excluded,
        cast(null as double) as value
    from due_advice
    where due_advice.advice_type in {{ services }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

tm11 as (
    select
        'TM11' as metric_id,
        'base' as variant,
        due_advice.period_id,
        due_advice.person_key,
        due_advice.advice_key as event_key,
        due_advice.age_at_received as age_years,
        {{ counted('due_advice.was_asked and due_advice.days_to_receive <= 42') }} as numerator,
        {{ counted('due_advice.was_asked') }} as denominator,
        {{ counted('not due_advice.was_asked') }} as excluded,
        cast(null as double) as value
    from due_advice
    where due_advice.advice_type = 'SC'
)

{% for metric in ['tm01', 'tm02', 'tm03', 'tm04', 'tm05', 'tm06', 'tm07', 'tm08', 'tm09', 'tm10', 'tm11'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
