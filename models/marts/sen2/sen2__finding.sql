-- Every rule that a record breaks, with the values at fault, where they came from and, if the council has explained it, the
-- explanation. Explained findings stay.
with hit as (
    select
        *,
        case
            when record_type = 'active_plans' and elements like '%Review%' then 'review'
            when record_type = 'active_plans' and elements like '%PhaseTransfer%' then 'phase_transfer'
            when record_type = 'named_plan' and ' ' || elements || ' ' like '% PB %' then 'personal_budget'
        end as origin
    from {{ ref('sen2__rule_hit') }}
)

select
    hit.finding_key,
    hit.collection_year,
    hit.record_year,
    hit.rule_id,
    hit.printed_id,
    hit.flag,
    hit.level,
    hit.record_type,
    hit.person_record_id,
    hit.request_record_id,
    hit.record_id,
    hit.person_key,
    hit.ehc_person_id,
    hit.message,
    hit.what_to_do,
    hit.elements,
    finding_value.values_at_fault,
    coalesce(value_source.source_file, hit.source_file) as source_file,
    coalesce(value_source.source_row, hit.source_row) as source_row,
    hit.case_officer,
    hit.scope_case,
    explanation.explanation_key is not null as is_explained,
    explanation.explanation_key,
    explanation.reason as explanation_reason,
    explanation.explained_by,
    explanation.explained_on,
    explanation.explained_until
from hit
left join {{ ref('sen2__value_source') }} as value_source
    on hit.record_year = value_source.collection_year
    and hit.request_record_id = value_source.request_record_id
    and hit.origin = value_source.origin
left join {{ ref('sen2__finding_value') }} as finding_value on hit.finding_key = finding_value.finding_key
left join {{ ref('sen2__finding_explanation') }} as answer on hit.finding_key = answer.finding_key and answer.is_answer
left join {{ ref('fct_explanation') }} as explanation on answer.explanation_key = explanation.explanation_key
