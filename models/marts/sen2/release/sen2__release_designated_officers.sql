-- Officers in post, from the header of each return.
with counted as (
    select
        collection_year,
        "DMO" as dmo,
        "DCO" as dco,
        "DSCO" as dsco,
        collection_year in (
            select collection_year from {{ ref('sen2__element_year') }} where module = 'source' and element = 'DSCO'
        ) as is_dsco_asked
    from {{ ref('sen2__header') }}
)

select
    {{ release_identity('designated_officers', has_breakdowns=false) }},
    {{ release_officer('counted.dmo') }} as des_med_off,
    {{ release_officer('counted.dco') }} as des_clin_off,
    case when counted.is_dsco_asked then {{ release_officer('counted.dsco') }} else 'n/a' end as des_so_care_off
from counted
{{ release_area_join() }}
