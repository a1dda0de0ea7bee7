-- Every rule that a record breaks, as `countywide check` judges it too: no values, only which elements to look at and where the
-- record came from. sen2__finding is this with the values at fault and the council's explanations.
{% set record_columns = [
    'collection_year', 'person_record_id', 'request_record_id', 'record_id', 'source_file', 'source_row', 'scope_case',
] %}
{% set flags_models = [
    'sen2__header_flags', 'sen2__person_flags', 'sen2__request_flags', 'sen2__assessment_flags', 'sen2__plan_flags',
    'sen2__plan_detail_flags', 'sen2__active_plan_flags', 'sen2__placement_flags', 'sen2__need_flags',
] %}
with hit_of_one_return as (
    {% for flags_model in flags_models %}
    {{ rule_hits(flags_model, record_columns) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What is missing from this year's return is a record of last year's.
hit_between_returns as (
    {{ rule_hits('sen2__last_year_flags', record_columns + ['of_return']) }}
),

hit as (
    select
        collection_year,
        collection_year as record_year,
        rule_id,
        flag,
        level,
        person_record_id,
        request_record_id,
        record_id,
        source_file,
        source_row,
        scope_case
    from hit_of_one_return
    union all
    select
        collection_year,
        case when of_return = 'last' then collection_year - 1 else collection_year end as record_year,
        rule_id,
        flag,
        level,
        person_record_id,
        request_record_id,
        record_id,
        source_file,
        source_row,
        scope_case
    from hit_between_returns
)

select
    {{ key('finding', ['hit.collection_year', 'hit.flag', 'hit.person_record_id', 'hit.request_record_id', 'hit.record_id']) }}
        as finding_key,
    hit.collection_year,
    hit.record_year,
    hit.rule_id,
    rule.printed_id,
    hit.flag,
    hit.level,
    rule.module as record_type,
    hit.person_record_id,
    hit.request_record_id,
    hit.record_id,
    person.person_key,
    person.ehc_person_id,
    rule.message,
    rule.what_to_do,
    rule.elements,
    hit.source_file,
    hit.source_row,
    person.case_officer,
    hit.scope_case
from hit
inner join {{ ref('rule') }} as rule
    on hit.flag = rule.flag
    and hit.collection_year between coalesce(rule.first_year, 0) and coalesce(rule.last_year, 9999)
left join {{ ref('sen2__person') }} as person
    on hit.record_year = person.collection_year and hit.person_record_id = person.person_record_id
