select
    {{ key('resource_base', ['base.base_id']) }} as resource_base_key,
    base.base_id,
    coalesce(base.base_name, establishment.establishment_name) as base_name,
    base.urn,
    establishment.establishment_key,
    base.base_type,
    base.designated_need,
    base.phase,
    base.has_therapy_on_site,
    base.opened_date,
    base.closed_date,
    base._source_file as source_file,
    base._source_row as source_row
from {{ ref('stg_resource_base__base') }} as base
left join {{ ref('dim_establishment') }} as establishment on base.urn = establishment.establishment_key
