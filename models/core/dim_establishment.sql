with type_of as (
    select code, setting_group, sector
    from {{ ref('code_gias_type') }}
),

-- A school's one area is that of all its children; a school for all ages has one for each phase.
planning as (
    select
        urn,
        coalesce(max(case when phase = 'PRI' then planning_area_code end), max(planning_area_code)) as primary_code,
        coalesce(max(case when phase = 'SEC' then planning_area_code end), max(planning_area_code)) as secondary_code
    from {{ ref('stg_local_area__planning_area') }}
    group by urn
)

select
    establishment.urn as establishment_key,
    establishment.urn,
    establishment.ukprn,
    establishment.la_code,
    establishment.la_code || lpad(establishment.establishment_number, 4, '0') as la_establishment_number,
    coalesce(establishment.establishment_name, 'URN ' || establishment.urn) as establishment_name,
    establishment.type_code,
    establishment.type_name,
    coalesce(type_of.setting_group, 'other_school') as setting_group,
    coalesce(type_of.sector, 'other') as sector,
    coalesce(type_of.setting_group like 'mainstream%' and type_of.sector = 'state', false) as is_state_mainstream,
    establishment.phase_name,
    establishment.status_name,
    establishment.open_date,
    establishment.close_date,
    successor.successor_urn,
    establishment.statutory_low_age,
    establishment.statutory_high_age,
    establishment.school_capacity,
    lower(establishment.section_41_approved) = 'approved' as section_41_approved,
    establishment.resourced_provision_type,
    coalesce(lower(establishment.resourced_provision_type) like '%sen unit%', false) as has_sen_unit,
    coalesce(lower(establishment.resourced_provision_type) like '%resourced provision%', false) as has_resourced_provision,
    establishment.resourced_provision_capacity,
    establishment.sen_unit_capacity,
    establishment.sen_unit_on_roll,
    {{ to_postcode('establishment.postcode') }} as postcode,
    coalesce(postcode.lsoa21_code, lsoa_ward.lsoa21_code) as lsoa21_code,
    coalesce(postcode.district_code, lsoa_ward.district_code, establishment.district_code) as district_code,
    coalesce(establishment.easting, postcode.easting) as easting,
    coalesce(establishment.northing, postcode.northing) as northing,
    coalesce(establishment.la_code = '{{ var("la_code") }}', false) as in_county,
    planning.primary_code as primary_planning_area_code,
    planning.secondary_code as secondary_planning_area_code
from {{ ref('stg_gias__establishment') }} as establishment
left join type_of on establishment.type_code = type_of.code
left join {{ ref('int_establishment__successor') }} as successor on establishment.urn = successor.urn
left join {{ ref('int_place__postcode') }} as postcode
    on {{ to_postcode('establishment.postcode') }} = postcode.postcode
left join {{ ref('stg_geography__lsoa_ward') }} as lsoa_ward on establishment.lsoa_code = lsoa_ward.lsoa21_code
left join planning on establishment.urn = planning.urn
