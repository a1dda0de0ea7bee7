-- Waits for a setting and moves between settings in an academic year, by the first-ranked setting attended.
with year_or_term as (
    select period_id, period_type, start_date, end_date, academic_year, least(end_date, {{ date_var('as_at') }}) as last_day
    from {{ ref('dim_period') }}
    where period_type in ('academic_year', 'term')
),

academic_year as (
    select * from year_or_term
    where period_type = 'academic_year'
),

-- First-ranked settings attended, with the one before and after in the same plan.
attended as (
    select
        placements.placement_key,
        placements.plan_key,
        placements.person_key,
        placements.establishment_key,
        placements.entry_date,
        placements.leaving_date,
        establishment.setting_group like 'special%' as is_special,
        coalesce(establishment.is_state_mainstream, false) as is_state_mainstream,
        coalesce(establishment.is_state_mainstream and (placements.sen_unit or placements.resourced_provision), false) as is_base,
        person.birth_date,
        row_number() over (
            partition by placements.plan_key order by placements.entry_date nulls first, placements.placement_key
        ) as nth,
        lag(placements.establishment_key) over (
            partition by placements.plan_key order by placements.entry_date nulls first, placements.placement_key
        ) as establishment_key_before,
        lead(placements.establishment_key) over (
            partition by placements.plan_key order by placements.entry_date nulls first, placements.placement_key
        ) as establishment_key_after
    from {{ ref('fct_placement') }} as placements
    inner join {{ ref('dim_person') }} as person on person.person_key = placements.person_key
    left join {{ ref('dim_establishment') }} as establishment
        on establishment.establishment_key = placements.establishment_key
    where placements.kind = 'attended' and placements.rank = 1
),

-- PL13: in a year, or a term of it: days from the naming of a base or special school to the first day there. Named on the day that
-- admissions recorded, or, of the first setting of a plan made here, on the day the plan started.
started as (
    select
        period.period_id,
        period.academic_year,
        attended.placement_key,
        attended.person_key,
        attended.birth_date,
        attended.entry_date,
        coalesce(
            max(admission.named_date),
            max(
                case
                    when attended.nth = 1 and plans.transferred_in_date is null and plans.transferred_from_la_code is null
                        and plans.start_date <= attended.entry_date
                        then plans.start_date
                end
            )
        ) as named_date
    from year_or_term as period
    inner join attended
        on attended.entry_date between period.start_date and period.last_day
        and (attended.is_base or attended.is_special)
        and coalesce(attended.establishment_key_before <> attended.establishment_key, true)
    inner join {{ ref('fct_plan') }} as plans on plans.plan_key = attended.plan_key
    left join {{ ref('fct_admission') }} as admission
        on admission.person_key = attended.person_key
        and admission.establishment_key = attended.establishment_key
        and admission.is_named
        and admission.named_date <= attended.entry_date
    group by
        period.period_id, period.academic_year, attended.placement_key, attended.person_key, attended.birth_date,
        attended.entry_date
),

pl13 as (
    select
        'PL13' as metric_id,
        'base' as variant,
        started.period_id,
        started.person_key,
        started.placement_key as event_key,
        {{ age_at('started.birth_date', date_of('started.academic_year', 8, 31)) }} as age_years,
        0.0 as numerator,
        {{ counted('started.named_date is not null') }} as denominator,
        {{ counted('started.named_date is null') }} as excluded,
        {{ days_between('started.named_date', 'started.entry_date') }} as value
    from started
),

-- PL14: children in a base on any day of the academic year, each by the last base of the year; who left it for a mainstream class.
in_base as (
    select
        academic_year.period_id,
        academic_year.academic_year,
        academic_year.last_day,
        attended.placement_key,
        attended.person_key,
        attended.birth_date,
        attended.entry_date,
        attended.leaving_date,
        row_number() over (
            partition by academic_year.period_id, attended.person_key
            order by attended.entry_date desc nulls last, attended.placement_key
        ) as nth
    from academic_year
    inner join attended
        on attended.is_base
        and coalesce(attended.entry_date <= academic_year.last_day, true)
        and coalesce(attended.leaving_date >= academic_year.start_date, true)
),

next_setting as (
    select
        in_base.period_id,
        in_base.placement_key,
        attended.is_state_mainstream and not attended.is_base as is_mainstream_class,
        row_number() over (
            partition by in_base.period_id, in_base.placement_key order by attended.entry_date, attended.placement_key
        ) as nth
    from in_base
    inner join attended
        on attended.person_key = in_base.person_key
        and attended.placement_key <> in_base.placement_key
        and attended.entry_date >= in_base.leaving_date
    where in_base.nth = 1 and in_base.leaving_date <= in_base.last_day
),

pl14 as (
    select
        'PL14' as metric_id,
        'base' as variant,
        in_base.period_id,
        in_base.person_key,
        in_base.placement_key as event_key,
        {{ age_at('in_base.birth_date', date_of('in_base.academic_year', 8, 31)) }} as age_years,
        {{ counted('next_setting.is_mainstream_class') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from in_base
    left join next_setting
        on next_setting.period_id = in_base.period_id
        and next_setting.placement_key = in_base.placement_key
        and next_setting.nth = 1
    where in_base.nth = 1
),

-- PL21: plans in force on any day of the academic year, the newest of each child.
in_year as (
    select
        academic_year.period_id,
        academic_year.start_date,
        academic_year.last_day,
        academic_year.academic_year,
        plans.plan_key,
        plans.person_key,
        plans.cease_date,
        row_number() over (
            partition by academic_year.period_id, plans.person_key order by plans.start_date desc, plans.plan_key
        ) as nth
    from academic_year
    inner join {{ ref('fct_plan') }} as plans
        on {{ plan_in_force('academic_year.start_date', 'academic_year.last_day') }}
),

moved_home as (
    select person_key, academic_year
    from {{ ref('fct_pupil_term') }}
    where is_main_enrolment
    group by person_key, academic_year
    having count(distinct lsoa21_code) > 1
),

-- Left a setting before July for another one or none, while the plan went on, and neither a phase transfer nor a move says why.
left_early as (
    select distinct in_year.period_id, in_year.plan_key
    from in_year
    inner join attended
        on attended.plan_key = in_year.plan_key
        and attended.leaving_date between in_year.start_date and least(in_year.last_day, {{ date_of('in_year.academic_year + 1', 6, 30) }})
        and coalesce(in_year.cease_date > attended.leaving_date, true)
        and coalesce(attended.establishment_key_after <> attended.establishment_key, true)
    left join moved_home
        on moved_home.person_key = in_year.person_key and moved_home.academic_year = in_year.academic_year
    where
        in_year.nth = 1
        and moved_home.person_key is null
        and not exists (
            select 1
            from {{ ref('fct_admission') }} as admission
            where
                admission.person_key = in_year.person_key
                and admission.kind = 'phase_transfer'
                and admission.entry_date
                    between {{ days_after('attended.leaving_date', -31) }} and {{ days_after('attended.leaving_date', 92) }}
        )
),

pl21 as (
    select
        'PL21' as metric_id,
        'base' as variant,
        in_year.period_id,
        in_year.person_key,
        in_year.plan_key as event_key,
        {{ age_at('person.birth_date', date_of('in_year.academic_year', 8, 31)) }} as age_years,
        {{ counted('left_early.plan_key is not null') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from in_year
    inner join {{ ref('dim_person') }} as person on person.person_key = in_year.person_key
    left join left_early on left_early.period_id = in_year.period_id and left_early.plan_key = in_year.plan_key
    where in_year.nth = 1
)

{% for metric in ['pl13', 'pl14', 'pl21'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
