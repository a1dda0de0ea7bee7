-- Places that the council pays for: kind says whether in a base of a mainstream school, term by term, or in a special school.
-- places_filled is what the school or the register says; how many children are placed there is in fct_placement.
select
    {{ key('base_place', ['place.base_id', 'place.academic_year', 'place.place_term', 'place.need']) }} as commissioned_place_key,
    'base' as kind,
    base.resource_base_key,
    base.urn,
    base.establishment_key,
    place.academic_year,
    place.place_term,
    place.need,
    base.phase,
    place.places_commissioned,
    place.places_filled,
    place.top_up_per_place,
    place._source_file as source_file,
    place._source_row as source_row
from {{ ref('stg_resource_base__commissioned_place') }} as place
left join {{ ref('dim_resource_base') }} as base on place.base_id = base.base_id
union all
select
    {{ key('special_place', ['place.urn', 'place.academic_year', 'place.need', 'place.phase']) }},
    'special_school',
    null,
    place.urn,
    establishment.establishment_key,
    place.academic_year,
    'year',
    place.need,
    place.phase,
    place.places_commissioned,
    place.places_filled,
    place.top_up_per_place,
    place._source_file,
    place._source_row
from {{ ref('stg_special_place__place') }} as place
left join {{ ref('dim_establishment') }} as establishment on place.urn = establishment.establishment_key
