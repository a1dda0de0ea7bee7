-- DfE's release in long form: one row per figure. What DfE says instead of a number (z not applicable, x unavailable, c suppressed,
-- low, or the words of the designated officers) is the status and never a nought.
{% set kept = [
    'release_table', 'time_period', 'time_identifier', 'geographic_level', 'country_code', 'country_name', 'region_code',
    'region_name', 'new_la_code', 'old_la_code', 'la_name', 'breakdown_topic', 'breakdown',
] %}
{% set measures = [] %}
{% for column in (declared_extract('dfe_release', 'figure').columns if execute else []) if column.name not in kept %}
{% do measures.append(column.name) %}
{% endfor %}
with delivered as (
    {{ unpivot_columns(ref('stg_dfe_release__figure'), kept, measures or ['number_plans'], 'measure', 'delivered') }}
)

select
    lower(release_table) as release_table,
    time_period,
    -- 202425 is the census of January 2025, calendar 2024 the one that reports on it; the officers of a year are those of its census.
    cast(
        case
            when length(time_period) = 6 then 2000 + {{ to_integer('right(time_period, 2)') }}
            when lower(release_table) = 'sen2_dmo_dco' then {{ to_integer('time_period') }}
            else {{ to_integer('time_period') }} + 1
        end as integer
    ) as collection_year,
    geographic_level,
    coalesce(new_la_code, region_code, country_code) as area_code,
    coalesce(la_name, region_name, country_name) as area_name,
    old_la_code as la_code,
    coalesce(breakdown_topic, 'Total') as breakdown_topic,
    coalesce(breakdown, 'Total') as breakdown,
    -- A file has one row over everybody, whose breakdown is named like its topic.
    coalesce(breakdown, 'Total') = coalesce(breakdown_topic, 'Total') as is_total,
    -- The two files on needs print this one name another way.
    case when measure = 'ehcplans' and lower(release_table) like 'sen_need%' then 'ehc_plans' else measure end as measure,
    {{ to_decimal('delivered') }} as value,
    case when {{ to_decimal('delivered') }} is null then delivered end as status
from delivered
