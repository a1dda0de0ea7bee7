-- Of which ended periods a metric saw but a part. Attendance lands term by term: a term that is told of fewer than half as many
-- children as the fullest one of its year did not land. A child crosses a tenth more easily in one term than in three, so such a
-- year is called no whole one, and is not set beside the others.
with told as (
    select academic_year, term, count(distinct person_key) as children
    from (
        -- a term with a number that nobody knows tells nothing, as in IN01
        select academic_year, term, person_key
        from {{ ref('fct_attendance') }}
        where is_preferred
        group by academic_year, term, person_key, establishment_key
        having count(*) = count(sessions)
    ) as known
    group by academic_year, term
),

fullest as (
    select academic_year, max(children) as children
    from told
    group by academic_year
),

term as (
    {% for term in ['autumn', 'spring', 'summer'] -%}
    select '{{ term }}' as term, {{ loop.index }} as place
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

missing as (
    select period.period_id, 'attendance of ' || {{ joined_text('term.term', ' and ', 'term.place') }} as missing_part
    from {{ ref('dim_period') }} as period
    inner join fullest on fullest.academic_year = period.academic_year
    cross join term
    left join told on told.academic_year = period.academic_year and told.term = term.term
    where
        period.period_type in ('academic_year', 'term')
        and coalesce(term.term = period.school_term, true)
        and period.is_whole
        and coalesce(told.children, 0) * 2 < fullest.children
    group by period.period_id
)

select metric.metric_id, missing.period_id, missing.missing_part
from missing
cross join (
    {% for metric in ['IN01', 'IN02', 'IN03', 'IN07'] -%}
    select '{{ metric }}' as metric_id
    union
    select metric_id from {{ ref('metric_gap') }}
    where of_metric_id = '{{ metric }}'
    {{ 'union' if not loop.last }}
    {% endfor %}
) as metric
