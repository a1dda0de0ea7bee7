-- Children at settings of the early years census; a child at two settings has two rows, and their hours add up.
select
    {{ key('early_years_place', ['child.collection_year', 'child.setting_urn', 'child.child_reference']) }} as early_years_place_key,
    identity.person_key,
    child.collection_year,
    child.setting_urn,
    child.setting_type,
    child.start_date,
    child.universal_hours,
    child.extended_hours,
    child.total_hours,
    child.sen_provision,
    child.has_disability_access_fund,
    child.has_early_years_pupil_premium,
    child.two_year_old_basis,
    count(*) over (partition by identity.person_key, child.collection_year) as setting_count,
    child._source_file as source_file,
    child._source_row as source_row
from {{ ref('stg_early_years_census__child') }} as child
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'early_years_census'
    and child.collection_year || '|' || child.setting_urn || '|' || child.child_reference = identity.source_person_id
