-- Scores of assessment tools: of the national data set one row a code, of health visiting one row an area of ASQ-3. A score below
-- the cut-off of its area and questionnaire is below what is expected of the age; the cut-offs are rows of asq3_cutoff. The same
-- review may stand in both sources: `source` keeps them apart.
{% set areas = ['communication', 'gross_motor', 'fine_motor', 'problem_solving', 'personal_social'] %}
with activity as (
    select
        {{ key('care_activity', ['activity.provider', 'activity.care_activity_id']) }} as care_activity_key,
        contact.person_key,
        contact.contact_date
    from {{ first_rows(ref('stg_csds__care_activity'), ['provider', 'care_activity_id'], 'reporting_period desc') }} as activity
    inner join {{ ref('fct_health_contact') }} as contact
        on {{ key('health_contact', ['activity.provider', 'activity.care_contact_id']) }} = contact.health_contact_key
),

score as (
    select
        {{ key('health_score', ["'activity'", 'staged.provider', 'staged.care_activity_id', 'staged.tool_type']) }} as health_score_key,
        activity.person_key,
        'csds' as source,
        activity.contact_date as assessed_date,
        staged.tool_type as tool_code,
        tool.parent_code as area,
        tool.questionnaire_month,
        staged.score,
        staged._source_file as source_file,
        staged._source_row as source_row
    from {{ first_rows(ref('stg_csds__coded_assessment'), ['provider', 'care_activity_id', 'tool_type'], 'reporting_period desc') }} as staged
    inner join activity
        on {{ key('care_activity', ['staged.provider', 'staged.care_activity_id']) }} = activity.care_activity_key
    left join {{ ref('code_csds_assessment_tool') }} as tool on staged.tool_type = tool.code
    union all
    select
        {{ key('health_score', ["'referral'", 'staged.provider', 'staged.service_request_id', 'staged.tool_type', 'staged.completed_date']) }},
        referral.person_key,
        'csds',
        staged.completed_date,
        staged.tool_type,
        tool.parent_code,
        tool.questionnaire_month,
        staged.score,
        staged._source_file,
        staged._source_row
    from {{ first_rows(
        ref('stg_csds__referral_assessment'), ['provider', 'service_request_id', 'tool_type', 'completed_date'],
        'reporting_period desc'
    ) }} as staged
    inner join {{ ref('int_health__referral') }} as referral
        on {{ key('service_request', ['staged.provider', 'staged.service_request_id']) }} = referral.service_request_key
    left join {{ ref('code_csds_assessment_tool') }} as tool on staged.tool_type = tool.code
    {% for area in areas %}
    union all
    select
        {{ key('health_score', ["'" ~ area ~ "'", 'review.patient_id', 'review.review_type', 'review.due_date']) }},
        identity.person_key,
        'health_visiting',
        review.held_date,
        null,
        '{{ area }}',
        review.questionnaire_month,
        review.asq_{{ area }},
        review._source_file,
        review._source_row
    from {{ ref('stg_health_visiting__review') }} as review
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'health_visiting' and review.patient_id = identity.source_person_id
    where review.asq_{{ area }} is not null
    {% endfor %}
)

select
    score.health_score_key,
    score.person_key,
    score.source,
    score.assessed_date,
    score.tool_code,
    score.area,
    score.questionnaire_month,
    score.score,
    asq3_cutoff.cutoff,
    score.score < asq3_cutoff.cutoff as is_below_cutoff,
    score.source_file,
    score.source_row
from score
left join {{ ref('asq3_cutoff') }} as asq3_cutoff
    on score.area = asq3_cutoff.domain and score.questionnaire_month = asq3_cutoff.questionnaire_month
