-- One row per move and school consulted. The day by which the plan has to be amended is the team's own where it records one; else, for
-- a phase transfer, the statutory day in the year of the move: a row of code_transfer_phase says which (MM-DD).
with phase_code as (
    select
        code,
        {{ to_integer('substr(parent_code, 1, 2)') }} as due_month,
        {{ to_integer('substr(parent_code, 4, 2)') }} as due_day
    from {{ ref('code_transfer_phase') }}
),

move as (
    select
        consultation.*,
        coalesce(
            consultation.due_date,
            case
                when consultation.kind = 'phase_transfer'
                    then {{ date_of('cast(extract(year from consultation.entry_date) as integer)', 'phase_code.due_month', 'phase_code.due_day') }}
            end
        ) as amended_by_date
    from {{ ref('stg_admission__consultation') }} as consultation
    left join phase_code on consultation.transfer_phase = phase_code.code
)

select
    {{ key('admission', ['move.admission_id', 'move.consulted_urn']) }} as admission_key,
    move.admission_id,
    coalesce(identity.person_key, by_upn.person_key) as person_key,
    move.kind,
    move.transfer_phase,
    move.entry_date,
    move.amended_by_date,
    move.consulted_urn,
    establishment.establishment_key,
    move.is_parents_preference,
    move.consulted_date,
    move.response,
    move.response_date,
    coalesce(move.is_named, false) as is_named,
    move.named_date,
    {{ days_between('move.consulted_date', 'move.response_date') }} as days_to_response,
    move.named_date <= move.amended_by_date as was_named_in_time,
    move._source_file as source_file,
    move._source_row as source_row
from move
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and move.person_id = identity.source_person_id
left join {{ ref('int_person__upn') }} as by_upn on move.upn = by_upn.upn
left join {{ ref('dim_establishment') }} as establishment on move.consulted_urn = establishment.establishment_key
