-- What the council says about findings of its return: why a record is right although a rule asks about it. A child whom the case
-- system holds twice answers to both numbers, whichever of them the return uses.
select
    {{ key('explanation', [
        'explanation.rule_id', 'explanation.collection_year', 'explanation.ehc_person_id', 'explanation.person_record_id',
        'explanation.request_record_id', 'explanation.record_id', 'explanation.pattern', 'explanation.reason',
        'explanation.explained_by', 'explanation.explained_on', 'explanation.explained_until',
    ]) }} as explanation_key,
    explanation.rule_id as delivered_rule_id,
    replace(upper(trim(explanation.rule_id)), 'SEN2-', '') as rule_id,
    explanation.collection_year,
    explanation.ehc_person_id,
    by_number.person_key as ehc_person_key,
    explanation.person_record_id,
    by_record.person_key as record_person_key,
    explanation.request_record_id,
    explanation.record_id,
    explanation.pattern,
    explanation.reason,
    explanation.explained_by,
    explanation.explained_on,
    explanation.explained_until,
    explanation._issues is null as is_readable,
    explanation._source_file as source_file,
    explanation._source_row as source_row
from {{ ref('stg_council__sen2_explanation') }} as explanation
left join {{ ref('bridge_person_identity') }} as by_number
    on by_number.source = 'ehc' and explanation.ehc_person_id = by_number.source_person_id
left join {{ ref('bridge_person_identity') }} as by_record
    on by_record.source = 'ehc' and explanation.person_record_id = by_record.source_person_id
