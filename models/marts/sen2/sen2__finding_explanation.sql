-- Which explanations fit which findings, and which of them answers. An error is a fault, and cannot be explained away, but for the
-- few that returns are known to have been accepted with (rule.may_be_explained); an explanation past its last day or with a date that
-- cannot be read answers nothing. Of several the narrowest answers, then the latest.
with fitting as (
    select
        hit.finding_key,
        hit.collection_year,
        explanation.explanation_key,
        explanation.explained_on,
        rule.may_be_explained as is_explainable,
        rule.may_be_explained and explanation.is_readable
        and coalesce(explanation.explained_until >= {{ date_var('as_at') }}, true) as is_in_force,
        case when explanation.record_id is not null then 16 else 0 end
        + case when explanation.request_record_id is not null then 8 else 0 end
        + case when coalesce(explanation.person_record_id, explanation.ehc_person_id) is not null then 4 else 0 end
        + case when explanation.pattern is not null then 2 else 0 end
        + case when explanation.collection_year is not null then 1 else 0 end as narrowness
    from {{ ref('sen2__rule_hit') }} as hit
    inner join {{ ref('fct_explanation') }} as explanation on hit.rule_id = explanation.rule_id
    inner join {{ ref('rule') }} as rule
        on hit.flag = rule.flag
        and hit.collection_year between coalesce(rule.first_year, 0) and coalesce(rule.last_year, 9999)
    left join {{ ref('sen2__finding_value') }} as finding_value on hit.finding_key = finding_value.finding_key
    where
        coalesce(explanation.collection_year = hit.collection_year, explanation.collection_year is null)
        and (
            explanation.ehc_person_id is null
            or explanation.ehc_person_id = hit.ehc_person_id
            or explanation.ehc_person_key = hit.person_key
        )
        and (
            explanation.person_record_id is null
            or explanation.person_record_id = hit.person_record_id
            or explanation.record_person_key = hit.person_key
        )
        and (explanation.request_record_id is null or explanation.request_record_id = hit.request_record_id)
        and (explanation.record_id is null or explanation.record_id = hit.record_id)
        and (
            explanation.pattern is null
            or {{ fits_pattern('finding_value.values_at_fault', 'explanation.pattern') }}
        )
)

select
    finding_key,
    explanation_key,
    collection_year,
    is_explainable,
    is_in_force and row_number() over (
        partition by finding_key, is_in_force
        order by narrowness desc, explained_on desc, explanation_key
    ) = 1 as is_answer
from fitting
