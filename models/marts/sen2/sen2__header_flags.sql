-- One flag per rule of the header, and of the return as a whole (shares over the council).
with header as (
    select header.*, collection.census_day
    from {{ ref('sen2__header') }} as header
    inner join {{ ref('dim_collection') }} as collection on header.collection_year = collection.collection_year
),

people as (
    select collection_year, count(*) as person_count
    from {{ ref('sen2__person') }}
    group by collection_year
),

sources as (
    select
        collection_year,
        sum(case when "RequestSource" = '5' then 1.0 else 0.0 end) / nullif(count("RequestSource"), 0) as other_share
    from {{ ref('sen2__requests') }}
    group by collection_year
),

exceptions as (
    select
        collection_year,
        sum(case when "Week20" = '1' then 1.0 else 0.0 end) / nullif(count("Week20"), 0) as exception_share
    from {{ ref('sen2__assessment') }}
    where "AssessmentOutcome" = 'Y' and "AssessmentOutcomeDate" is not null
    group by collection_year
),

ceased as (
    select
        collection_year,
        sum(case when "CeaseReason" = '9' then 1.0 else 0.0 end) / nullif(count("CeaseReason"), 0) as other_share
    from {{ ref('sen2__named_plan') }}
    group by collection_year
)

select
    header.collection_year,
    cast(null as {{ dbt.type_string() }}) as person_record_id,
    cast(null as {{ dbt.type_string() }}) as request_record_id,
    cast(null as {{ dbt.type_string() }}) as record_id,
    cast(null as {{ dbt.type_string() }}) as source_file,
    cast(null as bigint) as source_row,
    cast(null as integer) as scope_case,
    coalesce(header."Collection" <> 'SEN2', true) as h01,
    coalesce(header."Year" <> cast(header.collection_year as {{ dbt.type_string() }}), true) as h02,
    coalesce(header."ReferenceDate" <> header.census_day, true) as h03,
    coalesce(header."SourceLevel" <> 'L', true) as h04,
    header."LEA" = 'XXX' or not {{ sen2_is_code('header."LEA"', 'local_authority', 'header.collection_year') }} as h05,
    coalesce(not {{ matches('header."SerialNo"', '[0-9]{3}') }}, true) as h06,
    coalesce(
        not {{ matches(
            'header."DateTime"',
            '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}'
        ) }},
        true
    ) as h07,
    coalesce(
        substr(header."DateTime", 1, 10) > cast(header.as_at_date as {{ dbt.type_string() }})
        or substr(header."DateTime", 1, 10) < cast(header.census_day as {{ dbt.type_string() }}),
        false
    ) as h08,
    not {{ sen2_is_code('header."DMO"', 'officer', 'header.collection_year') }}
        or not {{ sen2_is_code('header."DCO"', 'officer', 'header.collection_year') }} as h09,
    not {{ sen2_is_code('header."DSCO"', 'officer', 'header.collection_year') }} as h10,
    people.person_count is null as h11,
    header."SoftwareCode" is null or header."Release" is null as h13,
    coalesce(sources.other_share > {{ sen2_threshold('R27', 'share', 'header.collection_year') }}, false) as r27,
    coalesce(exceptions.exception_share > {{ sen2_threshold('A20', 'share', 'header.collection_year') }}, false) as a20,
    coalesce(ceased.other_share > {{ sen2_threshold('N20', 'share', 'header.collection_year') }}, false) as n20
from header
left join people on header.collection_year = people.collection_year
left join sources on header.collection_year = sources.collection_year
left join exceptions on header.collection_year = exceptions.collection_year
left join ceased on header.collection_year = ceased.collection_year
