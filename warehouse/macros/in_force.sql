{#- A plan of this council in force on a day, or on any day from one to another. Both its ends count, as in the return; a plan that
    came from another council is ours from the day it came. -#}
{% macro plan_in_force(day, until=none) -%}
    plans.start_date <= {{ until or day }}
        and (plans.cease_date is null or plans.cease_date >= {{ day }})
        and (plans.transferred_in_date is null or plans.transferred_in_date <= {{ until or day }})
{%- endmacro %}

{#- The first-ranked need recorded on a day. A plan may have two: the one from the newest date, then of the lesser key. -#}
{% macro first_need(day) -%}
    needs.rank = 1
        and needs.sen_type is not null
        and (needs.from_date is null or needs.from_date <= {{ day }})
        and (needs.to_date is null or needs.to_date >= {{ day }})
{%- endmacro %}
