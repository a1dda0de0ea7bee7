-- Alternative provision: what schools arranged, as each census tells it, and what the council arranged, as its own census does.
-- A placement that several censuses of a school tell of is one, by its last telling. The two kinds are told side by side:
-- a school arranges for its own pupil, a council for a child of no school, and the collections do not say which ones both mean.
with arranged as (
    select
        'school' as arranged_by,
        {{ key('school_ap', ['person_key', 'school_number', 'urn', 'ukprn', 'entry_date']) }} as placement_id,
        person_key, urn, ukprn, establishment_key as home_establishment_key, entry_date, leaving_date, ap_setting_type as setting_type,
        placement_reason, attendance_pattern, ap_sessions_per_week as sessions_per_week, cast(null as double) as hours_per_week,
        cast(null as {{ dbt.type_string() }}) as sen_provision,
        census_year as told_year, case census_term when 'spring' then 1 when 'summer' then 2 else 3 end as told_term,
        _source_file, _source_row
    from ({{ of_census_pupil('ap_placement') }}) as detail
    union all
    select
        'council', pupil.collection_year || '|' || pupil.placement_id,
        identity.person_key, pupil.urn, pupil.ukprn, null, pupil.entry_date, pupil.leaving_date, pupil.ap_setting_type,
        pupil.placement_reason, pupil.attendance_pattern, null, pupil.hours_per_week,
        pupil.sen_provision,
        pupil.collection_year, 1,
        pupil._source_file, pupil._source_row
    from {{ ref('stg_ap_census__pupil') }} as pupil
    inner join {{ ref('int_person__record') }} as record
        on record.source = 'ap_census' and record.record_id = pupil.collection_year || '|' || pupil.placement_id
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'ap_census' and record.source_person_id = identity.source_person_id
),

counted as (
    select *, count(*) over (partition by arranged_by, placement_id) as record_count
    from arranged
)

select
    {{ key('alternative_provision', ['placement.arranged_by', 'placement.placement_id']) }} as alternative_provision_key,
    placement.person_key,
    placement.arranged_by,
    placement.home_establishment_key,
    establishment.establishment_key,
    placement.urn,
    placement.ukprn,
    placement.entry_date,
    placement.leaving_date,
    placement.setting_type,
    placement.placement_reason,
    placement.attendance_pattern,
    placement.sessions_per_week,
    placement.hours_per_week,
    placement.sen_provision,
    placement.urn is null and placement.ukprn is null as is_without_number,
    placement.told_year,
    placement.record_count,
    placement._source_file as source_file,
    placement._source_row as source_row
from {{ first_rows('counted', ['arranged_by', 'placement_id'], 'told_year desc, told_term desc, _source_row desc') }} as placement
left join {{ ref('dim_establishment') }} as establishment on placement.urn = establishment.urn
