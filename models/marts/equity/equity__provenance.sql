-- Where the figures of a metric in a period come from: how many events were counted, of how many no child is known, how old the oldest
-- of its extracts is, which of them are not fresh or have rows that lead to nobody, and what part of the period did not land. How much
-- is known of each group is in rpt_equity__reading.
with metric as (
    select distinct
        measured.metric_id,
        measured.period_id,
        -- A gap is made from what the metric is made from whose groups it compares.
        coalesce(gaps.of_metric_id, measured.metric_id) as of_metric_id
    from {{ ref('fct_metric') }} as measured
    left join {{ ref('metric_gap') }} as gaps on gaps.metric_id = measured.metric_id
),

event as (
    select
        events.metric_id,
        events.period_id,
        count(*) as event_count,
        sum(case when person.person_key is null then 1 else 0 end) as unlinked_count
    from {{ ref('equity__metric_event') }} as events
    left join {{ ref('dim_person') }} as person on person.person_key = events.person_key
    group by events.metric_id, events.period_id
),

extract as (
    select
        metric_id,
        count(*) as extract_count,
        min(reported_to) as oldest_extract_date,
        {{ joined_text(
            "case when standing not in ('fresh', 'not_expected') then source || '.' || entity || ' (' || standing || ')' end",
            ', ', 'source, entity'
        ) }} as not_fresh,
        {{ joined_text(
            "case when rows_without_child > 0 then source || '.' || entity || ' (' || rows_without_child || ' of ' || rows_staged || ' rows)' end",
            ', ', 'source, entity'
        ) }} as without_child
    from {{ ref('equity__metric_extract') }}
    group by metric_id
)

select
    metric.metric_id,
    metric.period_id,
    cast(coalesce(sum(event.event_count), 0) as bigint) as event_count,
    -- Null for what is counted by place and not by child.
    1.0 * sum(event.unlinked_count) / sum(event.event_count) as unlinked_share,
    cast(max(extract.extract_count) as integer) as extract_count,
    min(extract.oldest_extract_date) as oldest_extract_date,
    max(extract.not_fresh) as not_fresh,
    max(extract.without_child) as without_child,
    max(missing.missing_part) as missing_part
from metric
left join event on event.metric_id = metric.of_metric_id and event.period_id = metric.period_id
left join extract on extract.metric_id = metric.of_metric_id
left join {{ ref('equity__missing_part') }} as missing
    on missing.metric_id = metric.metric_id and missing.period_id = metric.period_id
group by metric.metric_id, metric.period_id
