-- What: columns that add up, groups that add up to the total row, tables that say the same of it. The list is in
-- warehouse/macros/sen2_release_identity.sql; all of it holds in DfE's own files, but for what is named there.
-- It matters because a figure that contradicts its neighbour is found by the first reader. Resolve: look for a record in no
-- group (release_label.csv) or in two.
with broken as (
    {% for release_table, left, comparison, right in release_identities() %}
    select
        '{{ release_table }}: {{ left }} {{ comparison }} {{ right }}' as identity,
        collection_year,
        {{ "'' as breakdown_topic, '' as breakdown" if release_table == 'phase_transfers' else 'breakdown_topic, breakdown' }}
    from {{ ref('sen2__release_' ~ release_table) }}
    where not ({{ left }} {{ comparison }} {{ right }})
    union all
    {% endfor %}
    {% for release_table, counted in release_counts() %}
    select
        '{{ release_table }}: {{ counted }} of all groups' as identity,
        grouped.collection_year,
        grouped.breakdown_topic,
        '' as breakdown
    from (
        select collection_year, breakdown_topic, sum({{ counted }}) as counted
        from {{ ref('sen2__release_' ~ release_table) }}
        where breakdown not like '% - total'
        group by collection_year, breakdown_topic
    ) as grouped
    inner join {{ ref('sen2__release_' ~ release_table) }} as total
        on grouped.collection_year = total.collection_year
        and total.breakdown_topic = total.breakdown
    where grouped.counted <> total.{{ counted }}
    union all
    {% endfor %}
    {% for one_table, one, other_table, other in release_equal_totals() %}
    select
        '{{ one_table }}.{{ one }} = {{ other_table }}.{{ other }}' as identity,
        one.collection_year,
        one.breakdown_topic,
        one.breakdown
    from {{ ref('sen2__release_' ~ one_table) }} as one
    inner join {{ ref('sen2__release_' ~ other_table) }} as other
        on one.collection_year = other.collection_year
        and one.breakdown_topic = one.breakdown
        and other.breakdown_topic = other.breakdown
    where one.{{ one }} <> other.{{ other }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from broken
