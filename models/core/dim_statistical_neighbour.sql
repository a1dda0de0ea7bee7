-- The ten councils that DfE holds to be most like each council, of the latest vintage that has landed.
{% set columns = [] %}
{% for rank in range(1, 11) %}{% do columns.append('neighbour_' ~ rank) %}{% endfor %}
with neighbour as (
    {{ unpivot_columns(ref('stg_dfe_release__statistical_neighbour'), ['vintage', 'la_code'], columns, 'place', 'neighbour_la_code') }}
),

latest as (
    select max(vintage) as vintage from {{ ref('stg_dfe_release__statistical_neighbour') }}
)

select
    neighbour.la_code,
    {{ to_integer("replace(neighbour.place, 'neighbour_', '')") }} as neighbour_rank,
    neighbour.neighbour_la_code,
    neighbour.vintage as vintage_date
from neighbour
inner join latest on neighbour.vintage = latest.vintage
