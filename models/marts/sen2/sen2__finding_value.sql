-- What a record holds in the elements that a broken rule names: EntryDate=2026-09-01; LeavingDate=2026-08-31. A rule may name
-- elements of other records of the same person: the nearest are shown, several in one order. Of a module that a rule names
-- (PlacementDetail) the number of records is shown. Findings of the return as a whole show their header, and no list of children.
{% set records = {
    'collection_details': {'model': 'sen2__header', 'keys': []},
    'source': {'model': 'sen2__header', 'keys': []},
    'person': {'model': 'sen2__person', 'keys': ['person_record_id']},
    'requests': {'model': 'sen2__requests', 'keys': ['person_record_id', 'request_record_id']},
    'assessment': {'model': 'sen2__assessment', 'keys': ['person_record_id', 'request_record_id']},
    'named_plan': {'model': 'sen2__named_plan', 'keys': ['person_record_id', 'request_record_id']},
    'plan_detail': {'model': 'sen2__plan_detail', 'keys': ['person_record_id', 'request_record_id', 'plan_detail_record_id']},
    'active_plans': {'model': 'sen2__active_plans', 'keys': ['person_record_id', 'request_record_id']},
    'placement_detail': {'model': 'sen2__placement_detail', 'keys': ['person_record_id', 'request_record_id', 'placement_record_id']},
    'sen_need': {'model': 'sen2__sen_need', 'keys': ['person_record_id', 'request_record_id', 'need_record_id']},
} %}
with item as (
    select
        element_year.collection_year,
        element_year.module,
        module.parent,
        element_year.element,
        false as is_module
    from {{ ref('sen2__element_year') }} as element_year
    inner join {{ ref('module') }} as module on element_year.module = module.module
    union all
    select
        collection.collection_year,
        module.module,
        module.parent,
        module.element,
        true as is_module
    from {{ ref('module') }} as module
    inner join {{ ref('dim_collection') }} as collection
        on collection.collection_year between coalesce(module.first_year, 0) and coalesce(module.last_year, 9999)
    where module.module in ('{{ records | join("', '") }}')
),

-- The elements of a rule in the record that it is about, else in the one inside it, else in the one around it, else anywhere.
-- DuckDB and Spark both have instr: where the element stands among those that the rule names.
named as (
    select
        rule.flag,
        rule.first_year,
        rule.last_year,
        item.collection_year as record_year,
        item.module,
        item.element,
        item.is_module,
        instr(' ' || rule.elements || ' ', ' ' || item.element || ' ') as element_order,
        row_number() over (
            partition by rule.flag, rule.first_year, item.collection_year, item.element
            order by
                case
                    when item.module = rule.module then 0
                    when item.parent = rule.module then 1
                    when item.module = module.parent then 2
                    else 3
                end,
                item.module
        ) as nearness
    from {{ ref('rule') }} as rule
    inner join {{ ref('module') }} as module on rule.module = module.module
    inner join item on instr(' ' || rule.elements || ' ', ' ' || item.element || ' ') > 0
),

asked as (
    select
        hit.finding_key,
        hit.collection_year,
        hit.record_year,
        hit.record_type,
        hit.person_record_id,
        hit.request_record_id,
        hit.record_id,
        named.module,
        named.element,
        named.is_module,
        named.element_order
    from {{ ref('sen2__rule_hit') }} as hit
    inner join named
        on hit.flag = named.flag
        and hit.record_year = named.record_year
        and hit.collection_year between coalesce(named.first_year, 0) and coalesce(named.last_year, 9999)
    where named.nearness = 1 and (hit.person_record_id is not null or named.module in ('collection_details', 'source'))
),

found as (
    {% for module, record in records.items() %}
    select
        asked.finding_key,
        asked.element,
        cast(record.{{ (['collection_year'] + record['keys']) | last }} as {{ dbt.type_string() }}) as record_order,
        {{ record_item(record['model'], 'asked.element') }} as value
    from asked
    inner join {{ ref(record['model']) }} as record
        on asked.record_year = record.collection_year
        {% for key_column in record['keys'] %}
        {% if key_column == 'person_record_id' -%}
        and asked.person_record_id = record.person_record_id
        {%- elif key_column == 'request_record_id' -%}
        and (asked.request_record_id is null or asked.request_record_id = record.request_record_id)
        {%- else -%}
        and (asked.record_type <> '{{ module }}' or asked.record_id is null or asked.record_id = record.{{ key_column }})
        {%- endif %}
        {% endfor %}
    where asked.module = '{{ module }}'
    union all
    {% endfor %}
    -- Of a return that was sent, although its year is made here too: its records are in no table of records.
    select
        asked.finding_key,
        asked.element,
        record.request_record_id as record_order,
        {{ record_item('sen2__last_year_record', 'asked.element') }} as value
    from asked
    inner join {{ ref('sen2__last_year_record') }} as record
        on asked.record_year = record.collection_year
        and asked.person_record_id = record.person_record_id
        and asked.request_record_id = record.request_record_id
    inner join {{ ref('dim_collection') }} as collection on record.collection_year = collection.collection_year
    where collection.record_origin = 'made' and record.person_record_id like 'returned-%'
),

item_value as (
    select
        asked.finding_key,
        asked.collection_year,
        asked.element,
        asked.element_order,
        case
            when asked.is_module then coalesce(cast(nullif(count(found.finding_key), 0) as {{ dbt.type_string() }}), '')
            when count(found.finding_key) <= 1 then coalesce(max(found.value), '')
            else {{ joined_text("coalesce(found.value, '(blank)')", ', ', 'found.record_order') }}
        end as value
    from asked
    left join found on asked.finding_key = found.finding_key and asked.element = found.element
    group by asked.finding_key, asked.collection_year, asked.element, asked.is_module, asked.element_order
)

select
    finding_key,
    collection_year,
    {{ joined_text("element || '=' || value", '; ', 'element_order') }} as values_at_fault
from item_value
group by finding_key, collection_year
