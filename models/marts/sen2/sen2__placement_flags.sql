-- One flag per rule of the placement. True or false, never null.
with overlap as (
    select distinct one.collection_year, one.placement_record_id
    from {{ ref('sen2__placement_detail') }} as one
    inner join {{ ref('sen2__placement_detail') }} as other
        on one.collection_year = other.collection_year
        and one.request_record_id = other.request_record_id
        and one.placement_record_id <> other.placement_record_id
    where
        one."PlacementRank" = '1' and other."PlacementRank" = '1'
        -- Leaving one and entering the other on the same day is no overlap.
        and coalesce(one."EntryDate" < other."LeavingDate", true)
        and coalesce(other."EntryDate" < one."LeavingDate", true)
),

-- A unit of the council's own schools with fewer people marked as in it than its roll leads one to expect, and the first
-- placement there without a mark. Who is in the resourced provision of the same school is not in its unit.
unit as (
    select
        setting.collection_year,
        setting."URN",
        min(
            case
                when coalesce(setting."SENunitIndicator" <> '1', true) and coalesce(setting."ResourcedProvisionIndicator" <> '1', true)
                    then setting.placement_record_id
            end
        ) as first_unmarked
    from {{ ref('sen2__placement_detail') }} as setting
    inner join {{ ref('dim_collection') }} as collection on setting.collection_year = collection.collection_year
    inner join {{ ref('sen2__header') }} as header on setting.collection_year = header.collection_year
    inner join {{ ref('dim_establishment') }} as school
        on setting."URN" = school.urn
        and school.la_code = header."LEA"
        and school.has_sen_unit
        and school.sen_unit_on_roll >= {{ sen2_threshold('X07', 'least_on_roll', 'setting.collection_year') }}
    where
        setting."PlacementRank" = '1'
        and {{ sen2_in_force('setting."EntryDate"', 'setting."LeavingDate"', 'collection.census_day') }}
    group by setting.collection_year, setting."URN"
    having
        count(distinct case when setting."SENunitIndicator" = '1' then setting.person_record_id end)
        < {{ sen2_threshold('X07', 'share', 'setting.collection_year') }} * max(school.sen_unit_on_roll)
),

record as (
    select
        setting.*,
        collection.census_day,
        collection.year_start,
        named_plan."CeaseDate",
        {{ age_at('person."PersonBirthDate"', 'setting."EntryDate"') }} as age_at_entry,
        {{ age_at('person."PersonBirthDate"', 'collection.census_day') }} as age_at_census,
        {{ age_at('person."PersonBirthDate"', date_of('setting.collection_year - 1', 8, 31)) }} as age_at_31_august,
        overlap.placement_record_id is not null as is_overlapping,
        unit.first_unmarked is not null as is_first_unmarked,
        {{ sen2_setting_columns() }}
    from {{ ref('sen2__placement_detail') }} as setting
    inner join {{ ref('dim_collection') }} as collection on setting.collection_year = collection.collection_year
    left join {{ ref('sen2__person') }} as person
        on setting.collection_year = person.collection_year and setting.person_record_id = person.person_record_id
    left join {{ ref('sen2__named_plan') }} as named_plan
        on setting.collection_year = named_plan.collection_year and setting.request_record_id = named_plan.request_record_id
    left join overlap
        on setting.collection_year = overlap.collection_year and setting.placement_record_id = overlap.placement_record_id
    left join unit
        on setting.collection_year = unit.collection_year and setting.placement_record_id = unit.first_unmarked
    {{ sen2_setting_joins() }}
)

select
    collection_year,
    person_record_id,
    request_record_id,
    placement_record_id as record_id,
    source_file,
    source_row,
    scope_case,
    "URN" is null and "UKPRN" is null and "SENSetting" is null as l01,
    case when "URN" is null then 0 else 1 end + case when "UKPRN" is null then 0 else 1 end
        + case when "SENSetting" is null then 0 else 1 end > 1 as l02,
    {{ sen2_setting_flags('l03_', '"EntryDate"') }},
    {{ sen2_not_a_code('"SENSetting"', 'sen_setting_placement', 'record.collection_year') }} as l04,
    coalesce(
        "SENSetting" = 'NEET'
        and (
            age_at_census < {{ sen2_threshold('L05', 'age_from', 'record.collection_year') }}
            or age_at_census > {{ sen2_threshold('L05', 'age_to', 'record.collection_year') }}
        ),
        false
    ) as l05,
    coalesce("SENSetting" in ('OTH', 'NIEO'), false) and "SENSettingOther" is null as l06,
    "EntryDate" is null as l07,
    coalesce("EntryDate" > census_day, false) as l08,
    coalesce("LeavingDate" < "EntryDate", false) as l09,
    coalesce("LeavingDate" > census_day, false) as l10,
    coalesce("LeavingDate" < year_start, false) as l11,
    not {{ sen2_is_code('"PlacementRank"', 'rank', 'record.collection_year') }} as l12,
    is_overlapping as l13,
    {{ sen2_not_a_code('"Res"', 'residential', 'record.collection_year') }}
        or {{ sen2_not_a_code('"WBP"', 'work_based_placement', 'record.collection_year') }} as l16,
    coalesce("WBP" is not null and age_at_entry < {{ sen2_threshold('L17', 'age', 'record.collection_year') }}, false) as l17,
    -- Compulsory school age, as the ages at the start of the school year that it covers.
    coalesce(
        "AttendancePattern" is null
        and age_at_31_august between {{ sen2_threshold('L18', 'age_from', 'record.collection_year') }}
        and {{ sen2_threshold('L18', 'age_to', 'record.collection_year') }},
        false
    )
    or {{ sen2_not_a_code('"AttendancePattern"', 'attendance_pattern', 'record.collection_year') }} as l18,
    coalesce(
        "SENSetting" = 'EYP' and age_at_entry >= {{ sen2_threshold('L19', 'age', 'record.collection_year') }}, false
    ) as l19,
    "CeaseDate" is not null and coalesce("LeavingDate" > "CeaseDate", true) as l20,
    coalesce(open_date > "EntryDate", false) or coalesce(close_date < coalesce("LeavingDate", census_day), false) as l21,
    is_first_unmarked as x07
from record
