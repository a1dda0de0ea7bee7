-- What became of every explanation in every collection year that it is for. One that names no year is shown in the years where it
-- fits a finding; where it fits none at all, in every year.
with fitted as (
    select
        explanation_key,
        collection_year,
        count(*) as finding_count,
        sum(case when is_explainable then 1 else 0 end) as explainable_count,
        sum(case when is_answer then 1 else 0 end) as explained_count
    from {{ ref('sen2__finding_explanation') }}
    group by explanation_key, collection_year
),

fits_somewhere as (
    select distinct explanation_key from fitted
),

considered as (
    select
        explanation.explanation_key,
        coalesce(collection.collection_year, explanation.collection_year) as collection_year
    from {{ ref('fct_explanation') }} as explanation
    -- A year that is not built is kept too: its explanations fit nothing, and nobody should have to ask where they went.
    left join {{ ref('dim_collection') }} as collection
        on coalesce(explanation.collection_year = collection.collection_year, explanation.collection_year is null)
    left join fitted
        on explanation.explanation_key = fitted.explanation_key and collection.collection_year = fitted.collection_year
    left join fits_somewhere on explanation.explanation_key = fits_somewhere.explanation_key
    where
        explanation.collection_year is not null
        or fitted.explanation_key is not null
        or fits_somewhere.explanation_key is null
),

known_rule as (
    select rule_id, max(case when may_be_explained then 1 else 0 end) = 0 as is_never_explained
    from {{ ref('rule') }}
    group by rule_id
)

select
    considered.explanation_key,
    considered.collection_year,
    case
        when not explanation.is_readable then 'unreadable'
        when known_rule.rule_id is null then 'unknown_rule'
        when known_rule.is_never_explained or (fitted.finding_count > 0 and fitted.explainable_count = 0) then 'not_a_query'
        when explanation.explained_until < {{ date_var('as_at') }} then 'expired'
        when fitted.explainable_count > 0 then 'used'
        else 'matches_nothing'
    end as state,
    coalesce(fitted.finding_count, 0) as finding_count,
    cast(coalesce(fitted.explained_count, 0) as bigint) as explained_count,
    explanation.delivered_rule_id,
    explanation.rule_id,
    explanation.collection_year is null as is_for_every_year,
    explanation.ehc_person_id,
    explanation.person_record_id,
    explanation.request_record_id,
    explanation.record_id,
    explanation.pattern,
    explanation.reason,
    explanation.explained_by,
    explanation.explained_on,
    explanation.explained_until,
    explanation.source_file,
    explanation.source_row
from considered
inner join {{ ref('fct_explanation') }} as explanation on considered.explanation_key = explanation.explanation_key
left join fitted
    on considered.explanation_key = fitted.explanation_key and considered.collection_year = fitted.collection_year
left join known_rule on explanation.rule_id = known_rule.rule_id
