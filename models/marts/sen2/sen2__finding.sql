-- Every rule that a record breaks, with the values at fault and, where the council has explained it, the explanation. Explained
-- findings stay.
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
    hit.source_file,
    hit.source_row,
    hit.case_officer,
    hit.scope_case,
    explanation.explanation_key is not null as is_explained,
    explanation.explanation_key,
    explanation.reason as explanation_reason,
    explanation.explained_by,
    explanation.explained_on,
    explanation.explained_until
from {{ ref('sen2__rule_hit') }} as hit
left join {{ ref('sen2__finding_value') }} as finding_value on hit.finding_key = finding_value.finding_key
left join {{ ref('sen2__finding_explanation') }} as answer on hit.finding_key = answer.finding_key and answer.is_answer
left join {{ ref('fct_explanation') }} as explanation on answer.explanation_key = explanation.explanation_key
