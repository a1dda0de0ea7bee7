-- Early identification: health visiting reviews and what follows them, the age at the first SEN record, the months of SEN support
-- before a request, and the pupils who were excluded before anyone had recorded a need. Census days count as their month, so
-- ages and waits of school records are calendar months.
with period as (
    select period_id, period_type, start_date, end_date
    from {{ ref('dim_period') }}
),

census as (
    select person_key, sen_provision, {{ census_month('census_year', 'census_term') }} as seen_month
    from {{ ref('fct_pupil_term') }}
    where is_main_enrolment
),

record as (
    select person_key, sen_provision, seen_month, false as is_told
    from census
    where sen_provision in ('K', 'E')
    union all
    select person_key, sen_provision, {{ months_of('start_date') }} as seen_month, true as is_told
    from {{ ref('fct_sen_history') }}
    where sen_provision in ('K', 'E')
),

first_seen as (
    select person_key, min(seen_month) as first_seen_month
    from census
    group by person_key
),

first_record as (
    select
        person_key,
        min(seen_month) as first_sen_month,
        min(case when is_told then seen_month end) as first_told_month,
        min(case when sen_provision = 'K' then seen_month end) as first_support_month,
        min(case when sen_provision = 'K' and is_told then seen_month end) as first_told_support_month
    from record
    group by person_key
),

-- The start of a record is known where a school told it, where an earlier census saw the pupil without it, or where the pupil
-- was under five: too young to have been in an earlier census. Else it began at an unknown time before the first file.
pupil as (
    select
        person.person_key,
        person.birth_date,
        {{ months_of('person.birth_date') }} as birth_month,
        first_seen.first_seen_month,
        first_record.first_sen_month,
        first_record.first_support_month,
        coalesce(
            first_record.first_sen_month = first_record.first_told_month
            or first_record.first_sen_month > first_seen.first_seen_month
            or first_record.first_sen_month - {{ months_of('person.birth_date') }} < 60,
            false
        ) as is_sen_start_known,
        coalesce(
            first_record.first_support_month = first_record.first_told_support_month
            or first_record.first_support_month > first_seen.first_seen_month
            or first_record.first_support_month - {{ months_of('person.birth_date') }} < 60,
            false
        ) as is_support_start_known
    from {{ ref('dim_person') }} as person
    left join first_seen on first_seen.person_key = person.person_key
    left join first_record on first_record.person_key = person.person_key
    where first_seen.person_key is not null or first_record.person_key is not null
),

-- ID05: age in months at the first SEN record.
identified as (
    select
        period.period_id,
        pupil.person_key,
        pupil.first_sen_month - pupil.birth_month as age_months,
        pupil.is_sen_start_known and coalesce(pupil.first_sen_month >= pupil.birth_month, false) as is_known
    from period
    inner join pupil
        on pupil.first_sen_month between {{ months_of('period.start_date') }} and {{ months_of('period.end_date') }}
    where period.period_type = 'academic_year'
),

id05 as (
    select
        'ID05' as metric_id,
        'base' as variant,
        identified.period_id,
        identified.person_key,
        identified.person_key as event_key,
        cast(floor(identified.age_months / 12.0) as integer) as age_years,
        {{ counted('identified.is_known and identified.age_months < 60') }} as numerator,
        {{ counted('identified.is_known') }} as denominator,
        {{ counted('not identified.is_known') }} as excluded,
        case when identified.is_known then cast(identified.age_months as double) end as value
    from identified
),

-- ID07: children who turn 914 days in the period, reviewed by that day. A child whom two providers list is one child.
due as (
    select
        reviews.person_key,
        coalesce({{ days_after('person.birth_date', 914) }}, min(reviews.due_date)) as due_date,
        min(reviews.held_date) as held_date,
        min(reviews.health_review_key) as health_review_key
    from {{ ref('fct_health_review') }} as reviews
    inner join {{ ref('dim_person') }} as person on person.person_key = reviews.person_key
    where reviews.review_type = '2_years'
    group by reviews.person_key, person.birth_date
),

id07 as (
    select
        'ID07' as metric_id,
        'base' as variant,
        period.period_id,
        due.person_key,
        due.health_review_key as event_key,
        2 as age_years,
        {{ counted('due.held_date <= due.due_date') }} as numerator,
        1.0 as denominator,
        0.0 as excluded,
        cast(null as double) as value
    from period
    inner join due on due.due_date between period.start_date and period.end_date and due.due_date <= {{ date_var('as_at') }}
    where period.period_type in ('financial_year', 'quarter')
),

-- ID08: reviews held at 24 to 31 months with scores; and of those below in an area, the child referred by day 56. A referral
-- that was open when the review was held counts, for the need was known already.
reviewed as (
    select
        reviews.person_key,
        reviews.held_date,
        min(reviews.health_review_key) as health_review_key,
        max(reviews.areas_below_cutoff_count) as below_count,
        {{ age_at('person.birth_date', 'reviews.held_date') }} as age_at_held,
        reviews.held_date >= {{ months_after('person.birth_date', 24) }}
        and reviews.held_date < {{ months_after('person.birth_date', 32) }} as is_of_age
    from {{ ref('fct_health_review') }} as reviews
    inner join {{ ref('dim_person') }} as person on person.person_key = reviews.person_key
    where reviews.review_type = '2_years' and reviews.was_held
    group by reviews.person_key, person.birth_date, reviews.held_date
),

scored as (
    select
        period.period_id,
        reviewed.*,
        coalesce(reviewed.is_of_age and reviewed.below_count is not null, false) as is_scored,
        {{ days_after('reviewed.held_date', 56) }} as last_day,
        exists (
            select 1
            from {{ ref('fct_health_referral') }} as referrals
            where
                referrals.person_key = reviewed.person_key
                and referrals.service in ('SLT', 'PAED')
                and referrals.received_date <= {{ days_after('reviewed.held_date', 56) }}
                and (
                    referrals.received_date >= reviewed.held_date
                    or coalesce(
                        least(referrals.closure_date, referrals.rejection_date, referrals.discharge_date) >= reviewed.held_date,
                        true
                    )
                )
        ) as is_referred
    from period
    inner join reviewed on reviewed.held_date between period.start_date and period.end_date
    where period.period_type in ('financial_year', 'quarter')
),

id08 as (
    select
        'ID08' as metric_id,
        'base' as variant,
        scored.period_id,
        scored.person_key,
        scored.health_review_key as event_key,
        scored.age_at_held as age_years,
        {{ counted('scored.is_scored and scored.below_count > 0') }} as numerator,
        {{ counted('scored.is_scored') }} as denominator,
        {{ counted('not scored.is_scored') }} as excluded,
        cast(null as double) as value
    from scored
    union all
    select
        'ID08' as metric_id,
        'referred' as variant,
        scored.period_id,
        scored.person_key,
        scored.health_review_key as event_key,
        scored.age_at_held as age_years,
        {{ counted('scored.is_referred and scored.last_day <= ' ~ date_var('as_at')) }} as numerator,
        {{ counted('scored.last_day <= ' ~ date_var('as_at')) }} as denominator,
        {{ counted('scored.last_day > ' ~ date_var('as_at')) }} as excluded,
        cast(null as double) as value
    from scored
    where scored.is_scored and scored.below_count > 0
),

-- ID10: months from the first SEN support to the request, and who had none.
asked as (
    select
        period.period_id,
        requests.person_key,
        requests.request_key,
        requests.age_at_received,
        coalesce(pupil.first_support_month <= {{ months_of('requests.received_date') }}, false) as was_supported,
        coalesce(
            least(pupil.first_seen_month, pupil.first_sen_month) <= {{ months_of('requests.received_date') }}, false
        ) as has_history,
        pupil.is_support_start_known,
        {{ months_of('requests.received_date') }} - pupil.first_support_month as months_of_support
    from period
    inner join {{ ref('fct_request') }} as requests
        on requests.received_date between period.start_date and period.end_date
    left join pupil on pupil.person_key = requests.person_key
    where period.period_type = 'calendar_year'
),

id10 as (
    select
        'ID10' as metric_id,
        'base' as variant,
        asked.period_id,
        asked.person_key,
        asked.request_key as event_key,
        asked.age_at_received as age_years,
        {{ counted('asked.is_support_start_known and asked.months_of_support < 12') }} as numerator,
        {{ counted('asked.is_support_start_known') }} as denominator,
        {{ counted('not asked.is_support_start_known') }} as excluded,
        case when asked.is_support_start_known then cast(asked.months_of_support as double) end as value
    from asked
    where asked.was_supported
    union all
    select
        'ID10' as metric_id,
        'never_supported' as variant,
        asked.period_id,
        asked.person_key,
        asked.request_key as event_key,
        asked.age_at_received as age_years,
        {{ counted('asked.has_history and not asked.was_supported') }} as numerator,
        {{ counted('asked.has_history') }} as denominator,
        {{ counted('not asked.has_history') }} as excluded,
        cast(null as double) as value
    from asked
),

-- ID11: the first suspension, permanent exclusion or start in alternative provision of a pupil's academic year.
event as (
    select person_key, exclusion_key as event_key, start_date as event_date, sen_provision
    from {{ ref('fct_exclusion') }}
    where withdrawn_date is null
    union all
    select person_key, alternative_provision_key as event_key, entry_date as event_date, sen_provision
    from {{ ref('fct_alternative_provision') }}
),

first_event as (
    select
        period.period_id,
        event.person_key,
        event.event_key,
        event.event_date,
        event.sen_provision,
        row_number() over (partition by period.period_id, event.person_key order by event.event_date, event.event_key) as nth
    from period
    inner join event on event.event_date between period.start_date and period.end_date
    where period.period_type = 'academic_year'
),

first_plan as (
    select person_key, min(start_date) as start_date
    from {{ ref('fct_plan') }}
    group by person_key
),

-- What the notice or the list of alternative provision says of SEN is a record too.
missed as (
    select
        first_event.period_id,
        first_event.person_key,
        first_event.event_key,
        {{ age_at('person.birth_date', 'first_event.event_date') }} as age_at_event,
        pupil.person_key is not null or first_plan.person_key is not null or first_event.sen_provision is not null as has_history,
        coalesce(first_event.sen_provision in ('K', 'E'), false)
        or coalesce(pupil.first_sen_month <= {{ months_of('first_event.event_date') }}, false)
        or coalesce(first_plan.start_date <= first_event.event_date, false) as was_identified,
        least(pupil.first_sen_month, {{ months_of('first_plan.start_date') }})
        - {{ months_of('first_event.event_date') }} as months_after_event
    from first_event
    inner join {{ ref('dim_person') }} as person on person.person_key = first_event.person_key
    left join pupil on pupil.person_key = first_event.person_key
    left join first_plan on first_plan.person_key = first_event.person_key
    where first_event.nth = 1
),

id11 as (
    {% for variant, missed_one in [
        ('later', 'missed.months_after_event <= 12'), ('never', 'missed.months_after_event is null')
    ] %}
    select
        'ID11' as metric_id,
        '{{ variant }}' as variant,
        missed.period_id,
        missed.person_key,
        missed.event_key,
        missed.age_at_event as age_years,
        {{ counted('missed.has_history and not missed.was_identified and ' ~ missed_one) }} as numerator,
        {{ counted('missed.has_history') }} as denominator,
        {{ counted('not missed.has_history') }} as excluded,
        cast(null as double) as value
    from missed
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

{% for metric in ['id05', 'id07', 'id08', 'id10', 'id11'] -%}
select {{ metric_event_columns() }} from {{ metric }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
