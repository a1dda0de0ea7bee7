-- One flag per rule that holds a return against the one of the year before. True or false, never null.
with record as (
    select
        requests.collection_year,
        requests.person_record_id,
        requests.request_record_id,
        requests.source_file,
        requests.source_row,
        requests.scope_case,
        requests."ReceivedDate",
        named_plan.request_record_id is not null as has_plan,
        named_plan."StartDate",
        coalesce({{ sen2_in_force('named_plan."StartDate"', 'named_plan."CeaseDate"', 'collection.census_day') }}, false)
            as is_in_force
    from {{ ref('sen2__requests') }} as requests
    inner join {{ ref('dim_collection') }} as collection on requests.collection_year = collection.collection_year
    left join {{ ref('sen2__named_plan') }} as named_plan
        on requests.collection_year = named_plan.collection_year
        and requests.request_record_id = named_plan.request_record_id
),

last_record as (
    select
        *,
        collection_year + 1 as next_year
    from {{ ref('sen2__last_year_record') }}
),

-- The same person in both years: by UPN, by ULN, or by name and date of birth. Numbers come and names change.
same_person as (
    select this.collection_year, this.person_record_id, last.person_record_id as last_person_record_id
    from {{ ref('sen2__person') }} as this
    inner join last_record as last on this.collection_year = last.next_year and this."UPN" = last."UPN"
    union
    select this.collection_year, this.person_record_id, last.person_record_id
    from {{ ref('sen2__person') }} as this
    inner join last_record as last
        on this.collection_year = last.next_year and this."UniqueLearnerNumber" = last."UniqueLearnerNumber"
    union
    select this.collection_year, this.person_record_id, last.person_record_id
    from {{ ref('sen2__person') }} as this
    inner join last_record as last
        on this.collection_year = last.next_year
        and upper(this."Surname") = upper(last."Surname")
        and upper(this."Forename") = upper(last."Forename")
        and this."PersonBirthDate" = last."PersonBirthDate"
),

-- What this year's return holds of each person of last year's.
followed as (
    select
        same_person.collection_year,
        same_person.last_person_record_id as person_record_id,
        record.request_record_id,
        record."ReceivedDate",
        record."StartDate",
        record.has_plan,
        record.is_in_force
    from same_person
    inner join record
        on same_person.collection_year = record.collection_year and same_person.person_record_id = record.person_record_id
),

lost as (
    select
        this.collection_year,
        record.person_record_id,
        record.request_record_id,
        record.source_file,
        record.source_row,
        record.scope_case,
        record.is_in_force and not exists (
            select 1 from followed
            where followed.collection_year = this.collection_year
                and followed.person_record_id = record.person_record_id
                and followed.has_plan
        ) as x03,
        record.is_open and not exists (
            select 1 from followed
            where followed.collection_year = this.collection_year
                and followed.person_record_id = record.person_record_id
                and coalesce(followed."ReceivedDate" = record."ReceivedDate", record."ReceivedDate" is null)
        ) as x05
    from last_record as record
    -- A return that holds nobody yet is empty, and has lost nobody.
    inner join (select distinct collection_year from record) as this on record.next_year = this.collection_year
),

returned_again as (
    select distinct followed.collection_year, followed.request_record_id
    from followed
    inner join last_record as ended
        on followed.collection_year = ended.next_year
        and followed.person_record_id = ended.person_record_id
        and followed."StartDate" = ended."StartDate"
    where ended."CeaseDate" is not null and followed.is_in_force
),

{% for one, year in [('counted', 'collection_year'), ('counted_last', 'next_year')] %}
{{ one }} as (
    select
        {{ year }} as collection_year,
        cast(count(distinct person_record_id) as double) as people,
        cast(count(*) as double) as requests,
        cast(sum(case when is_in_force then 1 else 0 end) as double) as plans_in_force
    from {{ 'record' if one == 'counted' else 'last_record' }}
    group by {{ year }}
),
{% endfor %}

change as (
    select this.collection_year
    from counted as this
    inner join counted_last as last on this.collection_year = last.collection_year
    where
        abs(this.people - last.people) > {{ sen2_threshold('X06', 'share', 'this.collection_year') }} * last.people
        or abs(this.requests - last.requests) > {{ sen2_threshold('X06', 'share', 'this.collection_year') }} * last.requests
        or abs(this.plans_in_force - last.plans_in_force)
        > {{ sen2_threshold('X06', 'share', 'this.collection_year') }} * last.plans_in_force
)

select
    collection_year,
    'last' as of_return,
    person_record_id,
    request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    source_file,
    source_row,
    scope_case,
    x03,
    false as x04,
    x05,
    false as x06
from lost
where x03 or x05
union all
select
    record.collection_year,
    'this' as of_return,
    record.person_record_id,
    record.request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    record.source_file,
    record.source_row,
    record.scope_case,
    false as x03,
    true as x04,
    false as x05,
    false as x06
from record
inner join returned_again
    on record.collection_year = returned_again.collection_year
    and record.request_record_id = returned_again.request_record_id
union all
select
    collection_year,
    'this' as of_return,
    cast(null as {{ dbt.type_string() }}) as person_record_id,
    cast(null as {{ dbt.type_string() }}) as request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    cast(null as {{ dbt.type_string() }}) as source_file,
    cast(null as bigint) as source_row,
    cast(null as integer) as scope_case,
    false as x03,
    false as x04,
    false as x05,
    true as x06
from change
