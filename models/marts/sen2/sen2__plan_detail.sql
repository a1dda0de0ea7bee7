-- Settings named in plans: two at most, the best ranked; of equal rank the latest entry, then the latest row. A third is in
-- sen2__left_out.
with ranked as (
    select
        *,
        row_number() over (
            partition by collection_year, person_record_id, request_record_id
            order by rank nulls last, entry_date desc nulls last, {{ latest_row_first() }}, placement_key
        ) as number_in_plan
    from {{ ref('sen2__placement_known') }}
    where kind = 'named'
)

select
    collection_year,
    person_record_id,
    request_record_id,
    placement_key as plan_detail_record_id,
    person_key,
    scope_case,
    scope_case_name,
    source_file,
    source_row,
    urn as "URN",
    case when identified_by = 'ukprn' then ukprn end as "UKPRN",
    case when identified_by = 'sen_setting' then sen_setting end as "SENSetting",
    case when identified_by = 'sen_setting' then sen_setting_other end as "SENSettingOther",
    cast(rank as {{ dbt.type_string() }}) as "PlacementRank",
    -- A kind of setting has no unit; of a school or provider the council must say.
    {{ sen2_flag("coalesce(sen_unit, case when identified_by = 'sen_setting' then false end)") }} as "SENunitIndicator",
    {{ sen2_flag("coalesce(resourced_provision, case when identified_by = 'sen_setting' then false end)") }} as "ResourcedProvisionIndicator"
from ranked
where number_in_plan <= 2
{{ and_returned('plan_detail') }}
