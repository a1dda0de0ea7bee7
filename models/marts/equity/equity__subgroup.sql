-- Titles and labels of every group that a metric can be broken down by.
with sets as (
    select subgroup_set, title, note, sort_order
    from {{ ref('subgroup_set') }}
),

labelled as (
    select subgroup_set, subgroup_value, subgroup_label, sort_order
    from {{ ref('subgroup_value') }}
    union all
    select 'ethnicity' as subgroup_set, code as subgroup_value, label as subgroup_label, sort_order
    from {{ ref('code_ethnicity') }}
    where code = parent_code and code not in ('REFU', 'NOBT')
    union all
    select 'primary_need' as subgroup_set, code as subgroup_value, label as subgroup_label, sort_order
    from {{ ref('code_sen_type_census') }}
    union all
    select
        'district' as subgroup_set,
        area_code as subgroup_value,
        area_name as subgroup_label,
        cast(row_number() over (order by area_name) as integer) as sort_order
    from {{ ref('dim_area') }}
    where area_level = 'district' and in_county
    union all
    select subgroup_set, 'unknown' as subgroup_value, 'Not known' as subgroup_label, 999 as sort_order
    from sets
    where subgroup_set <> 'all'
)

select
    sets.subgroup_set,
    labelled.subgroup_value,
    sets.title as set_title,
    sets.note as set_note,
    labelled.subgroup_label,
    sets.sort_order as set_order,
    labelled.sort_order as value_order
from sets
inner join labelled on labelled.subgroup_set = sets.subgroup_set
