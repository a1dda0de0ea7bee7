select
    collection_year,
    urn as establishment_key,
    register_date,
    has_sen_unit,
    has_resourced_provision,
    sen_unit_on_roll,
    resourced_provision_on_roll
from {{ ref('stg_gias__provision_on_census_day') }}
