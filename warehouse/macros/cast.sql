{#-
From text as delivered to a value, or to null where it does not parse. Landing has trimmed the text and made blanks null.
`cast_column` picks by the declared type; what does not parse is counted by `staged`, never dropped in silence.
-#}
{% macro cast_column(column, data_type, date_formats=['%Y-%m-%d'], format=none) -%}
    {%- if data_type == 'date' -%}{{ to_date(column, date_formats) }}
    {%- elif data_type == 'boolean' -%}{{ to_boolean(column) }}
    {%- elif data_type == 'integer' -%}{{ to_integer(column) }}
    {%- elif data_type == 'decimal' -%}{{ to_decimal(column) }}
    {%- elif format == 'postcode' -%}{{ to_postcode(column) }}
    {%- elif format in ('nhs_number', 'uln', 'urn', 'ukprn') -%}{{ to_digits(column) }}
    {%- elif format -%}upper(replace({{ column }}, ' ', ''))
    {%- else -%}{{ column }}
    {%- endif -%}
{%- endmacro %}

{#- A date in the first declared format that fits; ISO dates fit always, because spreadsheets arrive so. The format excel stands
    for the serial number that Excel keeps of a day: 46043 is 21 January 2026. -#}
{% macro to_date(text, formats) -%}
    {{ return(adapter.dispatch('to_date', 'countywide')(text, formats)) }}
{%- endmacro %}

{% macro default__to_date(text, formats) -%}
    coalesce({% for format in formats %}cast(try_to_timestamp({{ text }}, '{{ format }}') as date){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro duckdb__to_date(text, formats) -%}
    {%- set all_formats = formats | reject('equalto', 'excel') | list -%}
    {%- for format in ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S'] if format not in all_formats -%}
        {%- do all_formats.append(format) -%}
    {%- endfor -%}
    {%- set written = "cast(try_strptime(" ~ text ~ ", ['" ~ all_formats | join("', '") ~ "']) as date)" -%}
    {%- if 'excel' in formats -%}
    coalesce({{ written }}, case when {{ matches(text, '[0-9]{5}([.]0)?') }} then date '1899-12-30' + cast({{ text }} as double)::integer end)
    {%- else -%}
    {{ written }}
    {%- endif -%}
{%- endmacro %}

{#- The first whole number in a text: 12 in "12+ wks". -#}
{% macro first_number(text) -%}
    {{ return(adapter.dispatch('first_number', 'countywide')(text)) }}
{%- endmacro %}

{% macro default__first_number(text) -%}
    try_cast(nullif(regexp_extract({{ text }}, '[0-9]+', 0), '') as integer)
{%- endmacro %}

{% macro to_boolean(text) -%}
    case
        when lower({{ text }}) in ('1', 'y', 'yes', 'true', 't', '1.0') then true
        when lower({{ text }}) in ('0', 'n', 'no', 'false', 'f', '0.0') then false
    end
{%- endmacro %}

{#- A whole number, also when a spreadsheet wrote it 2.0; 2.5 is not one. -#}
{% macro to_integer(text) -%}
    case
        when try_cast({{ text }} as double) = floor(try_cast({{ text }} as double))
            then try_cast(try_cast({{ text }} as double) as integer)
    end
{%- endmacro %}

{% macro to_decimal(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}

{#- Upper case with one space before the last three characters. -#}
{% macro to_postcode(text) -%}
    {%- set joined = "upper(replace(" ~ text ~ ", ' ', ''))" -%}
    case when length({{ joined }}) > 3
        then substr({{ joined }}, 1, length({{ joined }}) - 3) || ' ' || substr({{ joined }}, length({{ joined }}) - 2)
        else {{ joined }}
    end
{%- endmacro %}

{#- A number that identifies: without spaces and hyphens, and without the .0 that a spreadsheet adds. -#}
{% macro to_digits(text) -%}
    {%- set joined = "replace(replace(" ~ text ~ ", ' ', ''), '-', '')" -%}
    case when {{ joined }} like '%.0' then substr({{ joined }}, 1, length({{ joined }}) - 2) else {{ joined }} end
{%- endmacro %}

{#- Letters only, upper case: O'Brien-Smith and OBRIEN SMITH are the same name. -#}
{% macro to_name_key(text) -%}
    {{ return(adapter.dispatch('to_name_key', 'countywide')(text)) }}
{%- endmacro %}

{% macro default__to_name_key(text) -%}
    nullif(regexp_replace(upper({{ text }}), '[^A-Z]', ''), '')
{%- endmacro %}

{% macro duckdb__to_name_key(text) -%}
    nullif(regexp_replace(upper(strip_accents({{ text }})), '[^A-Z]', '', 'g'), '')
{%- endmacro %}

{#- Whether a value has the declared form of an identifier. -#}
{% macro has_format(column, format) -%}
    {%- if format == 'upn' -%}{{ is_valid_upn(column) }}
    {%- elif format == 'uln' -%}{{ is_valid_uln(column) }}
    {%- elif format == 'nhs_number' -%}{{ is_valid_nhs_number(column) }}
    {%- elif format == 'postcode' -%}{{ matches(column, '[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}') }}
    {%- elif format == 'urn' -%}{{ matches(column, '[0-9]{5,6}') }}
    {%- elif format == 'ukprn' -%}{{ matches(column, '1[0-9]{7}') }}
    {%- else -%}{{ exceptions.raise_compiler_error("no check is written for the format '" ~ format ~ "' of column " ~ column) }}
    {%- endif -%}
{%- endmacro %}
