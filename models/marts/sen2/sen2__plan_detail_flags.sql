-- One flag per rule of a setting named in a plan. True or false, never null.
with record as (
    select
        setting.*,
        named_plan."StartDate",
        {{ sen2_setting_columns() }}
    from {{ ref('sen2__plan_detail') }} as setting
    left join {{ ref('sen2__named_plan') }} as named_plan
        on setting.collection_year = named_plan.collection_year and setting.request_record_id = named_plan.request_record_id
    {{ sen2_setting_joins() }}
)

select
    collection_year,
    person_record_id,
    request_record_id,
    plan_detail_record_id as record_id,
    source_file,
    source_row,
    scope_case,
    "URN" is null and "UKPRN" is null and "SENSetting" is null as d01,
    case when "URN" is null then 0 else 1 end + case when "UKPRN" is null then 0 else 1 end
        + case when "SENSetting" is null then 0 else 1 end > 1 as d02,
    {{ sen2_setting_flags('', '"StartDate"') }},
    {{ sen2_not_a_code('"SENSetting"', 'sen_setting_plan', 'record.collection_year') }} as d07,
    coalesce("SENSetting" = 'OTH', false) and "SENSettingOther" is null as d08,
    "SENSettingOther" is not null and coalesce("SENSetting" <> 'OTH', true) as d09,
    not {{ sen2_is_code('"PlacementRank"', 'rank', 'record.collection_year') }} as d10
from record
