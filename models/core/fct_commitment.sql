-- High needs money of a financial year: kind says what a row is. placement: committed for one child at one provider. top_up: paid for one
-- child to a school. high_needs_spend: a line of the block, about no one child, and the whole that the others are part of: never add kinds.
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
{% set no_number = 'cast(null as double)' %}
with money as (
    select
        {{ key('placement_commitment', ['commitment_id', 'financial_year']) }} as commitment_key,
        'placement' as kind,
        financial_year,
        person_id,
        upn,
        urn,
        vendor,
        cost_centre,
        {{ no_text }} as funding_band,
        {{ no_text }} as budget_line,
        from_date,
        to_date,
        weeks,
        {{ no_number }} as amount_planned,
        amount,
        amount_education,
        amount_health,
        amount_care,
        _source_file,
        _source_row
    from {{ ref('stg_finance__commitment') }}
    union all
    select
        {{ key('top_up', ['top_up_id', 'financial_year']) }},
        'top_up',
        financial_year,
        person_id,
        upn,
        urn,
        null,
        null,
        funding_band,
        null,
        from_date,
        to_date,
        null,
        null,
        amount,
        amount,
        null,
        null,
        _source_file,
        _source_row
    from {{ ref('stg_finance__top_up') }}
    union all
    select
        {{ key('high_needs_spend', ['financial_year', 'budget_line']) }},
        'high_needs_spend',
        financial_year,
        null,
        null,
        null,
        null,
        null,
        null,
        budget_line,
        null,
        null,
        null,
        amount_planned,
        amount,
        null,
        null,
        null,
        _source_file,
        _source_row
    from {{ ref('stg_finance__high_needs_spend') }}
)

select
    money.commitment_key,
    money.kind,
    money.financial_year,
    coalesce(identity.person_key, by_upn.person_key) as person_key,
    money.urn,
    establishment.establishment_key,
    money.vendor,
    money.cost_centre,
    money.funding_band,
    money.budget_line,
    money.from_date,
    money.to_date,
    money.weeks,
    money.amount_planned,
    money.amount,
    money.amount_education,
    money.amount_health,
    money.amount_care,
    money._source_file as source_file,
    money._source_row as source_row
from money
left join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ehc' and money.person_id = identity.source_person_id
left join {{ ref('int_person__upn') }} as by_upn on money.upn = by_upn.upn
left join {{ ref('dim_establishment') }} as establishment on money.urn = establishment.establishment_key
