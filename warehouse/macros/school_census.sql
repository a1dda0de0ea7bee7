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
