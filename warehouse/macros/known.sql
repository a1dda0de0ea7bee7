{#-
What an extract of full snapshots has said of each thing, and when: one row per key and per time that it said the same.
- known_from: the day of the first snapshot that said so. known_until: the day of the first later one that did not, null while the
  last one still does. is_withdrawn: that later snapshot did not say otherwise, the thing was gone from it.
- A thing that comes back after a gap has a row for each time. A day whose file was refused at landing is no snapshot, so that a broken
  delivery does not make every row vanish.
`columns` are those whose change is a change; keys are the extract's own. "As known on K, true on T" is then a where.
-#}
{% macro known_versions(source_name, entity, columns) -%}
    {%- set snapshot_file = ref('stg_landing__snapshot_file') -%}
    {%- set delivered = typed_deliveries(source_name, entity, columns, snapshot_file) -%}
    {%- if execute -%}
    {%- set extract = declared_extract(source_name, entity) -%}
    {%- set wanted = wanted_columns(extract, columns) -%}
    {%- set names = wanted | map(attribute='name') | list -%}
    {%- set states = names | reject('in', extract.key) | list -%}
with {{ delivered }},

snapshot as (
    select
        snapshot_date,
        row_number() over (order by snapshot_date) as snapshot_number,
        lead(snapshot_date) over (order by snapshot_date) as next_snapshot_date
    from (
        select distinct snapshot_date from {{ snapshot_file }} where source = '{{ source_name }}' and entity = '{{ entity }}'
    ) as day
),

said as (
    select
        typed.*,
        snapshot.snapshot_number,
        snapshot.next_snapshot_date,
        {{ key('state', states) }} as state
    from {{ first_rows('typed', extract.key + ['_snapshot_date'], '_source_file desc, _source_row desc') }} as typed
    inner join snapshot on typed._snapshot_date = snapshot.snapshot_date
    {%- if extract.required_key %}
    where {% for name in extract.required_key %}typed.{{ name }} is not null{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
),

stepped as (
    select
        *,
        case
            when lag(state) over (partition by {{ extract.key | join(', ') }} order by snapshot_number) = state
                and lag(snapshot_number) over (partition by {{ extract.key | join(', ') }} order by snapshot_number) = snapshot_number - 1
                then 0
            else 1
        end as is_news
    from said
),

version as (
    select
        *,
        sum(is_news) over (
            partition by {{ extract.key | join(', ') }} order by snapshot_number rows between unbounded preceding and current row
        ) as version_number
    from stepped
),

spell as (
    select
        {{ extract.key | join(', ') }},
        version_number,
        {%- for name in states %}
        min({{ name }}) as {{ name }},
        {%- endfor %}
        min(_snapshot_date) as known_from,
        max(snapshot_number) as last_number
    from version
    group by {{ extract.key | join(', ') }}, version_number
)

select
    {%- for name in names %}
    spell.{{ name }},
    {%- endfor %}
    spell.known_from,
    snapshot.next_snapshot_date as known_until,
    snapshot.next_snapshot_date is not null
    and not exists (
        select 1 from spell as later
        where {% for name in extract.key %}later.{{ name }} = spell.{{ name }} and {% endfor -%}
            later.version_number = spell.version_number + 1
            and later.known_from = snapshot.next_snapshot_date
    ) as is_withdrawn
from spell
inner join snapshot on spell.last_number = snapshot.snapshot_number
    {%- endif -%}
{%- endmacro %}

{#-
What every delivery of an extract of periods has said that was known by known_on, one row per key and day of delivery: what was said of a
period first, and what was said of it when it came again. `columns` beside the key, cast and with codes mapped as in staging.
-#}
{% macro said_of_periods(source_name, entity, columns) -%}
    {%- set delivered = typed_deliveries(source_name, entity, columns, ref('stg_landing__receipt'), 'files.is_of_its_day') -%}
    {%- if execute -%}
    {%- set extract = declared_extract(source_name, entity) -%}
    {%- set wanted = wanted_columns(extract, columns) -%}
with {{ delivered }}

select
    {%- for column in wanted %}
    {{ column.name }},
    {%- endfor %}
    _snapshot_date as snapshot_date,
    _source_file,
    _source_row
from {{ first_rows('typed', extract.key + ['_snapshot_date'], '_source_file desc, _source_row desc') }} as said
    {%- if extract.required_key %}
where {% for name in extract.required_key %}{{ name }} is not null{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
    {%- endif -%}
{%- endmacro %}

{#- The columns of an extract's key and those named, in the order of its layout. -#}
{% macro wanted_columns(extract, columns) -%}
    {%- set wanted = [] -%}
    {%- for column in extract.columns if column.name in extract.key or column.name in columns -%}
        {%- do wanted.append(column) -%}
    {%- endfor -%}
    {{ return(wanted) }}
{%- endmacro %}

{#- The query `typed`, with the one it reads: rows of the extract's deliveries, cast and with codes mapped as in staging. Of `files`,
    those that count `where`. -#}
{% macro typed_deliveries(source_name, entity, columns, files, where='true') -%}
    {%- set delivered = source(source_name, entity) -%}
    {%- set code_map = ref('stg_spec__code_map') -%}
    {%- if execute -%}
    {%- set extract = declared_extract(source_name, entity) -%}
    {%- set wanted = wanted_columns(extract, columns) -%}
delivered as (
    select rows_of_files.*
    from {{ delivered }} as rows_of_files
    inner join {{ files }} as files on rows_of_files._receipt_id = files.receipt_id and {{ where }}
),

typed as (
    select
        {%- for column in wanted %}
        {{ typed_value(column, extract) }} as {{ column.name }},
        {%- endfor %}
        delivered._snapshot_date,
        delivered._source_file,
        delivered._source_row
    from delivered
    {{ code_joins(source_name, wanted | selectattr('code_set') | list, code_map) }}
)
    {%- endif -%}
{%- endmacro %}
