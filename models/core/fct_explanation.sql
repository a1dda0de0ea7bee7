-- What the council says about findings of its return: why a record is right although a rule asks about it.
select
    {{ key('explanation', [
        'rule_id', 'collection_year', 'ehc_person_id', 'person_record_id', 'request_record_id', 'record_id', 'pattern', 'reason',
        'explained_by', 'explained_on', 'explained_until',
    ]) }} as explanation_key,
    rule_id as delivered_rule_id,
    replace(upper(trim(rule_id)), 'SEN2-', '') as rule_id,
    collection_year,
    ehc_person_id,
    person_record_id,
    request_record_id,
    record_id,
    pattern,
    reason,
    explained_by,
    explained_on,
    explained_until,
    _issues is null as is_readable,
    _source_file as source_file,
    _source_row as source_row
from {{ ref('stg_council__sen2_explanation') }}
