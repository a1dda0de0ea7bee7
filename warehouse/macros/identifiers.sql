{#-
Identifiers that check themselves. Each macro is true, false, or null for null. Rules and vectors: sen2 reference 4.1 and 4.2,
source-extracts 1; the unit tests in models/intermediate/person hold the vectors.
-#}

{#- Whether the whole text matches a regular expression. -#}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches', 'countywide')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    {{ text }} rlike '^{{ pattern }}$'
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{#- Sum of the digits from position `first`, each times its weight; the text is known to hold digits there. -#}
{% macro weighted_digits(text, first, weights) -%}
    ({% for weight in weights -%}
        {{ weight }} * (ascii(substr({{ text }}, {{ first + loop.index0 }}, 1)) - 48){{ ' + ' if not loop.last }}
    {%- endfor %})
{%- endmacro %}

{#- 13 characters: check letter, 11 digits, then a digit, or in a temporary number a letter. No I, O or S anywhere. -#}
{% macro is_valid_upn(upn) -%}
    {%- set letters = "'ABCDEFGHJKLMNPQRTUVWXYZ'" -%}
    {%- set last = "substr(" ~ upn ~ ", 13, 1)" -%}
    case
        when {{ upn }} is null then null
        when not {{ matches(upn, '[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]') }} then false
        else substr({{ letters }}, 1 + cast((
            {{ weighted_digits(upn, 2, range(2, 13) | list) }}
            + 13 * case when strpos({{ letters }}, {{ last }}) > 0
                then strpos({{ letters }}, {{ last }}) - 1 else ascii({{ last }}) - 48 end
        ) % 23 as integer), 1) = substr({{ upn }}, 1, 1)
    end
{%- endmacro %}

{#- 10 digits, the first not 0; 9999999999 (not yet known) fails by its check digit. -#}
{% macro is_valid_uln(uln) -%}
    {%- set remainder = "(" ~ weighted_digits(uln, 1, range(10, 1, -1) | list) ~ " % 11)" -%}
    case
        when {{ uln }} is null then null
        when not {{ matches(uln, '[1-9][0-9]{9}') }} then false
        else {{ remainder }} <> 0 and 10 - {{ remainder }} = ascii(substr({{ uln }}, 10, 1)) - 48
    end
{%- endmacro %}

{#- 10 digits, modulus 11. Ten equal digits are refused although 0000000000, 1111111111 and 9999999999 pass the sum. -#}
{% macro is_valid_nhs_number(nhs_number) -%}
    {%- set sum = weighted_digits(nhs_number, 1, range(10, 1, -1) | list) -%}
    case
        when {{ nhs_number }} is null then null
        when not {{ matches(nhs_number, '[0-9]{10}') }} then false
        when {{ nhs_number }} = repeat(substr({{ nhs_number }}, 1, 1), 10) then false
        -- 11 - r as the tenth digit, where 11 is written 0 and 10 is never issued; both fall out of modulus 11
        else ({{ sum }} + ascii(substr({{ nhs_number }}, 10, 1)) - 48) % 11 = 0
    end
{%- endmacro %}
