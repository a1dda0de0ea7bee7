-- Records that read well and still cannot be right, or need a look: one row per record and issue. No values.
-- Most issues are about one row of one fact: those are listed here, issue, extract, fact and condition.
{% set of_one_row = [
    ('version_ends_before_it_begins', 'ehc', 'plan_version', ref('fct_plan_version'), 'valid_to < valid_from'),
    ('final_before_notice', 'ehc', 'plan_version', ref('fct_plan_version'), 'issued_date < amendment_notice_date'),
    ('complaint_closed_before_received', 'ehc', 'complaint', ref('fct_complaint'), 'closed_date < received_date'),
    ('base_of_unknown_school', 'resource_base', 'base', ref('dim_resource_base'), 'establishment_key is null'),
    ('proposal_not_on_the_map', 'resource_base', 'proposal', ref('dim_resource_base_proposal'), 'easting is null or northing is null'),
    ('more_filled_than_commissioned', 'resource_base', 'commissioned_place', ref('fct_commissioned_place'),
        "kind = 'base' and places_filled > places_commissioned"),
    ('more_filled_than_commissioned', 'special_place', 'place', ref('fct_commissioned_place'),
        "kind = 'special_school' and places_filled > places_commissioned"),
    ('answered_before_asked', 'admission', 'consultation', ref('fct_admission'), 'response_date < consulted_date'),
    ('child_not_known', 'admission', 'consultation', ref('fct_admission'), 'person_key is null'),
    ('run_ends_before_it_begins', 'transport', 'run', ref('fct_transport'), 'to_date < from_date'),
    ('child_not_known', 'transport', 'run', ref('fct_transport'), 'person_key is null'),
    ('split_differs', 'finance', 'commitment', ref('fct_commitment'),
        "kind = 'placement' and abs(coalesce(amount_education, 0) + coalesce(amount_health, 0) + coalesce(amount_care, 0) - amount) >= 1"),
    ('child_not_known', 'finance', 'commitment', ref('fct_commitment'), "kind = 'placement' and person_key is null"),
    ('child_not_known', 'finance', 'top_up', ref('fct_commitment'), "kind = 'top_up' and person_key is null"),
    ('activity_lapsed', 'nccis', 'young_person', ref('fct_post16_activity'), "stated_by = 'nccis' and is_lapsed"),
] %}
with person_record as (
    select source, source_person_id, postcode, birth_date, source_file, source_row
    from {{ ref('int_person__record') }}
    where source in ('ehc', 'csds')
),

-- A postcode that was closed before the record was made; a directory writes year and month.
postcode_issue as (
    select
        'area' as family,
        case
            when postcode.postcode is null then 'unknown_postcode'
            when postcode.terminated is not null then 'terminated_postcode'
            else 'out_of_county'
        end as issue,
        record.source,
        case record.source when 'ehc' then 'person' else 'patient_index' end as entity,
        record.source_file,
        record.source_row
    from person_record as record
    left join {{ ref('int_place__postcode') }} as postcode on record.postcode = postcode.postcode
    left join {{ ref('int_place__district') }} as district on postcode.district_code = district.district_code
    where record.postcode is not null
        and (postcode.postcode is null or postcode.terminated is not null or not coalesce(district.in_county, false))
),

-- Joined by number and name, or through others, although the birth dates differ.
birth_dates as (
    select cluster.person_key, min(records.birth_date) as case_birth_date
    from {{ ref('int_person__record') }} as records
    inner join {{ ref('int_person__cluster') }} as cluster
        on records.source = cluster.source and records.source_person_id = cluster.source_person_id
    where records.source = cluster.canonical_source and records.source_person_id = cluster.canonical_person_id
    group by cluster.person_key
),

differing as (
    select 'link' as family, 'birth_date_differs' as issue, record.source, 'patient_index' as entity, record.source_file, record.source_row
    from person_record as record
    inner join {{ ref('int_person__cluster') }} as cluster
        on record.source = cluster.source and record.source_person_id = cluster.source_person_id
    inner join birth_dates on cluster.person_key = birth_dates.person_key
    where record.source = 'csds' and record.birth_date <> birth_dates.case_birth_date
),

former as (
    select 'link' as family, 'former_upn' as issue, record.source, 'person' as entity, record.source_file, record.source_row
    from person_record as record
    inner join {{ ref('bridge_person_identity') }} as identity
        on record.source = identity.source and record.source_person_id = identity.source_person_id
    where record.source = 'ehc' and identity.evidence = 'former_upn_birth_date'
),

-- A school passes on an old number of the child, under which nobody else has one: what was kept under it is not found.
unknown_former as (
    select
        'link' as family,
        'former_upn_of_nobody' as issue,
        'ctf' as source,
        'pupil' as entity,
        transferred._source_file as source_file,
        transferred._source_row as source_row
    from {{ ref('stg_ctf__pupil') }} as transferred
    left join (select distinct upn from {{ ref('int_person__record') }}) as known on transferred.former_upn = known.upn
    where transferred.former_upn is not null and known.upn is null
),

-- A goal that says A was not assessed, and so is neither reached nor missed.
not_assessed as (
    select 'quality' as family, 'goal_not_assessed' as issue, 'attainment' as source, 'eyfsp' as entity, _source_file as source_file, _source_row as source_row
    from {{ ref('stg_attainment__eyfsp') }}
    where 'A' in ({{ attainment_measures().eyfsp | join(', ') }})
),

review as (
    select
        'quality' as family,
        kind_of.issue,
        'ehc' as source,
        'review' as entity,
        review.source_file,
        review.source_row
    from {{ ref('fct_review') }} as review
    inner join {{ ref('fct_plan') }} as plan on review.plan_key = plan.plan_key
    cross join (select 'review_before_plan' as issue union all select 'meeting_on_sunday') as kind_of
    where (kind_of.issue = 'review_before_plan' and review.meeting_date < plan.start_date)
        or (kind_of.issue = 'meeting_on_sunday' and extract(isodow from review.meeting_date) = 7)
),

-- A plan, mediation or appeal that names a request which did not arrive; it is kept, without the request.
unknown_request as (
    select 'quality' as family, 'unknown_request' as issue, 'ehc' as source, named.entity, named.source_file, named.source_row
    from (
        select 'plan' as entity, request_id, _source_file as source_file, _source_row as source_row
        from {{ ref('stg_ehc__plan') }}
        union all
        select 'appeal' as entity, request_id, _source_file as source_file, _source_row as source_row
        from {{ ref('stg_ehc__appeal') }}
    ) as named
    left join {{ ref('fct_request') }} as request on {{ key('request', ['named.request_id']) }} = request.request_key
    where named.request_id is not null and request.request_key is null
),

-- A wait that is on no later list, and nobody knows what became of it.
vanished as (
    select 'quality' as family, 'waiting_lost' as issue, 'waiting_list' as source, 'waiting' as entity, source_file, source_row
    from {{ ref('fct_waiting') }}
    where has_vanished
),

-- The council and the census know of one suspension, and not of the same length.
exclusion as (
    select 'quality' as family, 'exclusion_differs' as issue, 'inclusion' as source, 'exclusion' as entity, source_file, source_row
    from {{ ref('fct_exclusion') }}
    where has_other_sessions
),

-- Taught at home, or nowhere, says the register; a school has the child on its roll in the last census.
on_a_roll as (
    select 'quality' as family, 'spell_of_pupil_on_roll' as issue, 'inclusion' as source, spell.kind as entity, spell.source_file, spell.source_row
    from {{ ref('fct_inclusion_spell') }} as spell
    inner join (
        select person_key, max(census_year * 10 + case census_term when 'spring' then 1 when 'summer' then 2 else 3 end) as last_census
        from {{ ref('fct_pupil_term') }}
        group by person_key
    ) as pupil
        on spell.person_key = pupil.person_key
    cross join (
        select max(census_year * 10 + case census_term when 'spring' then 1 when 'summer' then 2 else 3 end) as last_census
        from {{ ref('fct_pupil_term') }}
    ) as latest
    where spell.kind <> 'part_time_timetable' and spell.end_date is null and pupil.last_census = latest.last_census
),

-- The council's own lists name a small area or a school that the registers do not know: nobody's home or school is in it.
of_own_lists as (
    select
        'quality' as family,
        'area_not_known' as issue,
        'local_area' as source,
        'locality' as entity,
        listed._source_file as source_file,
        listed._source_row as source_row
    from {{ ref('stg_local_area__locality') }} as listed
    left join {{ ref('dim_area') }} as area on area.area_level = 'lsoa' and area.area_code = listed.lsoa21_code
    where area.area_code is null
    union all
    select
        'quality' as family,
        'school_not_known' as issue,
        'local_area' as source,
        'planning_area' as entity,
        listed._source_file as source_file,
        listed._source_row as source_row
    from {{ ref('stg_local_area__planning_area') }} as listed
    left join {{ ref('dim_establishment') }} as establishment on establishment.establishment_key = listed.urn
    where establishment.establishment_key is null
),

-- A school that flags every one of its pupils: the flag is meant for those who use the unit or provision.
flagged_school as (
    select
        'quality' as family,
        'flag_whole_school' as issue,
        'school_census' as source,
        'pupil_on_roll' as entity,
        source_file,
        min(source_row) as source_row
    from {{ ref('fct_pupil_term') }}
    left join {{ ref('dim_establishment') }} as establishment using (establishment_key)
    group by census_year, census_term, school_number, source_file, establishment.setting_group
    having {{ flags_its_whole_roll('establishment.setting_group') }}
)

{% for part in ['postcode_issue', 'differing', 'former', 'unknown_former', 'not_assessed', 'review', 'unknown_request', 'vanished', 'exclusion', 'on_a_roll', 'of_own_lists', 'flagged_school'] %}
select family, issue, source, entity, source_file, source_row
from {{ part }}
union all
{% endfor %}
{% for issue, source_name, entity, fact, condition in of_one_row %}
select
    'quality' as family,
    '{{ issue }}' as issue,
    '{{ source_name }}' as source,
    '{{ entity }}' as entity,
    source_file,
    source_row
from {{ fact }}
where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
