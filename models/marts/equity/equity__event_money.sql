-- Money that goes with a child: what a place costs, top-up by home, and the journey to school. Pounds of the financial year.
with period as (
    -- The last day of a period under way is as_at.
    select
        period_id,
        start_date,
        end_date,
        least(end_date, {{ date_var('as_at') }}) as last_day,
        stock_date,
        academic_year as financial_year,
        1 + {{ days_between('start_date', 'end_date') }} as days_in_year
    from {{ ref('dim_period') }}
    where period_type = 'financial_year'
),

person as (
    select person_key, birth_date, in_county from {{ ref('dim_person') }}
),

-- FN03: pounds over places, and a place is a whole year: the part of the year that a commitment covers. A row a child.
covered as (
    select
        period.period_id,
        period.stock_date,
        money.kind,
        coalesce(money.person_key, money.commitment_key) as child,
        money.person_key,
        money.amount,
        case
            when money.from_date is not null
                then (1 + {{ days_between(
                    'greatest(money.from_date, period.start_date)',
                    'least(coalesce(money.to_date, period.end_date), period.end_date)'
                ) }}) * 1.0 / period.days_in_year
        end as places
    from period
    inner join {{ ref('fct_commitment') }} as money
        on money.financial_year = period.financial_year and money.kind in ('placement', 'top_up')
),

fn03 as (
    select
        'FN03' as metric_id,
        case covered.kind when 'placement' then 'placement' else 'top_up' end as variant,
        covered.period_id,
        coalesce(covered.person_key, 'unknown') as person_key,
        covered.child as event_key,
        {{ age_at('max(person.birth_date)', 'max(covered.stock_date)') }} as age_years,
        {{ exact_sum('case when covered.places > 0 and covered.amount >= 0 then covered.amount else 0 end') }} as numerator,
        {{ exact_sum('case when covered.places > 0 and covered.amount >= 0 then covered.places else 0 end') }} as denominator,
        max({{ counted('coalesce(covered.places <= 0, true) or coalesce(covered.amount < 0, true)') }}) as excluded,
        cast(null as double) as value
    from covered
    left join person on person.person_key = covered.person_key
    group by covered.kind, covered.period_id, covered.person_key, covered.child
),

-- FN04: top-up of pupils with SEN who live in the county, as the spring census has them.
top_up as (
    select period.period_id, money.person_key, {{ exact_sum('money.amount') }} as amount
    from period
    inner join {{ ref('fct_commitment') }} as money on money.financial_year = period.financial_year and money.kind = 'top_up'
    where money.person_key is not null
    group by period.period_id, money.person_key
),

sen_pupil as (
    select
        period.period_id,
        period.stock_date,
        pupil.person_key,
        pupil.sen_provision,
        coalesce(pupil.primary_sen_type, 'unknown') as need
    from period
    inner join {{ first_rows(
        ref('fct_pupil_term'), ['person_key', 'census_year', 'census_term'],
        'case when is_main_enrolment then 0 else 1 end, pupil_term_key'
    ) }} as pupil
        on pupil.census_year = period.financial_year + 1
        and pupil.census_term = 'spring'
        and pupil.is_main_enrolment
        and pupil.sen_provision in ('K', 'E')
    where period.period_id in (select period_id from top_up)
),

pupil_or_paid as (
    select
        coalesce(sen_pupil.period_id, top_up.period_id) as period_id,
        coalesce(sen_pupil.person_key, top_up.person_key) as person_key,
        sen_pupil.sen_provision,
        sen_pupil.need,
        coalesce(top_up.amount, 0) as amount,
        sen_pupil.person_key is not null and coalesce(person.in_county, true) as is_in_base,
        {{ age_at('person.birth_date', 'period.stock_date') }} as age_years
    from sen_pupil
    full outer join top_up on top_up.period_id = sen_pupil.period_id and top_up.person_key = sen_pupil.person_key
    inner join period on period.period_id = coalesce(sen_pupil.period_id, top_up.period_id)
    inner join person on person.person_key = coalesce(sen_pupil.person_key, top_up.person_key)
),

-- A pupil weighs what children of the same provision and need have in the county, beside what all have.
weighted as (
    select
        pupil_or_paid.*,
        case
            when is_in_base
                then avg(case when is_in_base then amount end) over (partition by period_id, sen_provision, need)
                    / nullif(avg(case when is_in_base then amount end) over (partition by period_id), 0)
        end as weight
    from pupil_or_paid
),

fn04 as (
    {% for variant, base in [('per_pupil', counted('is_in_base')), ('need_weighted', 'coalesce(weight, 0)')] -%}
    select
        'FN04' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        case when is_in_base then amount else 0 end as numerator,
        {{ base }} as denominator,
        {{ counted('not is_in_base') }} as excluded,
        cast(null as double) as value
    from weighted
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- FN07: pounds a school day of every run of a child, times the school days of the year so far on which it ran.
school_day as (
    select distinct period.period_id, days.date_day
    from period
    inner join {{ ref('dim_date') }} as days
        on days.date_day between period.start_date and period.last_day and days.iso_weekday between 1 and 5
    inner join {{ ref('dim_term_date') }} as term on term.is_term and days.date_day between term.from_date and term.to_date
    left join {{ ref('dim_term_date') }} as closed on not closed.is_term and days.date_day between closed.from_date and closed.to_date
    where closed.term_date_key is null
),

carried as (
    select
        school_day.period_id,
        coalesce(runs.person_key, runs.transport_key) as child,
        runs.person_key,
        {{ exact_sum('runs.cost_per_day') }} as pounds,
        bool_or(runs.cost_per_day is null) as is_without_cost
    from school_day
    inner join {{ ref('fct_transport') }} as runs
        on runs.from_date <= school_day.date_day and (runs.to_date is null or runs.to_date >= school_day.date_day)
    group by school_day.period_id, runs.person_key, coalesce(runs.person_key, runs.transport_key)
),

fn07 as (
    select
        'FN07' as metric_id,
        'base' as variant,
        carried.period_id,
        coalesce(carried.person_key, 'unknown') as person_key,
        carried.child as event_key,
        {{ age_at('person.birth_date', 'period.stock_date') }} as age_years,
        0.0 as numerator,
        {{ counted('carried.person_key is not null and not carried.is_without_cost') }} as denominator,
        {{ counted('carried.person_key is null or carried.is_without_cost') }} as excluded,
        case when carried.person_key is not null and not carried.is_without_cost then carried.pounds end as value
    from carried
    inner join period on period.period_id = carried.period_id
    left join person on person.person_key = carried.person_key
)

{% for metric in ['fn03', 'fn04', 'fn07'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
