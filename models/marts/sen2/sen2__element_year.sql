-- Which items each collection year asks for.
select
    collection.collection_year,
    element.module,
    element.element,
    element.requirement
from {{ ref('element') }} as element
inner join {{ ref('dim_collection') }} as collection
    on collection.collection_year between coalesce(element.first_year, 0) and coalesce(element.last_year, 9999)
