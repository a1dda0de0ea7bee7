-- Placement of the plans in force on the stock date, by the first-ranked setting attended.
with plan as (
    select
        period_id,
        person_key,
        plan_key,
        age_at_31_august,
        sector,
        is_state_mainstream,
        is_in_base,
        has_physical_setting,
        is_out_of_area
    from {{ ref('equity__plan_in_force') }}
),

-- PL02: in state mainstream schools, units and resourced provision included.
pl02 as (
    {% for variant, inside in [
        ('compulsory_school_age', 'coalesce(plan.age_at_31_august between 5 and 15, false)'), ('all_ages', 'true')
    ] %}
    select
        'PL02' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.is_state_mainstream and ' ~ inside) }} as numerator,
        {{ counted(inside) }} as denominator,
        {{ counted('not ' ~ inside) }} as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL03: in another council's area, among plans with a setting that has a place.
pl03 as (
    select
        'PL03' as metric_id,
        'base' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.has_physical_setting and plan.is_out_of_area') }} as numerator,
        {{ counted('plan.has_physical_setting') }} as denominator,
        {{ counted('not plan.has_physical_setting') }} as excluded,
        cast(null as double) as value
    from plan
),

-- PL05: primary age (4 to 10 at 31 August), out of area or independent; a child who is both counts once.
pl05 as (
    {% for variant, independent in [
        ('base', "plan.sector = 'independent'"), ('with_non_maintained', "plan.sector in ('independent', 'non_maintained')")
    ] %}
    select
        'PL05' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.is_out_of_area or ' ~ independent) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan
    where plan.age_at_31_august between 4 and 10
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL12: in a unit or resourced provision, ages 4 to 15 at 31 August.
pl12 as (
    select
        'PL12' as metric_id,
        'base' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.is_in_base and plan.age_at_31_august between 4 and 15') }} as numerator,
        {{ counted('plan.age_at_31_august between 4 and 15') }} as denominator,
        1.0 - {{ counted('plan.age_at_31_august between 4 and 15') }} as excluded,
        cast(null as double) as value
    from plan
)

{% for metric in ['pl02', 'pl03', 'pl05', 'pl12'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
