{#- Rows of the school census that hang on a pupil (sessions, exclusions, placements), with the pupil that they hang on: on roll,
    or left since. A query: the columns of the staged extract, person_key, establishment_key and school_number. -#}
{% macro of_census_pupil(entity) -%}
    select
        detail.*,
        coalesce(pupil.person_key, leaver.person_key) as person_key,
        coalesce(pupil.establishment_key, leaver.establishment_key) as establishment_key,
        coalesce(pupil.school_number, leaver.school_number) as school_number
    from {{ ref('stg_school_census__' ~ entity) }} as detail
    left join {{ ref('fct_pupil_term') }} as pupil
        on coalesce(detail.roll, 'on') = 'on'
        and pupil.pupil_term_key
            = {{ key('pupil_term', ['detail.census_year', 'detail.census_term', 'detail.pupil_on_roll_table_id']) }}
    left join {{ ref('fct_school_leaver') }} as leaver
        on coalesce(detail.roll, 'off') = 'off'
        and leaver.school_leaver_key
            = {{ key('pupil_left', ['detail.census_year', 'detail.census_term', 'detail.pupil_on_roll_table_id']) }}
    where pupil.person_key is not null or leaver.person_key is not null
{%- endmacro %}

{#- Sessions of the term before the census, as a row of the roll tells them (`pupil`: staged; `census_year`, `census_term`, `native_id`):
    six columns. Possible and missed with and without leave; the second half of summer, which comes with the autumn census, apart.
    Schools leave a total of nothing blank: so of a school that tells a total of anybody a blank one is none. A total that could not
    be read stays unknown, and so does all of a school that tells of nobody. -#}
{% macro sessions_of_roll(pupil) -%}
    {%- for half in ['', '_half_term_2'] %}
    {{ pupil }}.sessions_possible{{ half }},
    {%- set ends = loop.last %}
    {%- for missed in ['sessions_authorised' ~ half, 'sessions_unauthorised' ~ half] %}
    case
        when {{ pupil }}.sessions_possible{{ half }} is null or contains(coalesce({{ pupil }}._issues, ''), '{{ missed }}:') then null
        when count(coalesce({{ pupil }}.sessions_authorised{{ half }}, {{ pupil }}.sessions_unauthorised{{ half }}))
            over (partition by {{ pupil }}.census_year, {{ pupil }}.census_term, {{ pupil }}.native_id) > 0
            then coalesce({{ pupil }}.{{ missed }}, 0)
    end as {{ missed }}{{ ',' if not (ends and loop.last) }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- Which sessions of a term a row tells of: a file of COLLECT by its name, an XML file by its element. -#}
{% macro half_of_term(covers) -%}
    case when lower({{ covers }}) like 'summerhalfterm2%' then 'summerhalfterm2' else 'termly' end
{%- endmacro %}

{#- Of the pupils of one school in one census (a condition of groups): whether it flags every one of them for its unit or resourced
    provision, where the flag is meant for those who use it. Special schools may. -#}
{% macro flags_its_whole_roll(setting_group) -%}
    count(*) >= 20
    and coalesce({{ setting_group }}, '') not like 'special%'
    and (min(case when resourced_provision then 1 else 0 end) = 1 or min(case when sen_unit then 1 else 0 end) = 1)
{%- endmacro %}
