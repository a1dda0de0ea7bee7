-- Inclusion: absence, exclusions, part-time timetables, home and missing education, alternative provision, moves off roll.
with period as (
    select period_id, period_type, start_date, end_date, stock_date, academic_year, school_term
    from {{ ref('dim_period') }}
),

person as (
    select person_key, birth_date, in_county from {{ ref('dim_person') }}
),

-- What each school says of a child's term; nothing that adds up, where a number of it is not known.
school_term as (
    select
        person_key,
        academic_year,
        term,
        sum(case when attendance_class in ('authorised', 'unauthorised') then sessions else 0 end) as missed,
        sum(case when attendance_class in ('present', 'authorised', 'unauthorised') then sessions else 0 end) as possible,
        sum(case when attendance_code = 'C2' then sessions else 0 end) as on_reduced_timetable,
        count(*) = count(sessions) as is_known
    from {{ ref('fct_attendance') }}
    where is_preferred
    group by person_key, academic_year, term, establishment_key
),

-- A child's year and terms, all schools together; ages 5 to 15 on the 31 August before it.
attended as (
    select
        period.period_id,
        terms.person_key,
        {{ age_at('min(person.birth_date)', date_of('min(period.academic_year)', 8, 31)) }} as age_years,
        sum(case when terms.is_known then terms.missed else 0 end) as missed,
        sum(case when terms.is_known then terms.possible else 0 end) as possible,
        sum(case when terms.is_known then terms.on_reduced_timetable else 0 end) as on_reduced_timetable
    from period
    inner join school_term as terms
        on terms.academic_year = period.academic_year and coalesce(terms.term = period.school_term, true)
    inner join person on person.person_key = terms.person_key
    where period.period_type in ('academic_year', 'term')
    group by period.period_id, terms.person_key
),

attended_of_age as (
    select attended.*, coalesce(age_years between 5 and 15, false) and possible > 0 as is_in_base
    from attended
),

-- IN01: sessions missed of sessions possible, one row a child.
in01 as (
    select
        'IN01' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        case when is_in_base then missed else 0 end as numerator,
        case when is_in_base then possible else 0 end as denominator,
        {{ counted('not is_in_base') }} as excluded,
        cast(null as double) as value
    from attended_of_age
),

-- IN02: a tenth or more missed. Multiplied, not divided: exactly a tenth is in.
in02 as (
    select
        'IN02' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_in_base and missed * 10 >= possible') }} as numerator,
        {{ counted('is_in_base') }} as denominator,
        {{ counted('not is_in_base') }} as excluded,
        cast(null as double) as value
    from attended_of_age
),

-- IN03: half or more missed.
in03 as (
    select
        'IN03' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_in_base and missed * 2 >= possible') }} as numerator,
        {{ counted('is_in_base') }} as denominator,
        {{ counted('not is_in_base') }} as excluded,
        cast(null as double) as value
    from attended_of_age
),

roll as (
    select
        person_key,
        census_year,
        census_term,
        {{ census_month('census_year', 'census_term') }} as census_month,
        academic_year,
        school_number,
        nc_year_actual,
        sen_provision,
        coalesce(sen_provision in ('K', 'E'), false) as has_sen,
        is_main_enrolment
    from {{ ref('fct_pupil_term') }}
),

-- The January roll, each pupil once.
january_roll as (
    select person_key, academic_year, has_sen
    from roll
    where census_term = 'spring' and is_main_enrolment
),

-- Exclusions that stand, by schools of this county, of a year or a term; the others are left out and counted.
excluded_child as (
    select
        period.period_id,
        told.person_key,
        {% for name, categories in [('suspensions', "('SUSP', 'LNCH')"), ('permanent', "('PERM')")] -%}
        sum({{ counted('category in ' ~ categories ~ ' and stands') }}) as {{ name }},
        sum({{ counted('category in ' ~ categories ~ ' and not stands') }}) as {{ name }}_left_out{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select
            exclusions.person_key,
            exclusions.start_date,
            exclusions.category,
            exclusions.withdrawn_date is null and coalesce(school.in_county, true) as stands
        from {{ ref('fct_exclusion') }} as exclusions
        left join {{ ref('dim_establishment') }} as school on school.establishment_key = exclusions.establishment_key
    ) as told
    inner join period on told.start_date between period.start_date and period.end_date
    where period.period_type in ('academic_year', 'term')
    group by period.period_id, told.person_key
),

on_roll as (
    select period.period_id, january_roll.person_key, january_roll.has_sen
    from period
    inner join january_roll on january_roll.academic_year = period.academic_year
    where period.period_type in ('academic_year', 'term')
),

pupil as (
    select
        period.period_id,
        period.period_type,
        person.person_key,
        {{ age_at('person.birth_date', date_of('period.academic_year', 8, 31)) }} as age_years,
        on_roll.person_key is not null as is_on_roll,
        coalesce(on_roll.has_sen, false) as has_sen,
        coalesce(excluded_child.suspensions, 0) as suspensions,
        coalesce(excluded_child.suspensions_left_out, 0) as suspensions_left_out,
        coalesce(excluded_child.permanent, 0) as permanent,
        coalesce(excluded_child.permanent_left_out, 0) as permanent_left_out
    from on_roll
    full outer join excluded_child
        on excluded_child.person_key = on_roll.person_key and excluded_child.period_id = on_roll.period_id
    inner join period on period.period_id = coalesce(on_roll.period_id, excluded_child.period_id)
    inner join person on person.person_key = coalesce(on_roll.person_key, excluded_child.person_key)
),

-- IN04 and IN06: exclusions of the year, IN04 of each term too, over the January roll. Who was excluded and is not on that roll is
-- above the line alone.
in04 as (
    select
        'IN04' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        suspensions as numerator,
        {{ counted('is_on_roll') }} as denominator,
        suspensions_left_out as excluded,
        cast(null as double) as value
    from pupil
),

in06 as (
    select
        'IN06' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        permanent as numerator,
        {{ counted('is_on_roll') }} as denominator,
        permanent_left_out as excluded,
        cast(null as double) as value
    from pupil
    where period_type = 'academic_year'
),

-- IN05: pupils of the January roll who were suspended at least once.
in05 as (
    select
        'IN05' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_on_roll and suspensions > 0') }} as numerator,
        {{ counted('is_on_roll') }} as denominator,
        {{ counted('not is_on_roll and suspensions > 0') }} as excluded,
        cast(null as double) as value
    from pupil
    where is_on_roll or suspensions > 0
),

-- The newest census that had been taken by each stock date and month-end.
stock_census as (
    select period.period_id, period.stock_date, max(roll.census_month) as census_month
    from period
    inner join (select distinct census_month from roll) as roll on roll.census_month <= {{ months_of('period.stock_date') }}
    where period.period_type in ('calendar_year', 'month')
    group by period.period_id, period.stock_date
),

sen_pupil as (
    select stock_census.period_id, stock_census.stock_date, roll.person_key
    from stock_census
    inner join roll on roll.census_month = stock_census.census_month and roll.is_main_enrolment and roll.has_sen
),

-- Spells in force on a stock date; the first and the last day are in it, and of two at once the longer counts.
spell as (
    select
        period.period_id,
        period.period_type,
        period.stock_date,
        period.academic_year,
        spells.kind,
        spells.person_key,
        min(spells.start_date) as since_date
    from period
    inner join {{ ref('fct_inclusion_spell') }} as spells
        on spells.start_date <= period.stock_date
        and (spells.end_date is null or spells.end_date >= period.stock_date)
    where period.period_type in ('calendar_year', 'month')
    group by
        period.period_id, period.period_type, period.stock_date, period.academic_year, spells.kind, spells.person_key
),

reduced_timetable as (
    select period_id, person_key, stock_date, since_date
    from spell
    where kind = 'part_time_timetable'
),

-- Before its first spell there was no register to be on: that is no figure, and not a zero. One spell of long ago, be it a
-- slip of the hand, is enough to say that there was one.
sen_pupil_with_register as (
    select sen_pupil.*
    from sen_pupil
    inner join (
        select min(start_date) as first_date from {{ ref('fct_inclusion_spell') }}
        where kind = 'part_time_timetable'
    ) as register on register.first_date <= sen_pupil.stock_date
),

-- IN07: on the register of part-time timetables on the day; the weeks so far of those who are; and by code C2, in the year.
in_stock as (
    select
        coalesce(sen_pupil.period_id, reduced_timetable.period_id) as period_id,
        coalesce(sen_pupil.person_key, reduced_timetable.person_key) as person_key,
        coalesce(sen_pupil.stock_date, reduced_timetable.stock_date) as stock_date,
        sen_pupil.person_key is not null as has_sen,
        reduced_timetable.since_date
    from sen_pupil_with_register as sen_pupil
    full outer join reduced_timetable
        on reduced_timetable.period_id = sen_pupil.period_id and reduced_timetable.person_key = sen_pupil.person_key
),

in07 as (
    {% for variant in ['base', 'weeks'] %}
    select
        'IN07' as metric_id,
        '{{ variant }}' as variant,
        in_stock.period_id,
        in_stock.person_key,
        in_stock.person_key as event_key,
        {{ age_at('person.birth_date', 'in_stock.stock_date') }} as age_years,
        {{ counted('in_stock.has_sen and in_stock.since_date is not null') }} as numerator,
        {{ counted('in_stock.has_sen') }} as denominator,
        {{ counted('not in_stock.has_sen') }} as excluded,
        {% if variant == 'weeks' -%}
        case when in_stock.has_sen then {{ days_between('in_stock.since_date', 'in_stock.stock_date') }} / 7.0 end as value
        {%- else -%}
        cast(null as double) as value
        {%- endif %}
    from in_stock
    inner join person on person.person_key = in_stock.person_key
    {% if variant == 'weeks' %}where in_stock.since_date is not null{% endif %}
    union all
    {% endfor %}
    select
        'IN07' as metric_id,
        'coded' as variant,
        attended.period_id,
        attended.person_key,
        attended.person_key as event_key,
        attended.age_years,
        {{ counted('attended.on_reduced_timetable > 0') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from attended
    inner join pupil
        on pupil.period_id = attended.period_id and pupil.person_key = attended.person_key and pupil.is_on_roll and pupil.has_sen
    where attended.possible > 0
),

-- The month in which SEN support or a plan is first on record.
first_sen as (
    select person_key, min(first_month) as first_month
    from (
        select person_key, census_month as first_month from roll
        where has_sen
        union all
        select person_key, {{ months_of('start_date') }} from {{ ref('fct_sen_history') }}
        where sen_provision in ('K', 'E')
        union all
        select person_key, {{ months_of('start_date') }} from {{ ref('fct_plan') }}
    ) as record
    group by person_key
),

started_at_home as (
    select period.period_id, spells.person_key, min(spells.start_date) as since_date
    from period
    inner join {{ ref('fct_inclusion_spell') }} as spells
        on spells.kind = 'elective_home_education'
        and spells.start_date between period.start_date and period.end_date
    where period.period_type = 'calendar_year'
    group by period.period_id, spells.person_key
),

out_of_school as (
    select kind, period_id, person_key, stock_date as on_date, academic_year
    from spell
    where period_type = 'calendar_year'
    union all
    select 'started_at_home', period_id, person_key, since_date, {{ academic_year('since_date') }}
    from started_at_home
),

-- Of school age at home in the county, with SEN on record by the day.
out_of_school_with_sen as (
    select
        away.kind,
        away.period_id,
        away.person_key,
        {{ age_at('person.birth_date', date_of('away.academic_year', 8, 31)) }} as age_years,
        coalesce(person.in_county, true)
        and coalesce(first_sen.first_month <= {{ months_of('away.on_date') }}, false)
        and coalesce(
            {{ age_at('person.birth_date', date_of('away.academic_year', 8, 31)) }} between 5 and 15, false
        ) as is_counted
    from out_of_school as away
    inner join person on person.person_key = away.person_key
    left join first_sen on first_sen.person_key = away.person_key
),

-- IN08: educated at home on the stock date, and since a day of the year.
in08 as (
    {% for variant, kind in [('base', 'elective_home_education'), ('started', 'started_at_home')] %}
    select
        'IN08' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_counted') }} as numerator,
        0.0 as denominator,
        {{ counted('not is_counted') }} as excluded,
        cast(null as double) as value
    from out_of_school_with_sen
    where kind = '{{ kind }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- IN09: missing education on the stock date.
in09 as (
    select
        'IN09' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_counted') }} as numerator,
        0.0 as denominator,
        {{ counted('not is_counted') }} as excluded,
        cast(null as double) as value
    from out_of_school_with_sen
    where kind = 'missing_education'
),

-- Alternative provision open on the January census day. The council's census tells of each year anew; a school's placement
-- goes on until a later census no longer tells of it.
alternative as (
    select
        period.period_id,
        placements.alternative_provision_key,
        placements.person_key,
        {{ age_at('person.birth_date', date_of('period.academic_year', 8, 31)) }} as age_years,
        plans.person_key is not null
        or coalesce(january_roll.has_sen, false)
        or coalesce(placements.sen_provision in ('K', 'E'), false) as has_sen,
        placements.urn is null and placements.ukprn is not null as is_unregistered,
        placements.is_without_number
    from period
    inner join {{ ref('fct_alternative_provision') }} as placements
        on coalesce(placements.entry_date <= period.stock_date, true)
        and coalesce(placements.leaving_date >= period.stock_date, true)
        and (
            placements.told_year = period.academic_year + 1
            or (placements.arranged_by = 'school' and placements.told_year > period.academic_year + 1)
        )
    inner join person on person.person_key = placements.person_key
    left join january_roll
        on january_roll.person_key = placements.person_key and january_roll.academic_year = period.academic_year
    left join {{ ref('equity__plan_in_force') }} as plans
        on plans.period_id = period.period_id and plans.person_key = placements.person_key
    where period.period_type = 'calendar_year'
),

-- IN10: placements of children with SEN, and placements at providers that are not registered as schools.
in10 as (
    select
        'IN10' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        alternative_provision_key as event_key,
        age_years,
        {{ counted('has_sen') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from alternative
    union all
    select
        'IN10' as metric_id,
        'unregistered' as variant,
        period_id,
        person_key,
        alternative_provision_key as event_key,
        age_years,
        {{ counted('is_unregistered') }} as numerator,
        {{ counted('not is_without_number') }} as denominator,
        {{ counted('is_without_number') }} as excluded,
        cast(null as double) as value
    from alternative
),

next_census as (
    select census_month, lead(census_month) over (order by census_month) as next_month
    from (select distinct census_month from roll) as taken
),

-- Pupils with SEN in years 7 to 11, census by census, with the census after. Year 11 ends in summer.
secondary as (
    select
        roll.person_key,
        roll.academic_year,
        roll.school_number,
        case
            when roll.nc_year_actual = '11' and next_census.next_month > 12 * (roll.academic_year + 1) + 8 then null
            else next_census.next_month
        end as next_month
    from roll
    inner join next_census on next_census.census_month = roll.census_month
    where roll.is_main_enrolment and roll.has_sen and roll.nc_year_actual in ('7', '8', '9', '10', '11')
),

-- A school that the plan names and the child attends is a known one, also where it makes no census.
attended_by_plan as (
    select distinct secondary.person_key, secondary.next_month
    from secondary
    inner join {{ ref('fct_placement') }} as placements
        on placements.person_key = secondary.person_key
        and placements.kind = 'attended'
        and placements.establishment_key is not null
        and coalesce({{ months_of('placements.entry_date') }} <= secondary.next_month, true)
        and coalesce({{ months_of('placements.leaving_date') }} >= secondary.next_month, true)
),

followed as (
    select
        secondary.person_key,
        secondary.academic_year,
        secondary.next_month is not null and found.person_key is null and attended_by_plan.person_key is null as is_not_found,
        returned.school_number is not null as has_school_returned
    from secondary
    left join (select distinct person_key, census_month from roll) as found
        on found.person_key = secondary.person_key and found.census_month = secondary.next_month
    left join (select distinct school_number, census_month from roll) as returned
        on returned.school_number = secondary.school_number and returned.census_month = secondary.next_month
    left join attended_by_plan
        on attended_by_plan.person_key = secondary.person_key and attended_by_plan.next_month = secondary.next_month
),

moved as (
    select
        person_key,
        academic_year,
        bool_or(is_not_found and has_school_returned) as is_gone,
        bool_or(is_not_found and not has_school_returned) as is_unknown
    from followed
    group by person_key, academic_year
),

-- IN11: off the roll of a school that made the next census, and on no other.
in11 as (
    select
        'IN11' as metric_id,
        'base' as variant,
        period.period_id,
        moved.person_key,
        moved.person_key as event_key,
        {{ age_at('person.birth_date', date_of('period.academic_year', 8, 31)) }} as age_years,
        {{ counted('moved.is_gone') }} as numerator,
        {{ counted('moved.is_gone or not moved.is_unknown') }} as denominator,
        {{ counted('moved.is_unknown and not moved.is_gone') }} as excluded,
        cast(null as double) as value
    from period
    inner join moved on moved.academic_year = period.academic_year
    inner join person on person.person_key = moved.person_key
    where period.period_type = 'academic_year'
)

{% for metric in ['in01', 'in02', 'in03', 'in04', 'in05', 'in06', 'in07', 'in08', 'in09', 'in10', 'in11'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
