-- Published figures in long form: one row per figure. What the publisher says instead of a number (z not applicable, x unavailable,
-- c suppressed, low, a dash, or the words of the designated officers) is the status and never a nought.
-- DfE's release on plans; the Local Authority Interactive Tool (release_table lait); absence by SEN (attendance_gap), where the same
-- measure for pupils without SEN and the gap to them are measures of their own.
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
),

-- The release of 2022 has a file by age without a topic.
of_plans as (
    select
        lower(release_table) as release_table,
        time_period,
        -- 202425 is the census of January 2025, calendar 2024 the one that reports on it. The officers of a year are those of its census;
        -- so is what the files of 2022 say of plans in force.
        cast(
            case
                when length(time_period) = 6 then 2000 + {{ to_integer('right(time_period, 2)') }}
                when lower(release_table) in ('sen2_dmo_dco', 'sen2_age_caseload', 'sen2_estab_caseload', 'sen2_wbp_residential_dmo')
                    then {{ to_integer('time_period') }}
                else {{ to_integer('time_period') }} + 1
            end as integer
        ) as collection_year,
        geographic_level,
        coalesce(new_la_code, region_code, country_code) as area_code,
        coalesce(la_name, region_name, country_name) as area_name,
        old_la_code as la_code,
        case
            when lower(release_table) like 'sen2_age%' and breakdown <> 'Total' then 'Age group'
            else coalesce(breakdown_topic, 'Total')
        end as breakdown_topic,
        coalesce(breakdown, 'Total') as breakdown,
        -- The two files on needs print this one name another way.
        case when measure = 'ehcplans' and lower(release_table) like 'sen_need%' then 'ehc_plans' else measure end as measure,
        delivered
    from delivered
),

of_lait as (
    select
        'lait' as release_table,
        years as time_period,
        cast(null as integer) as collection_year,
        case when area_number = 970 then 'National' when area_number > 970 then 'Regional' else 'Local authority' end as geographic_level,
        cast(area_number as {{ dbt.type_string() }}) as area_code,
        area_name,
        case when area_number < 970 then cast(area_number as {{ dbt.type_string() }}) end as la_code,
        'Total' as breakdown_topic,
        'Total' as breakdown,
        measure_short as measure,
        coalesce(delivered_value, 'not given') as delivered
    from {{ ref('stg_dfe_release__lait_value') }}
),

of_attendance as (
    select
        'attendance_gap' as release_table,
        time_period || ' ' || time_identifier as time_period,
        cast(null as integer) as collection_year,
        'Local authority' as geographic_level,
        new_la_code as area_code,
        la_name as area_name,
        cast(null as {{ dbt.type_string() }}) as la_code,
        send_group as breakdown_topic,
        education_phase as breakdown,
        metric || suffix.suffix as measure,
        case suffix.suffix when '' then send_value when '_no_sen' then no_sen_value else gap_to_no_sen end as delivered
    from {{ ref('stg_dfe_release__attendance_gap') }}
    cross join (select '' as suffix union all select '_no_sen' union all select '_gap_to_no_sen') as suffix
),

figure as (
    select * from of_plans
    union all
    select * from of_lait
    union all
    select * from of_attendance
    where delivered is not null
)

select
    release_table,
    time_period,
    collection_year,
    geographic_level,
    area_code,
    area_name,
    la_code,
    breakdown_topic,
    breakdown,
    -- A file has one row over everybody, whose breakdown is named like its topic; in 2022 a setting can have the name of its group.
    breakdown = breakdown_topic and (release_table not like 'sen2_estab%' or breakdown = 'Total') as is_total,
    measure,
    {{ to_decimal('delivered') }} as value,
    case when {{ to_decimal('delivered') }} is null then delivered end as status
from figure
