-- Pairs of children of whom a person has to say whether they are one, side by side: the latest record of each.
with latest as (
    select * from {{ first_rows(ref('int_person__record'), ['source', 'source_person_id'], 'recorded_on desc, record_id desc') }} as records
)

select
    {{ key('link', ['link.source', 'link.source_person_id', 'link.other_source', 'link.other_source_person_id']) }} as link_key,
    link.doubt,
    link.match_weight,
    link.explanation,
    {% for side, prefix in [('one', ''), ('other', 'other_')] -%}
    link.{{ prefix }}source,
    link.{{ prefix }}source_person_id,
    {% for column in ['forename', 'surname', 'birth_date', 'sex', 'postcode', 'upn', 'nhs_number'] -%}
    {{ side }}.{{ column }} as {{ prefix }}{{ column }}{{ ',' if not (loop.last and side == 'other') }}
    {% endfor -%}
    {% endfor %}
from {{ ref('int_person__link') }} as link
inner join latest as one on link.source = one.source and link.source_person_id = one.source_person_id
inner join latest as other on link.other_source = other.source and link.other_source_person_id = other.source_person_id
where link.status = 'review'
