-- What the looked-after return says of a child once a year: health and development while looked after, and after care whether in
-- touch, in work or learning, and how housed.
{% set nothing = "cast(null as " ~ dbt.type_string() ~ ")" %}
select
    {{ key('care_outcome', ["'looked_after'", 'outcome.child_id', 'outcome.return_year']) }} as care_outcome_key,
    identity.person_key,
    'looked_after' as kind,
    outcome.return_year,
    outcome.sdq_score,
    outcome.sdq_reason,
    outcome.was_convicted,
    outcome.health_check as had_health_check,
    outcome.immunised as is_immunised,
    outcome.teeth_checked as had_teeth_check,
    outcome.health_assessed as had_health_assessment,
    outcome.misused_substances as has_misused_substances,
    outcome.intervention_received as had_intervention,
    outcome.intervention_offered as was_offered_intervention,
    {{ nothing }} as in_touch,
    {{ nothing }} as activity,
    {{ nothing }} as accommodation,
    outcome._source_file as source_file,
    outcome._source_row as source_row
from {{ ref('stg_ssda903__outcome') }} as outcome
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ssda903' and outcome.child_id = identity.source_person_id
union all
select
    {{ key('care_outcome', ["'care_leaver'", 'leaver.child_id', 'leaver.return_year']) }},
    identity.person_key,
    'care_leaver',
    leaver.return_year,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    leaver.in_touch,
    leaver.activity,
    leaver.accommodation,
    leaver._source_file,
    leaver._source_row
from {{ ref('stg_ssda903__leaver') }} as leaver
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ssda903' and leaver.child_id = identity.source_person_id
