-- What: a pupil with two main enrolments in one census. When: the choice in fct_pupil_term is not unique.
-- It endangers: pupils counted twice in every school-based rate. Resolve: make the order of that choice complete.
select person_key, census_year, census_term
from {{ ref('fct_pupil_term') }}
where is_main_enrolment
group by person_key, census_year, census_term
having count(*) > 1
