-- Experience: appeals, mediation and complaints; how good plans are; who is heard, and who comes, at reviews; the family's own budget.
with period as (
    select period_id, period_type, start_date, end_date, stock_date, year_period_id
    from {{ ref('dim_period') }}
),

year as (
    select * from period where period_type = 'calendar_year'
),

year_or_quarter as (
    select * from period where period_type in ('calendar_year', 'quarter')
),

person as (
    select person_key, birth_date from {{ ref('dim_person') }}
),

-- EX01: what can be appealed against. The old base has the plans of January, the one in development the reviews of the year.
appeal_or_decision as (
    select year.period_id, appeals.person_key, 'appeal' as kind
    from year
    inner join {{ ref('fct_appeal') }} as appeals
        on appeals.kind = 'appeal' and appeals.registered_date between year.start_date and year.end_date
    union all
    select year.period_id, requests.person_key, 'decision'
    from year
    inner join {{ ref('fct_request') }} as requests
        on requests.outcome = 'N' and requests.outcome_date between year.start_date and year.end_date
    union all
    select year.period_id, assessments.person_key, 'decision'
    from year
    inner join {{ ref('fct_assessment') }} as assessments
        on assessments.outcome = 'N' and assessments.outcome_date between year.start_date and year.end_date
    union all
    select year.period_id, plans.person_key, 'decision'
    from year
    inner join {{ ref('fct_plan') }} as plans
        on plans.cease_reason = '2' and plans.cease_date between year.start_date and year.end_date
    union all
    select period_id, person_key, 'plan'
    from {{ ref('equity__plan_in_force') }}
    union all
    select year.period_id, reviews.person_key, 'review'
    from year
    inner join {{ ref('fct_review') }} as reviews on reviews.meeting_date between year.start_date and year.end_date
),

ex01 as (
    {% for variant, kind in [('old', 'plan'), ('in_development', 'review')] -%}
    select
        'EX01' as metric_id,
        '{{ variant }}' as variant,
        year.period_id,
        counted.person_key,
        counted.person_key as event_key,
        {{ age_at('max(person.birth_date)', 'max(year.stock_date)') }} as age_years,
        sum({{ counted("counted.kind = 'appeal'") }}) as numerator,
        sum({{ counted("counted.kind in ('decision', '" ~ kind ~ "')") }}) as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from appeal_or_decision as counted
    inner join year on year.period_id = counted.period_id
    inner join person on person.person_key = counted.person_key
    where counted.kind in ('appeal', 'decision', '{{ kind }}')
    group by year.period_id, counted.person_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- EX02: how appeals that ended in the year ended, and what they were about; a row a child.
ended_appeal as (
    select year.period_id, year.stock_date, appeals.person_key, appeals.outcome, appeals.about
    from year
    inner join {{ ref('fct_appeal') }} as appeals
        on appeals.kind = 'appeal'
        and appeals.outcome_date between year.start_date and year.end_date
        and appeals.outcome <> 'open'
),

ex02 as (
    {% for variant, condition in [
        ('upheld', "outcome in ('upheld', 'part_upheld')"),
        ('conceded', "outcome = 'conceded'"),
        ('withdrawn', "outcome = 'withdrawn'"),
        ('about_refusal_to_assess', "about = 'refuse_assess'"),
        ('about_refusal_to_issue', "about = 'refuse_issue'"),
        ('about_content_or_placement', "about in ('content', 'placement')"),
        ('about_ceasing_or_other', "about in ('cease', 'other')"),
    ] -%}
    select
        'EX02' as metric_id,
        '{{ variant }}' as variant,
        ended_appeal.period_id,
        ended_appeal.person_key,
        ended_appeal.person_key as event_key,
        {{ age_at('max(person.birth_date)', 'max(ended_appeal.stock_date)') }} as age_years,
        sum({{ counted(condition) }}) as numerator,
        count(*) as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from ended_appeal
    inner join person on person.person_key = ended_appeal.person_key
    group by ended_appeal.period_id, ended_appeal.person_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- EX03: mediations held, and whether the family appealed on that day or later.
ex03 as (
    select
        'EX03' as metric_id,
        'base' as variant,
        year.period_id,
        mediation.person_key,
        mediation.appeal_key as event_key,
        {{ age_at('person.birth_date', 'mediation.held_date') }} as age_years,
        {{ counted('later.person_key is null') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from year
    inner join {{ ref('fct_appeal') }} as mediation
        on mediation.kind = 'mediation' and mediation.held_date between year.start_date and year.end_date
    inner join person on person.person_key = mediation.person_key
    left join (
        select person_key, max(registered_date) as registered_date
        from {{ ref('fct_appeal') }}
        where kind = 'appeal'
        group by person_key
    ) as later on later.person_key = mediation.person_key and later.registered_date >= mediation.held_date
),

-- EX04: complaints of the financial year over plans in force; complaints about no one child stay, in the group unknown.
complaint_or_plan as (
    select
        period.period_id,
        period.stock_date,
        coalesce(complaints.person_key, 'unknown') as person_key,
        case when complaints.stage = 'LGSCO' then 0 else 1 end as complaint,
        0 as upheld_by_ombudsman,
        0 as plan
    from period
    inner join {{ ref('fct_complaint') }} as complaints
        on complaints.received_date between period.start_date and period.end_date
    where period.period_type = 'financial_year'
    union all
    select period.period_id, period.stock_date, coalesce(complaints.person_key, 'unknown'), 0, 1, 0
    from period
    inner join {{ ref('fct_complaint') }} as complaints
        on complaints.stage = 'LGSCO'
        and complaints.outcome in ('upheld', 'part_upheld')
        and complaints.closed_date between period.start_date and period.end_date
    where period.period_type = 'financial_year'
    union all
    select period.period_id, period.stock_date, plans.person_key, 0, 0, 1
    from period
    inner join {{ ref('equity__plan_in_force') }} as plans on plans.period_id = period.year_period_id
    where period.period_type = 'financial_year'
),

ex04 as (
    {% for variant, column in [('complaints', 'complaint'), ('ombudsman_upheld', 'upheld_by_ombudsman')] -%}
    select
        'EX04' as metric_id,
        '{{ variant }}' as variant,
        counted.period_id,
        counted.person_key,
        counted.person_key as event_key,
        {{ age_at('max(person.birth_date)', 'max(counted.stock_date)') }} as age_years,
        sum(counted.{{ column }}) as numerator,
        sum(counted.plan) as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from complaint_or_plan as counted
    left join person on person.person_key = counted.person_key
    group by counted.period_id, counted.person_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- EX05: plans audited with a grade that can be read.
ex05 as (
    select
        'EX05' as metric_id,
        'base' as variant,
        year.period_id,
        audits.person_key,
        audits.quality_audit_key as event_key,
        {{ age_at('person.birth_date', 'audits.audited_date') }} as age_years,
        {{ counted("audits.overall_grade in ('outstanding', 'good')") }} as numerator,
        {{ counted("audits.overall_grade in ('outstanding', 'good', 'requires_improvement', 'inadequate')") }} as denominator,
        1.0 - {{ counted("audits.overall_grade in ('outstanding', 'good', 'requires_improvement', 'inadequate')") }} as excluded,
        cast(null as double) as value
    from year_or_quarter as year
    inner join {{ ref('fct_quality_audit') }} as audits on audits.audited_date between year.start_date and year.end_date
    inner join person on person.person_key = audits.person_key
),

-- EX06: plans made or reviewed in the year, or the quarter; the child's own views recorded in it or in the year before it, as
-- assessments begin there.
plan_at_work as (
    select year.period_id, year.start_date, year.end_date, plans.plan_key, plans.person_key
    from year_or_quarter as year
    inner join {{ ref('fct_plan') }} as plans
        on plans.start_date between year.start_date and year.end_date and plans.transferred_in_date is null
    union
    select year.period_id, year.start_date, year.end_date, reviews.plan_key, reviews.person_key
    from year_or_quarter as year
    inner join {{ ref('fct_review') }} as reviews on reviews.meeting_date between year.start_date and year.end_date
),

views as (
    select distinct year.period_id, said.person_key
    from year_or_quarter as year
    inner join {{ ref('fct_participation') }} as said
        on said.kind = 'views'
        and said.participant_role = 'CHILD'
        and said.happened_date between {{ months_after('year.start_date', -12) }} and year.end_date
    where said.person_key is not null
),

ex06 as (
    select
        'EX06' as metric_id,
        'base' as variant,
        plan_at_work.period_id,
        plan_at_work.person_key,
        plan_at_work.plan_key as event_key,
        {{ age_at('person.birth_date', 'plan_at_work.end_date') }} as age_years,
        {{ counted('views.person_key is not null') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan_at_work
    inner join person on person.person_key = plan_at_work.person_key
    left join views on views.period_id = plan_at_work.period_id and views.person_key = plan_at_work.person_key
),

-- EX07 and EX12: reviews held in the academic year, or in a term of it. Who came is in the review, or row by row in the log of those
-- invited.
at_review as (
    select
        review_key,
        bool_or(participant_role = 'CHILD' and (coalesce(attended, false) or coalesce(contributed, false))) as child_took_part,
        bool_or(participant_role = 'CHILD') as child_is_listed
    from {{ ref('fct_participation') }}
    where kind = 'review'
    group by review_key
),

review_held as (
    select
        period.period_id,
        reviews.review_key,
        reviews.person_key,
        {{ age_at('person.birth_date', 'reviews.meeting_date') }} as age_at_meeting,
        coalesce(reviews.child_contributed, false) or coalesce(at_review.child_took_part, false) as child_took_part,
        reviews.child_contributed is not null or coalesce(at_review.child_is_listed, false) as child_is_known,
        reviews.attended_education,
        reviews.attended_health,
        reviews.attended_care
    from period
    inner join {{ ref('fct_review') }} as reviews on reviews.meeting_date between period.start_date and period.end_date
    inner join person on person.person_key = reviews.person_key
    left join at_review on at_review.review_key = reviews.review_key
    where period.period_type in ('academic_year', 'term')
),

ex07 as (
    select
        'EX07' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        review_key as event_key,
        age_at_meeting as age_years,
        {{ counted('child_took_part') }} as numerator,
        {{ counted('child_is_known') }} as denominator,
        {{ counted('not child_is_known') }} as excluded,
        cast(null as double) as value
    from review_held
),

-- EX11: budgets and direct payments of plans in force.
ex11 as (
    {% for variant, condition in [
        ('personal_budget', 'plans.personal_budget'), ('direct_payment', 'plans.direct_payments is not null')
    ] -%}
    select
        'EX11' as metric_id,
        '{{ variant }}' as variant,
        in_force.period_id,
        in_force.person_key,
        in_force.plan_key as event_key,
        in_force.age_at_stock_date as age_years,
        {{ counted(condition) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from {{ ref('equity__plan_in_force') }} as in_force
    inner join {{ ref('fct_plan') }} as plans on plans.plan_key = in_force.plan_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- EX12: education, health and social care at the same review; who never said is not in the base.
ex12 as (
    {% for variant, condition in [
        ('all_three', 'attended_education and attended_health and attended_care'),
        ('education', 'attended_education'),
        ('health', 'attended_health'),
        ('care', 'attended_care'),
    ] -%}
    select
        'EX12' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        review_key as event_key,
        age_at_meeting as age_years,
        {{ counted(condition) }} as numerator,
        {{ counted('coalesce(attended_education, attended_health, attended_care) is not null') }} as denominator,
        {{ counted('coalesce(attended_education, attended_health, attended_care) is null') }} as excluded,
        cast(null as double) as value
    from review_held
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

{% for metric in ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06', 'ex07', 'ex11', 'ex12'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
