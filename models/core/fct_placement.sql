-- The setting is found by URN; without one by a UKPRN that belongs to one open establishment; else by the category recorded.
with one_open as (
    select ukprn, min(urn) as urn
    from {{ ref('dim_establishment') }}
    where close_date is null and ukprn is not null
    group by ukprn
    having count(*) = 1
),

setting_code as (
    select code from {{ ref('code_sen_setting') }}
)

select
    {{ key('placement', ['placement.placement_id']) }} as placement_key,
    plan.plan_key,
    plan.person_key,
    placement.kind,
    placement.rank,
    placement.urn,
    placement.ukprn,
    placement.sen_setting,
    placement.sen_setting_other,
    placement.entry_date,
    placement.leaving_date,
    placement.sen_unit,
    placement.resourced_provision,
    placement.residential_weeks,
    placement.work_based_activity,
    establishment.establishment_key,
    case
        when establishment.setting_group is not null then establishment.setting_group
        when placement.urn is null and placement.ukprn is not null then 'fe_ukrlp'
        else coalesce(lower(setting_code.code), 'not_recorded')
    end as setting_group,
    establishment.la_code as setting_la_code,
    placement._source_file as source_file,
    placement._source_row as source_row
from {{ ref('stg_ehc__placement') }} as placement
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['placement.plan_id']) }} = plan.plan_key
left join one_open on placement.urn is null and placement.ukprn = one_open.ukprn
left join {{ ref('dim_establishment') }} as establishment
    on coalesce(placement.urn, one_open.urn) = establishment.establishment_key
left join setting_code on placement.sen_setting = setting_code.code
