select
    collection_year,
    urn as establishment_key,
    register_date,
    has_sen_unit,
    has_resourced_provision
from {{ ref('stg_gias__provision_on_census_day') }}
