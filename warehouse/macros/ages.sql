{#-
Age in completed years on a day, by the calendar: the birthday itself counts. Who was born on 29 February reaches each age on
29 February, and in a year without one on 1 March: the usual English reading (an age is attained at the start of the
anniversary, and 28 February is none). From memory; models/core/_core__unit_tests.yml holds both edges.
-#}
{% macro age_at(birth_date, day) -%}
    cast(
        extract(year from {{ day }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
            then 1 else 0
        end as integer
    )
{%- endmacro %}
