-- Placements held since 1 January of the year before by everyone with a plan in the return.
select
    collection_year,
    person_record_id,
    request_record_id,
    placement_key as placement_record_id,
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
    entry_date as "EntryDate",
    leaving_date as "LeavingDate",
    -- No extract holds the pattern, which 2023 alone asked for; the rule L18 says so.
    cast(null as {{ dbt.type_string() }}) as "AttendancePattern",
    -- A kind of setting has no unit; of a school or provider the council must say.
    {{ sen2_flag("coalesce(sen_unit, case when identified_by = 'sen_setting' then false end)") }} as "SENunitIndicator",
    {{ sen2_flag("coalesce(resourced_provision, case when identified_by = 'sen_setting' then false end)") }} as "ResourcedProvisionIndicator",
    {{ sen2_in_year('placement_detail', 'Res', 'collection_year', sen2_residential('residential_weeks', 'collection_year')) }} as "Res",
    {{ sen2_in_year('placement_detail', 'WBP', 'collection_year', 'work_based_activity') }} as "WBP"
from {{ ref('sen2__placement_known') }}
where kind = 'attended'
{{ and_returned('placement_detail') }}
