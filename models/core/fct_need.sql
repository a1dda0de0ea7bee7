select
    {{ key('need', ['need.plan_id', 'need.rank', 'need.from_date']) }} as need_key,
    plan.plan_key,
    plan.person_key,
    need.rank,
    need.sen_type,
    need.from_date,
    need.to_date,
    need._source_file as source_file,
    need._source_row as source_row
from {{ ref('stg_ehc__need') }} as need
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['need.plan_id']) }} = plan.plan_key
