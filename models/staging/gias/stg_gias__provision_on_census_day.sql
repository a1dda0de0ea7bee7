-- What the register said on each census day of a school's SEN unit and resourced provision: by the last delivery until then,
-- or the first one after it where none had come. Deliveries that a later one superseded are read here too; what the door
-- refused is not.
with delivery as (
    select distinct receipt_id, snapshot_date
    from {{ ref('stg_landing__receipt') }}
    where source = 'gias' and entity = 'establishment' and is_of_its_day
),

chosen as (
    select
        collection.collection_year,
        delivery.snapshot_date,
        row_number() over (
            partition by collection.collection_year
            order by
                case when delivery.snapshot_date <= collection.census_day then 0 else 1 end,
                case when delivery.snapshot_date <= collection.census_day then delivery.snapshot_date end desc,
                delivery.snapshot_date
        ) as nearest_first
    from {{ ref('collection') }} as collection
    cross join (select distinct snapshot_date from delivery) as delivery
    where collection.collection_year in ({{ var('collection_years') | join(', ') or 'null' }})
),

stated as (
    select
        chosen.collection_year,
        chosen.snapshot_date,
        register.urn,
        lower(register.resourced_provision_type) as provision,
        {{ to_integer('register.sen_unit_on_roll') }} as sen_unit_on_roll,
        {{ to_integer('register.resourced_provision_on_roll') }} as resourced_provision_on_roll,
        register._source_file,
        register._source_row
    from {{ source('gias', 'establishment') }} as register
    inner join delivery on register._receipt_id = delivery.receipt_id
    inner join chosen on delivery.snapshot_date = chosen.snapshot_date and chosen.nearest_first = 1
    where register.urn is not null
)

select
    collection_year,
    urn,
    snapshot_date as register_date,
    coalesce(provision like '%sen unit%', false) as has_sen_unit,
    coalesce(provision like '%resourced provision%', false) as has_resourced_provision,
    sen_unit_on_roll,
    resourced_provision_on_roll
from {{ first_rows('stated', ['collection_year', 'urn'], '_source_file desc, _source_row desc') }}
