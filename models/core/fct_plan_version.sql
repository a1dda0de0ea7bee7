-- What a plan said, and when that was known. Two times: from valid_from to valid_to a version is the plan; from known_from until the
-- day before known_to the case system said so. A correction is a statement of its own and the earlier one stays.
-- The plan on day V as it was known on day K: valid_from <= V <= valid_to and known_from <= K < known_to, a blank end being open;
-- of several versions the highest.
with statement as (
    select
        *,
        lead(recorded_date) over (partition by plan_id, version order by recorded_date) as restated_date,
        min(recorded_date) over (partition by plan_id, version) as first_recorded_date
    from {{ ref('stg_ehc__plan_version') }}
)

select
    {{ key('plan_version', ['statement.plan_id', 'statement.version', 'statement.recorded_date']) }} as plan_version_key,
    plan.plan_key,
    plan.person_key,
    statement.version,
    statement.kind,
    statement.amendment_notice_date,
    statement.issued_date,
    statement.valid_from,
    statement.valid_to,
    statement.recorded_date as known_from,
    statement.restated_date as known_to,
    statement.restated_date is null as is_last_statement,
    {{ days_between('statement.amendment_notice_date', 'statement.issued_date') }} as days_notice_to_final,
    {{ days_between('statement.valid_from', 'statement.first_recorded_date') }} as days_to_record,
    statement._source_file as source_file,
    statement._source_row as source_row
from statement
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['statement.plan_id']) }} = plan.plan_key
