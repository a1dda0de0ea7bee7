-- The schools that a child was at, by council and establishment number, which both the census and the register of schools have.
with establishment as (
    select urn, la_code || establishment_number as school from {{ ref('stg_gias__establishment') }}
),

census as (
    select
        {{ key('pupil_term', ['census_year', 'census_term', 'pupil_on_roll_table_id']) }} as record_id,
        native_id as school
    from {{ ref('stg_school_census__pupil_on_roll') }}
)

select distinct 'ehc' as source, placement.person_id as source_person_id, establishment.school
from {{ ref('stg_ehc__placement') }} as placement
inner join establishment on placement.urn = establishment.urn
where placement.kind = 'attended'
union all
select distinct 'school_census', records.source_person_id, census.school
from census
inner join {{ ref('int_person__record') }} as records on records.source = 'school_census' and census.record_id = records.record_id
