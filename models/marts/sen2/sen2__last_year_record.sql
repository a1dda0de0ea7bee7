-- What the return of the year before held: the one that was sent, where it has landed, else the one that is made here. Only
-- years that another follows; `countywide check` puts the file of its --last-year in the place of the one made here.
with followed_year as (
    select last.collection_year, last.census_day, returned.collection_year is not null as is_landed
    from {{ ref('dim_collection') }} as last
    inner join {{ ref('dim_collection') }} as this on last.collection_year + 1 = this.collection_year
    left join {{ ref('fct_returned_header') }} as returned
        on last.collection_year = returned.collection_year and last.census_day <= {{ date_var('as_at') }}
),

{% for entity, columns in {
    'person': ['UPN', 'UniqueLearnerNumber', 'Surname', 'Forename', 'PersonBirthDate'],
    'requests': ['ReceivedDate', 'RequestOutcome', 'Exported'],
    'assessment': ['AssessmentOutcome', 'AssessmentOutcomeDate'],
    'named_plan': ['StartDate', 'CeaseDate'],
}.items() %}
{% set ids = 'record.person_record_id' if entity == 'person' else 'record.person_record_id, record.request_record_id' %}
{{ entity }} as (
    {% for relation, is_landed, scope_case in [
        (ref('sen2__' ~ entity), false, 'record.scope_case'),
        (ref('fct_returned_' ~ entity), true, 'cast(null as integer)'),
    ] %}
    select
        followed_year.collection_year,
        followed_year.census_day,
        {{ ids }},
        record.source_file,
        record.source_row,
        {{ scope_case }} as scope_case
        {%- for column in columns %},
        record."{{ column }}"
        {%- endfor %}
    from {{ relation }} as record
    inner join followed_year
        on record.collection_year = followed_year.collection_year and {{ '' if is_landed else 'not ' }}followed_year.is_landed
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{% endfor %}

record as (
    select
        requests.collection_year,
        requests.person_record_id,
        requests.request_record_id,
        requests.source_file,
        requests.source_row,
        requests.scope_case,
        person."UPN",
        person."UniqueLearnerNumber",
        person."Surname",
        person."Forename",
        person."PersonBirthDate",
        requests."ReceivedDate",
        requests."RequestOutcome",
        named_plan."StartDate",
        named_plan."CeaseDate",
        coalesce({{ sen2_in_force('named_plan."StartDate"', 'named_plan."CeaseDate"', 'requests.census_day') }}, false)
            as is_in_force,
        requests."Exported" is null and named_plan.request_record_id is null
        and coalesce(
            requests."RequestOutcome" = 'A' or assessment."AssessmentOutcome" = 'A'
            or (assessment."AssessmentOutcome" = 'Y' and assessment."AssessmentOutcomeDate" is null),
            false
        ) as is_open
    from requests
    left join person
        on requests.collection_year = person.collection_year and requests.person_record_id = person.person_record_id
    left join assessment
        on requests.collection_year = assessment.collection_year
        and requests.request_record_id = assessment.request_record_id
    left join named_plan
        on requests.collection_year = named_plan.collection_year
        and requests.request_record_id = named_plan.request_record_id
)

select
    collection_year,
    person_record_id,
    request_record_id,
    source_file,
    source_row,
    scope_case,
    "UPN",
    "UniqueLearnerNumber",
    "Surname",
    "Forename",
    "PersonBirthDate",
    "ReceivedDate",
    "RequestOutcome",
    "StartDate",
    "CeaseDate",
    is_in_force,
    is_open
from record
