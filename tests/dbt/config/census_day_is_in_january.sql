-- What: a SEN2 census day that is not a Thursday in January of its collection year, or a deadline before it. When: a row was
-- mistyped. It endangers: scope, ages and every stock figure. Resolve: correct warehouse/spec/returns/sen2/collection.csv.
select collection_year, census_day
from {{ ref('collection') }}
where extract(year from census_day) <> collection_year
    or extract(month from census_day) <> 1
    or extract(isodow from census_day) <> 4
    or deadline <= census_day
