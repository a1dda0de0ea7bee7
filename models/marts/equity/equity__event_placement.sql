-- Placement of the plans in force on the stock date, by the first-ranked setting attended: of each year, PL16 of each month and PL20
-- of each term too.
with plan as (
    select
        period_id,
        stock_date,
        person_key,
        plan_key,
        establishment_key,
        age_at_31_august,
        setting_group,
        setting_type,
        sector,
        is_state_mainstream,
        is_in_base,
        has_physical_setting,
        is_out_of_area,
        residential_weeks,
        km_to_setting
    from {{ ref('equity__plan_in_force') }}
),

-- PL01: by type of setting; every plan is in one type.
pl01 as (
    {% for setting_type in [
        'mainstream', 'special', 'alternative_provision', 'further_education', 'early_years', 'elsewhere', 'not_recorded'
    ] %}
    select
        'PL01' as metric_id,
        '{{ setting_type }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted("plan.setting_type = '" ~ setting_type ~ "'") }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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

-- PL04: in independent or non-maintained special schools; a second variant takes independent mainstream schools too.
pl04 as (
    {% for variant, groups in [
        ('base', "'special_independent', 'special_non_maintained'"),
        ('with_mainstream_independent', "'special_independent', 'special_non_maintained', 'mainstream_independent'"),
    ] %}
    select
        'PL04' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.setting_group in (' ~ groups ~ ')') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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

-- PL06: kilometres from home to the setting, day pupils and boarders apart; a share over so many kilometres is a variant each.
{% set is_measured = 'plan.has_physical_setting and plan.km_to_setting is not null' %}
pl06 as (
    {% for variant, inside, numerator, value in [
        ('base', 'plan.residential_weeks = 0', 'plan.km_to_setting > 2', 'plan.km_to_setting'),
        ('over_3_km', 'plan.residential_weeks = 0', 'plan.km_to_setting > 3', 'null'),
        ('over_8_km', 'plan.residential_weeks = 0', 'plan.km_to_setting > 8', 'null'),
        ('over_15_km', 'plan.residential_weeks = 0', 'plan.km_to_setting > 15', 'null'),
        ('residential', 'plan.residential_weeks > 0', 'false', 'plan.km_to_setting'),
    ] %}
    select
        'PL06' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted(numerator ~ ' and ' ~ inside ~ ' and ' ~ is_measured) }} as numerator,
        {{ counted(inside ~ ' and ' ~ is_measured) }} as denominator,
        1.0 - {{ counted(inside ~ ' and ' ~ is_measured) }} as excluded,
        case when {{ inside }} and {{ is_measured }} then {{ value }} end as value
    from plan
    union all
    {% endfor %}
    -- Pupils with SEN support beside them, in the spring census of the stock date.
    select
        'PL06',
        'sen_support',
        period.period_id,
        pupils.person_key,
        pupils.pupil_term_key,
        {{ age_at('person.birth_date', date_of('pupils.academic_year', 8, 31)) }},
        0.0,
        {{ counted(straight_line_km('person', 'school') ~ ' is not null') }},
        {{ counted(straight_line_km('person', 'school') ~ ' is null') }},
        {{ straight_line_km('person', 'school') }}
    from {{ ref('dim_period') }} as period
    inner join {{ ref('fct_pupil_term') }} as pupils
        on pupils.census_year = extract(year from period.end_date) + 1
        and pupils.census_term = 'spring'
        and pupils.is_main_enrolment
        and pupils.sen_provision = 'K'
    inner join {{ ref('dim_person') }} as person on person.person_key = pupils.person_key
    left join {{ ref('dim_establishment') }} as school on school.establishment_key = pupils.establishment_key
    where period.period_type = 'calendar_year'
),

-- PL08: which schools the council commissions places in for a need and phase, and how far the nearest of them is.
commissioned as (
    select distinct
        period.period_id, places.establishment_key, places.need, places.phase, establishment.easting, establishment.northing
    from {{ ref('dim_period') }} as period
    inner join {{ ref('fct_commissioned_place') }} as places
        on places.academic_year = period.academic_year
        and places.place_term in ('spring', 'year')
        and places.places_commissioned > 0
    inner join {{ ref('dim_establishment') }} as establishment
        on establishment.establishment_key = places.establishment_key
        and establishment.easting is not null
        and establishment.northing is not null
    where period.period_type = 'calendar_year'
),

specialist as (
    select
        plan.period_id,
        plan.person_key,
        plan.plan_key,
        plan.establishment_key,
        plan.age_at_31_august,
        person.easting,
        person.northing,
        people.primary_need,
        {{ provision_phase('plan.age_at_31_august') }} as phase
    from plan
    inner join {{ ref('dim_person') }} as person on person.person_key = plan.person_key
    inner join {{ ref('equity__person_period') }} as people
        on people.period_id = plan.period_id and people.person_key = plan.person_key
    where plan.is_in_base or plan.setting_type = 'special'
),

choice as (
    select
        specialist.period_id,
        specialist.plan_key,
        min({{ straight_line_km('specialist', 'commissioned') }}) as nearest_km,
        min(
            case
                when commissioned.establishment_key = specialist.establishment_key
                    then {{ straight_line_km('specialist', 'commissioned') }}
            end
        ) as own_km
    from specialist
    inner join commissioned
        on commissioned.period_id = specialist.period_id
        and commissioned.need = specialist.primary_need
        and commissioned.phase in (specialist.phase, 'ALL')
    group by specialist.period_id, specialist.plan_key
),

pl08 as (
    select
        'PL08' as metric_id,
        'base' as variant,
        specialist.period_id,
        specialist.person_key,
        specialist.plan_key as event_key,
        specialist.age_at_31_august as age_years,
        {{ counted('choice.own_km <= choice.nearest_km') }} as numerator,
        {{ counted('choice.nearest_km is not null') }} as denominator,
        {{ counted('choice.nearest_km is null') }} as excluded,
        cast(null as double) as value
    from specialist
    left join choice on choice.period_id = specialist.period_id and choice.plan_key = specialist.plan_key
),

-- PL09: has the small area of the home a commissioned place for the child's need and phase in its catchment, and how many for each
-- child that competes for them?
within_reach as (
    select
        plan.period_id,
        plan.person_key,
        plan.plan_key,
        plan.age_at_31_august,
        access.places_within_reach,
        access.places_per_child
    from plan
    inner join {{ ref('dim_person') }} as person on person.person_key = plan.person_key
    inner join {{ ref('equity__person_period') }} as people
        on people.period_id = plan.period_id and people.person_key = plan.person_key
    left join {{ ref('equity__access') }} as access
        on access.period_id = plan.period_id
        and access.lsoa21_code = person.lsoa21_code
        and access.need = people.primary_need
        and access.phase = {{ provision_phase('plan.age_at_31_august') }}
),

pl09 as (
    select
        'PL09' as metric_id,
        'base' as variant,
        within_reach.period_id,
        within_reach.person_key,
        within_reach.plan_key as event_key,
        within_reach.age_at_31_august as age_years,
        {{ counted('within_reach.places_within_reach > 0') }} as numerator,
        {{ counted('within_reach.places_within_reach is not null') }} as denominator,
        {{ counted('within_reach.places_within_reach is null') }} as excluded,
        within_reach.places_per_child as value
    from within_reach
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
),

-- PL16: by year and month by month, of compulsory school age: no school, or not the whole of one.
without_school as (
    select
        plans.period_id,
        plans.person_key,
        plans.plan_key,
        plans.age_at_31_august,
        plans.placement_key is null or plans.setting_group in ('niec', 'nieo', 'neet', 'oth') as has_no_setting,
        bool_or(spells.kind = 'part_time_timetable') as is_part_time,
        bool_or(spells.kind = 'missing_education') as is_missing
    from {{ ref('equity__plan_on_day') }} as plans
    left join {{ ref('fct_inclusion_spell') }} as spells
        on spells.person_key = plans.person_key
        and spells.kind in ('part_time_timetable', 'missing_education')
        and spells.start_date <= plans.stock_date
        and (spells.end_date is null or spells.end_date >= plans.stock_date)
        and not spells.has_dates_reversed
    where plans.period_type in ('calendar_year', 'month') and plans.age_at_31_august between 5 and 15
    group by all
),

pl16 as (
    {% for variant, condition in [
        ('base', 'found.has_no_setting or found.is_part_time or found.is_missing'),
        ('no_setting', 'found.has_no_setting'),
        ('part_time', 'found.is_part_time'),
    ] %}
    select
        'PL16' as metric_id,
        '{{ variant }}' as variant,
        found.period_id,
        found.person_key,
        found.plan_key as event_key,
        found.age_at_31_august as age_years,
        {{ counted(condition) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from without_school as found
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL17: otherwise than at school by the council's arrangement, or at home by the family's; of compulsory school age.
pl17 as (
    {% for variant, groups in [('base', "'ola', 'ehe'"), ('otherwise', "'ola'"), ('home', "'ehe'")] %}
    select
        'PL17' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.setting_group in (' ~ groups ~ ') and plan.age_at_31_august between 5 and 15') }} as numerator,
        {{ counted('plan.age_at_31_august between 5 and 15') }} as denominator,
        1.0 - {{ counted('plan.age_at_31_august between 5 and 15') }} as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL19: boarding, by the weeks a year that the case system has.
pl19 as (
    {% for variant, from_week, to_week in [('base', 38, 53), ('weeks_38_to_51', 38, 51), ('weeks_52', 52, 53)] %}
    select
        'PL19' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted('plan.residential_weeks between ' ~ from_week ~ ' and ' ~ to_week) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from plan
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- PL20: carried to school on the stock date, of terms too, and the pounds a day of all the child's runs.
plan_of_term as (
    select period_id, stock_date, person_key, plan_key, age_at_31_august
    from {{ ref('equity__plan_on_day') }}
    where period_type in ('calendar_year', 'term')
),

carried as (
    select
        plan.period_id,
        plan.plan_key,
        bool_or(coalesce(runs.mode = 'taxi' and runs.is_single_occupancy, false)) as is_alone,
        {{ exact_sum('runs.cost_per_day') }} as cost_per_day
    from plan_of_term as plan
    inner join {{ ref('fct_transport') }} as runs
        on runs.person_key = plan.person_key
        and runs.from_date <= plan.stock_date
        and (runs.to_date is null or runs.to_date >= plan.stock_date)
    group by plan.period_id, plan.plan_key
),

pl20 as (
    {% set is_of_school_age = 'plan.age_at_31_august between 5 and 15' %}
    {% for variant, inside, numerator, value in [
        ('base', is_of_school_age, 'carried.plan_key is not null', 'null'),
        ('alone', is_of_school_age ~ ' and carried.plan_key is not null', 'carried.is_alone', 'null'),
        ('cost', is_of_school_age ~ ' and carried.cost_per_day is not null', 'false', 'carried.cost_per_day'),
    ] %}
    select
        'PL20' as metric_id,
        '{{ variant }}' as variant,
        plan.period_id,
        plan.person_key,
        plan.plan_key as event_key,
        plan.age_at_31_august as age_years,
        {{ counted(numerator ~ ' and ' ~ inside) }} as numerator,
        {{ counted(inside) }} as denominator,
        1.0 - {{ counted(inside) }} as excluded,
        case when {{ inside }} then {{ value }} end as value
    from plan_of_term as plan
    left join carried on carried.period_id = plan.period_id and carried.plan_key = plan.plan_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

{% for metric in [
    'pl01', 'pl02', 'pl03', 'pl04', 'pl05', 'pl06', 'pl08', 'pl09', 'pl12', 'pl16', 'pl17', 'pl19', 'pl20'
] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
