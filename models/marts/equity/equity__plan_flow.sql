-- What the forecast of plans (PL18) is made from: plans in force at the opening and the close of each of the last years, by home
-- district, primary need and age. Years are those that end on the newest stock date and its anniversaries. A year counts only if
-- plans that ceased in it are known: an extract without ceased plans knows no flows.
with newest as (
    select max(stock_date) as stock_date
    from {{ ref('dim_period') }}
    where period_type = 'calendar_year'
),

years as (
    {% for back in range(5) -%}
    select
        {{ months_after('stock_date', -12 * (back + 1)) }} as open_date,
        {{ months_after('stock_date', -12 * back) }} as close_date
    from newest
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

leavers as (
    select
        years.open_date,
        years.close_date,
        count(*) as opened,
        sum({{ counted('plans.cease_date <= years.close_date') }}) as ceased
    from years
    inner join {{ ref('fct_plan') }} as plans on {{ plan_in_force('years.open_date') }}
    group by years.open_date, years.close_date
),

-- An assumption: no year has less than half the newest one's share of leavers. Back from the newest, years count up to the first
-- that says so; in it, and before it, plans that ceased were not kept.
flow_year as (
    select open_date, close_date
    from (
        select
            open_date,
            close_date,
            min(1.0 * ceased / opened) over (order by close_date desc) as least_share,
            first_value(1.0 * ceased / opened) over (order by close_date desc) as newest_share
        from leavers
    ) as shares
    where least_share > 0 and least_share >= 0.5 * newest_share
),

stock_day as (
    select open_date as day from flow_year
    union
    select close_date from flow_year
),

in_force as (
    select
        stock_day.day,
        plans.plan_key,
        plans.person_key,
        row_number() over (partition by stock_day.day, plans.person_key order by plans.start_date desc, plans.plan_key) as nth
    from stock_day
    inner join {{ ref('fct_plan') }} as plans
        on {{ plan_in_force('stock_day.day') }}
),

plan_need as (
    select
        in_force.day,
        in_force.plan_key,
        needs.sen_type,
        row_number() over (
            partition by in_force.day, in_force.plan_key order by needs.from_date desc nulls last, needs.need_key
        ) as nth
    from in_force
    inner join {{ ref('fct_need') }} as needs
        on needs.plan_key = in_force.plan_key
        and {{ first_need('in_force.day') }}
),

child as (
    select
        in_force.day,
        in_force.person_key,
        {{ home_area('case when person.in_county then ' ~ known_area('person.district_code', 'district') ~ ' end', 'person.in_county') }}
            as district,
        coalesce({{ known_code('plan_need.sen_type', 'code_sen_type_census') }}, 'unknown') as need,
        {{ age_at('person.birth_date', date_of(academic_year('in_force.day'), 8, 31)) }} as age
    from in_force
    inner join {{ ref('dim_person') }} as person on person.person_key = in_force.person_key
    left join plan_need
        on plan_need.day = in_force.day and plan_need.plan_key = in_force.plan_key and plan_need.nth = 1
    where in_force.nth = 1 and person.birth_date is not null
),

opened as (
    select
        flow_year.close_date,
        opening.district,
        opening.need,
        opening.age + 1 as age,
        count(*) as opened,
        count(closing.person_key) as stayed
    from flow_year
    inner join child as opening on opening.day = flow_year.open_date
    left join child as closing
        on closing.day = flow_year.close_date
        and closing.person_key = opening.person_key
        and closing.need = opening.need
    group by flow_year.close_date, opening.district, opening.need, opening.age
),

closed as (
    select day, district, need, age, count(*) as closed
    from child
    group by day, district, need, age
),

ages as (
    {% for age in range(26) -%}
    select {{ age }} as age
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Every cell of every year, also where nobody is.
cell as (
    select
        flow_year.open_date,
        flow_year.close_date,
        district.district,
        need.need,
        ages.age,
        {{ provision_phase('ages.age') }} as phase
    from flow_year
    cross join (select distinct district from child) as district
    cross join (select distinct need from child) as need
    cross join ages
)

select
    cell.open_date,
    cell.close_date,
    cell.district,
    cell.need,
    cell.phase,
    cell.age,
    coalesce(opened.opened, 0) as opened,
    coalesce(opened.stayed, 0) as stayed,
    coalesce(closed.closed, 0) - coalesce(opened.stayed, 0) as started,
    coalesce(closed.closed, 0) as closed
from cell
left join opened
    on opened.close_date = cell.close_date
    and opened.district = cell.district
    and opened.need = cell.need
    and opened.age = cell.age
left join closed
    on closed.day = cell.close_date
    and closed.district = cell.district
    and closed.need = cell.need
    and closed.age = cell.age
