-- What young people do after 16: a row per month of the client caseload, and one per learner, provider and year of the learner
-- record. An activity that was last verified too long ago has lapsed: what the young person does is then not known.
with month_said as (
    select
        said.*,
        identity.person_key,
        last_day({{ to_date("replace(said.month, '-', '') || '01'", ['%Y%m%d']) }}) as reported_to,
        activity.parent_code as activity_group,
        {{ months_after('said.verified_date', 'currency.months') }} as lapses_date
    from {{ ref('stg_nccis__young_person') }} as said
    inner join {{ ref('bridge_person_identity') }} as identity
        on identity.source = 'nccis' and said.young_person_id = identity.source_person_id
    left join {{ ref('code_nccis_activity') }} as activity on said.activity_code = activity.code
    left join {{ ref('nccis_currency') }} as currency on activity.parent_code = currency.activity_group
),

aim as (
    select
        collection_year,
        ukprn,
        learner_reference,
        min(start_date) as start_date,
        max(planned_end_date) as planned_end_date,
        case when count(end_date) = count(*) then max(end_date) end as end_date
    from {{ ref('stg_ilr__learning_delivery') }}
    group by collection_year, ukprn, learner_reference
),

flag as (
    select
        collection_year,
        ukprn,
        learner_reference,
        bool_or(fam_type = 'EHC' and fam_code = '1') as has_plan_flag,
        bool_or(fam_type = 'HNS' and fam_code = '1') as has_high_needs_funding
    from {{ ref('stg_ilr__funding_monitoring') }}
    group by collection_year, ukprn, learner_reference
),

lldd as (
    select collection_year, ukprn, learner_reference, min(lldd_category) as primary_lldd
    from {{ ref('stg_ilr__lldd') }}
    where is_primary
    group by collection_year, ukprn, learner_reference
)

select
    {{ key('nccis', ['month', 'young_person_id']) }} as post16_activity_key,
    person_key,
    'nccis' as stated_by,
    reported_to as reported_to_date,
    activity_code,
    coalesce(activity_group, 'not_known') as activity_group,
    activity_start_date as start_date,
    cast(null as date) as planned_end_date,
    cast(null as date) as end_date,
    verified_date,
    lapses_date,
    coalesce(activity_group, 'not_known') <> 'not_known' and coalesce(lapses_date < reported_to, true) as is_lapsed,
    neet_start_date,
    has_send_flag,
    is_supported_internship,
    cast(null as {{ dbt.type_string() }}) as ukprn,
    cast(null as integer) as planned_hours,
    cast(null as boolean) as has_plan_flag,
    cast(null as boolean) as has_high_needs_funding,
    cast(null as {{ dbt.type_string() }}) as primary_lldd,
    _source_file as source_file,
    _source_row as source_row
from month_said
union all
select
    {{ key('ilr', ['learner.collection_year', 'learner.ukprn', 'learner.learner_reference']) }},
    identity.person_key,
    'ilr',
    {{ date_of("2001 + " ~ to_integer("substr(learner.collection_year, 1, 2)"), 7, 31) }},
    null,
    'education',
    aim.start_date,
    aim.planned_end_date,
    aim.end_date,
    null,
    null,
    false,
    null,
    learner.lldd_health_problem = '1',
    null,
    learner.ukprn,
    learner.planned_learning_hours,
    coalesce(flag.has_plan_flag, false),
    coalesce(flag.has_high_needs_funding, false),
    lldd.primary_lldd,
    learner._source_file,
    learner._source_row
from {{ ref('stg_ilr__learner') }} as learner
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'ilr' and learner.ukprn || '|' || learner.learner_reference = identity.source_person_id
{% for part in ['aim', 'flag', 'lldd'] -%}
left join {{ part }}
    on learner.collection_year = {{ part }}.collection_year
    and learner.ukprn = {{ part }}.ukprn
    and learner.learner_reference = {{ part }}.learner_reference
{% endfor %}
