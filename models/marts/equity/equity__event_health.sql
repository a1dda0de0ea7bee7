-- Health and care: waits, missed appointments, therapy that plans specify, children known to social care, and short breaks.
with period as (
    -- The last day of a period under way is as_at.
    select
        period_id, period_type, start_date, end_date, least(end_date, {{ date_var('as_at') }}) as last_day, stock_date,
        academic_year, year_period_id, is_whole
    from {{ ref('dim_period') }}
),

person as (
    select person_key, birth_date from {{ ref('dim_person') }}
),

-- Only from the provider's first month on: of the time before, the files hold those alone who were still waiting or in treatment.
referral as (
    select
        health_referral_key,
        person_key,
        service,
        received_date,
        first_attended_date,
        least(closure_date, rejection_date, discharge_date) as left_date,
        days_to_first_contact,
        age_at_received,
        reported_from
    from {{ ref('fct_health_referral') }}
),

-- Waits are told by year and in it.
wait_period as (
    select * from period
    where period_type in ('calendar_year', 'month', 'quarter')
),

first_seen as (
    select period.period_id, referral.*
    from wait_period as period
    inner join referral on referral.first_attended_date between period.start_date and period.end_date
        and coalesce(referral.first_attended_date >= referral.reported_from, true)
    where referral.service in ('SLT', 'OT', 'PHYSIO')
),

waiting as (
    select
        period.period_id,
        period.period_type,
        referral.*,
        {{ days_between('referral.received_date', 'period.last_day') }} as days_waited
    from wait_period as period
    inner join referral
        on referral.received_date <= period.last_day
        and coalesce(referral.reported_from <= period.last_day, true)
        and coalesce(referral.first_attended_date > period.last_day, true)
        and coalesce(referral.left_date > period.last_day, true)
),

-- HC01: waits open on the last day of a month, and of a year; 18 and 52 weeks are 126 and 364 days.
hc01 as (
    {% for variant, days, service in [
        ('base', 126, none), ('over_52_weeks', 364, none), ('slt', 126, 'SLT'), ('ot', 126, 'OT'), ('physio', 126, 'PHYSIO'),
        ('paediatrics', 126, 'PAED'), ('audiology', 126, 'AUD'),
    ] -%}
    select
        'HC01' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        health_referral_key as event_key,
        age_at_received as age_years,
        {{ counted('days_waited > ' ~ days) }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        days_waited / 7.0 as value
    from waiting
    where period_type in ('calendar_year', 'month'){% if service %} and service = '{{ service }}'{% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC02: speech and language therapy; referrals first seen in the period, and those that wait on its last day.
hc02 as (
    select
        'HC02' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        health_referral_key as event_key,
        age_at_received as age_years,
        {{ counted('days_to_first_contact <= 126') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from first_seen
    where service = 'SLT'
    union all
    select
        'HC02' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        health_referral_key as event_key,
        age_at_received as age_years,
        0.0 as numerator,
        0.0 as denominator,
        1.0 as excluded,
        cast(null as double) as value
    from waiting
    where service = 'SLT'
),

-- HC03: the same for occupational therapy and physiotherapy.
hc03 as (
    select
        'HC03' as metric_id,
        case service when 'OT' then 'occupational_therapy' else 'physiotherapy' end as variant,
        period_id,
        person_key,
        health_referral_key as event_key,
        age_at_received as age_years,
        {{ counted('days_to_first_contact <= 126') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from first_seen
    where service in ('OT', 'PHYSIO')
    union all
    select
        'HC03' as metric_id,
        case service when 'OT' then 'occupational_therapy' else 'physiotherapy' end as variant,
        period_id,
        person_key,
        health_referral_key as event_key,
        age_at_received as age_years,
        0.0 as numerator,
        0.0 as denominator,
        1.0 as excluded,
        cast(null as double) as value
    from waiting
    where service in ('OT', 'PHYSIO')
),

-- HC04 and HC05: weekly lists of the pathways. A month, or a year, counts once the service had sent a list; a wait that vanished from the
-- lists without an outcome is left out from then on.
listed_from as (
    select service, min(first_listed_date) as listed_from
    from {{ ref('fct_waiting') }}
    group by service
),

on_list as (
    select
        period.period_id,
        listed.waiting_key,
        listed.person_key,
        listed.service,
        {{ age_at('person.birth_date', 'listed.referral_date') }} as age_at_referral,
        {{ days_between('listed.referral_date', 'period.last_day') }} as days_waited,
        listed.has_vanished and listed.last_listed_date < period.last_day as is_lost
    from period
    inner join {{ ref('fct_waiting') }} as listed
        on listed.referral_date <= period.last_day
        and (listed.is_on_latest_list or listed.has_vanished or listed.status_since_date > period.last_day)
    inner join listed_from on listed_from.service = listed.service and listed_from.listed_from <= period.last_day
    inner join person on person.person_key = listed.person_key
    where period.period_type in ('calendar_year', 'month') and listed.service in ('AUTISM', 'ADHD')
),

hc04 as (
    select
        'HC04' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        waiting_key as event_key,
        age_at_referral as age_years,
        {{ counted('not is_lost and days_waited > 91') }} as numerator,
        {{ counted('not is_lost') }} as denominator,
        {{ counted('is_lost') }} as excluded,
        cast(null as double) as value
    from on_list
    where service = 'AUTISM'
),

hc05 as (
    {% for variant, days in [('over_18_weeks', 126), ('over_52_weeks', 364)] -%}
    select
        'HC05' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        waiting_key as event_key,
        age_at_referral as age_years,
        {{ counted('not is_lost and days_waited > ' ~ days) }} as numerator,
        {{ counted('not is_lost') }} as denominator,
        {{ counted('is_lost') }} as excluded,
        case when not is_lost then days_waited / 7.0 end as value
    from on_list
    where service = 'ADHD'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC07: hearing tests within 6 weeks (42 days) of referral; wheelchairs and equipment handed over within 18 (126 days).
hc07 as (
    {% for variant, service, done, days in [
        ('hearing_test', 'AUD', 'assessed_date', 42), ('wheelchair', 'WHEEL', 'issued_date', 126), ('equipment', 'EQUIP', 'issued_date', 126)
    ] -%}
    select
        'HC07' as metric_id,
        '{{ variant }}' as variant,
        period.period_id,
        ordered.person_key,
        ordered.equipment_key as event_key,
        {{ age_at('person.birth_date', 'ordered.referral_date') }} as age_years,
        {{ counted(days_between('ordered.referral_date', 'ordered.' ~ done) ~ ' between 0 and ' ~ days) }} as numerator,
        {{ counted('ordered.referral_date <= ordered.' ~ done) }} as denominator,
        1.0 - {{ counted('ordered.referral_date <= ordered.' ~ done) }} as excluded,
        cast(null as double) as value
    from period
    inner join {{ ref('fct_equipment') }} as ordered on ordered.{{ done }} between period.start_date and period.end_date
    inner join person on person.person_key = ordered.person_key
    where period.period_type = 'calendar_year' and ordered.service = '{{ service }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC08: booked contacts from the provider's first month on; a row a child.
provider as (
    select provider, min(reported_from) as reported_from
    from {{ ref('fct_health_referral') }}
    group by provider
),

booked as (
    select
        period.period_id,
        contacts.person_key,
        max(period.stock_date) as stock_date,
        count(contacts.attendance_status) as booked,
        sum({{ counted("contacts.attendance_status = '3'") }}) as not_brought,
        sum({{ counted("contacts.attendance_status = '2'") }}) as cancelled_by_family,
        sum({{ counted("contacts.attendance_status = '4'") }}) as cancelled_by_provider,
        sum({{ counted('contacts.attendance_status is null') }}) as without_status
    from period
    inner join {{ ref('fct_health_contact') }} as contacts
        on contacts.contact_date between period.start_date and period.last_day
    inner join provider
        on coalesce(provider.provider, '') = coalesce(contacts.provider, '')
        and coalesce(provider.reported_from <= contacts.contact_date, true)
    where period.period_type in ('calendar_year', 'quarter')
    group by period.period_id, contacts.person_key
),

hc08 as (
    {% for variant in ['not_brought', 'cancelled_by_family', 'cancelled_by_provider'] -%}
    select
        'HC08' as metric_id,
        '{{ variant }}' as variant,
        booked.period_id,
        booked.person_key,
        booked.person_key as event_key,
        {{ age_at('person.birth_date', 'booked.stock_date') }} as age_years,
        booked.{{ variant }} as numerator,
        booked.booked as denominator,
        booked.without_status as excluded,
        cast(null as double) as value
    from booked
    inner join person on person.person_key = booked.person_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC09: therapy lines of plans in force on the stock date of the year or term, with what was delivered; a row a child.
therapy_line as (
    select
        in_force.period_id,
        in_force.person_key,
        in_force.plan_key,
        in_force.age_at_stock_date,
        line.hours_a_year_specified as specified,
        line.hours_a_year_delivered as delivered,
        line.hours_a_year_specified is not null and line.hours_a_year_delivered is not null as is_known
    from {{ ref('equity__plan_on_day') }} as in_force
    inner join {{ ref('fct_provision') }} as line
        on line.plan_key = in_force.plan_key
        and line.provision_type in ('SLT', 'OT', 'PHYSIO')
        and coalesce(line.from_date <= in_force.stock_date, true)
        and coalesce(line.to_date >= in_force.stock_date, true)
    where in_force.period_type in ('calendar_year', 'term')
),

hc09 as (
    {% for variant, numerator, denominator in [
        ('lines', counted('is_known and delivered >= specified'), counted('is_known')),
        ('hours_delivered', 'case when is_known then delivered else 0 end', 'case when is_known then specified else 0 end'),
    ] -%}
    select
        'HC09' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        plan_key as event_key,
        max(age_at_stock_date) as age_years,
        {{ exact_sum(numerator) }} as numerator,
        {{ exact_sum(denominator) }} as denominator,
        sum({{ counted('not is_known') }}) as excluded,
        cast(null as double) as value
    from therapy_line
    group by period_id, person_key, plan_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC10 and HC11: children known to social care on 31 March, by the spring census before it. Only years that have ended.
spring_census as (
    select census_year, person_key, min(sen_provision) as sen_provision
    from {{ ref('fct_pupil_term') }}
    where census_term = 'spring' and is_main_enrolment
    group by census_year, person_key
),

in_care as (
    select distinct
        period.period_id,
        period.end_date,
        period.academic_year,
        spells.person_key,
        spells.kind = 'looked_after' as is_looked_after
    from period
    inner join {{ ref('fct_care_episode') }} as spells
        on spells.start_date <= case when spells.kind = 'looked_after' then {{ months_after('period.end_date', -12) }} else period.end_date end
        and (spells.end_date is null or spells.end_date > period.end_date)
    where period.period_type = 'financial_year' and period.is_whole
),

in_care_with_sen as (
    select
        in_care.*,
        {{ age_at('person.birth_date', 'in_care.end_date') }} as age_years,
        {{ age_at('person.birth_date', date_of('in_care.academic_year', 8, 31)) }} as age_at_31_august,
        spring_census.sen_provision
    from in_care
    inner join person on person.person_key = in_care.person_key
    left join spring_census
        on spring_census.person_key = in_care.person_key and spring_census.census_year = in_care.academic_year + 1
),

hc10 as (
    {% for variant, provision in [('support', 'K'), ('plan', 'E')] -%}
    select
        'HC10' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted("sen_provision = '" ~ provision ~ "'") }} as numerator,
        {{ counted('sen_provision is not null') }} as denominator,
        {{ counted('sen_provision is null') }} as excluded,
        cast(null as double) as value
    from in_care_with_sen
    where is_looked_after
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

hc11 as (
    {% for variant, provision in [('support', 'K'), ('plan', 'E')] -%}
    select
        'HC11' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted("age_at_31_august between 5 and 15 and sen_provision = '" ~ provision ~ "'") }} as numerator,
        {{ counted('age_at_31_august between 5 and 15 and sen_provision is not null') }} as denominator,
        1.0 - {{ counted('age_at_31_august between 5 and 15 and sen_provision is not null') }} as excluded,
        cast(null as double) as value
    from in_care_with_sen
    where not is_looked_after
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- HC12: in a year, or a quarter of it; under 18 on the stock date, with a disability that a children in need census records or with a plan.
disabled_or_plan as (
    select period.period_id, disability.person_key
    from period
    inner join {{ ref('bridge_person_disability') }} as disability
        on disability.disability <> 'NONE' and disability.collection_year <= period.academic_year + 1
    where period.period_type in ('financial_year', 'quarter')
    union
    select period.period_id, plans.person_key
    from period
    inner join {{ ref('equity__plan_in_force') }} as plans on plans.period_id = period.year_period_id
    where period.period_type in ('financial_year', 'quarter')
),

-- Breaks that ran on any day of the year; hours and nights are of breaks that began in it.
break_of_year as (
    select
        period.period_id,
        breaks.person_key,
        {{ exact_sum("case when breaks.unit = 'hours' and breaks.from_date >= period.start_date then breaks.quantity end") }} as hours,
        {{ exact_sum("case when breaks.unit = 'nights' and breaks.from_date >= period.start_date then breaks.quantity end") }} as nights
    from period
    inner join {{ ref('fct_short_break') }} as breaks
        on breaks.from_date <= period.last_day and (breaks.to_date is null or breaks.to_date >= period.start_date)
    where period.period_type in ('financial_year', 'quarter') and breaks.person_key is not null
    group by period.period_id, breaks.person_key
),

child_of_year as (
    select
        period.period_id,
        person.person_key,
        {{ age_at('person.birth_date', 'period.stock_date') }} as age_years,
        base.person_key is not null as is_in_base,
        given.person_key is not null as has_break,
        given.hours,
        given.nights
    from disabled_or_plan as base
    full outer join break_of_year as given on given.period_id = base.period_id and given.person_key = base.person_key
    inner join period on period.period_id = coalesce(base.period_id, given.period_id)
    inner join person on person.person_key = coalesce(base.person_key, given.person_key)
),

hc12 as (
    select
        'HC12' as metric_id,
        'base' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        {{ counted('is_in_base and age_years < 18 and has_break') }} as numerator,
        {{ counted('is_in_base and age_years < 18') }} as denominator,
        {{ counted('has_break and not coalesce(is_in_base and age_years < 18, false)') }} as excluded,
        cast(null as double) as value
    from child_of_year
    where has_break or age_years < 18
    {% for unit in ['hours', 'nights'] -%}
    union all
    select
        'HC12' as metric_id,
        '{{ unit }}' as variant,
        period_id,
        person_key,
        person_key as event_key,
        age_years,
        0.0 as numerator,
        1.0 as denominator,
        0.0 as excluded,
        {{ unit }} as value
    from child_of_year
    where {{ unit }} is not null
    {% endfor %}
),

-- HC13: placements that education, health and social care pay together; a row a child.
funded as (
    select
        period.period_id,
        period.stock_date,
        coalesce(money.person_key, 'unknown') as person_key,
        coalesce(money.person_key, money.commitment_key) as event_key,
        {{ exact_sum('coalesce(money.amount_education, 0)') }} as education,
        {{ exact_sum('coalesce(money.amount_health, 0)') }} as health,
        {{ exact_sum('coalesce(money.amount_care, 0)') }} as care
    from period
    inner join {{ ref('fct_commitment') }} as money
        on money.kind = 'placement' and money.financial_year = period.academic_year
    where period.period_type = 'financial_year'
    group by period.period_id, period.stock_date, money.person_key, coalesce(money.person_key, money.commitment_key)
),

hc13 as (
    select
        'HC13' as metric_id,
        'share' as variant,
        funded.period_id,
        funded.person_key,
        funded.event_key,
        {{ age_at('person.birth_date', 'funded.stock_date') }} as age_years,
        {{ counted('(' ~ counted('funded.education > 0') ~ ') + (' ~ counted('funded.health > 0') ~ ') + (' ~ counted('funded.care > 0') ~ ') >= 2') }}
            as numerator,
        {{ counted('funded.education + funded.health + funded.care > 0') }} as denominator,
        1.0 - {{ counted('funded.education + funded.health + funded.care > 0') }} as excluded,
        cast(null as double) as value
    from funded
    left join person on person.person_key = funded.person_key
    {% for variant, part in [('paid_by_health', 'health'), ('paid_by_care', 'care')] -%}
    union all
    select
        'HC13' as metric_id,
        '{{ variant }}' as variant,
        funded.period_id,
        funded.person_key,
        funded.event_key,
        {{ age_at('person.birth_date', 'funded.stock_date') }} as age_years,
        greatest(funded.{{ part }}, 0) as numerator,
        greatest(funded.education, 0) + greatest(funded.health, 0) + greatest(funded.care, 0) as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from funded
    left join person on person.person_key = funded.person_key
    {% endfor %}
)

{% for metric in ['hc01', 'hc02', 'hc03', 'hc04', 'hc05', 'hc07', 'hc08', 'hc09', 'hc10', 'hc11', 'hc12', 'hc13'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
