-- Titles and labels of every group and area that a metric can be broken down by: all that stands in fct_metric, so that who joins it
-- to a chart loses no row. `breakdown` is the set of a county-wide group, or the level of an area.
with sets as (
    select subgroup_set as breakdown, title, note, sort_order
    from {{ ref('subgroup_set') }}
    union all
    select area_level, title, null, 100 + sort_order
    from {{ ref('area_level') }}
    union all
    select pairs.subgroup_set, pairs.title, null, 200
    from {{ ref('subgroup_pair') }} as pairs
),

-- Values of a set that has its own table of labels.
labelled as (
    select subgroup_set as breakdown, subgroup_value, subgroup_label, sort_order
    from {{ ref('subgroup_value') }}
    union all
    select 'county' as breakdown, '{{ var("la_code") }}' as subgroup_value, 'The whole county' as subgroup_label, 1 as sort_order
    union all
    select 'ethnicity' as breakdown, code as subgroup_value, label as subgroup_label, sort_order
    from {{ ref('code_ethnicity') }}
    where code = parent_code and code not in ('REFU', 'NOBT')
    union all
    select 'primary_need' as breakdown, code as subgroup_value, label as subgroup_label, sort_order
    from {{ ref('code_sen_type_census') }}
    union all
    select 'year_group' as breakdown, code as subgroup_value, label as subgroup_label, sort_order
    from {{ ref('code_nc_year') }}
    union all
    select
        area_level as breakdown,
        area_code as subgroup_value,
        area_name as subgroup_label,
        cast(row_number() over (partition by area_level order by area_name, area_code) as integer) as sort_order
    from {{ ref('dim_area') }}
    where area_level <> 'county' and in_county
    union all
    select
        'school' as breakdown,
        establishment_key as subgroup_value,
        establishment_name as subgroup_label,
        cast(row_number() over (order by establishment_name, establishment_key) as integer) as sort_order
    from {{ ref('dim_establishment') }}
    union all
    select area_level as breakdown, 'outside' as subgroup_value, 'Home outside the county' as subgroup_label, 998 as sort_order
    from {{ ref('area_level') }}
    where area_level not in ('county', 'planning_area', 'school')
    union all
    select breakdown, 'unknown' as subgroup_value, 'Not known' as subgroup_label, 999 as sort_order
    from sets
    where breakdown not in ('all', 'county') and sort_order < 200
),

paired as (
    select
        pairs.subgroup_set as breakdown,
        first_value.subgroup_value || ' & ' || second_value.subgroup_value as subgroup_value,
        first_value.subgroup_label || ', ' || second_value.subgroup_label as subgroup_label,
        1000 * first_value.sort_order + second_value.sort_order as sort_order
    from {{ ref('subgroup_pair') }} as pairs
    inner join labelled as first_value on first_value.breakdown = pairs.first_set
    inner join labelled as second_value on second_value.breakdown = pairs.second_set
)

select
    sets.breakdown,
    labels.subgroup_value as breakdown_value,
    sets.title as set_title,
    sets.note as set_note,
    labels.subgroup_label,
    sets.sort_order as set_order,
    labels.sort_order as value_order
from sets
inner join (
    select breakdown, subgroup_value, subgroup_label, sort_order from labelled
    union all
    select breakdown, subgroup_value, subgroup_label, sort_order from paired
) as labels on labels.breakdown = sets.breakdown
