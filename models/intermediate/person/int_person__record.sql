-- Every record that describes a child, from every source, with the number of the source's own child it belongs to.
-- The school census numbers rows, not children: there a valid UPN with the birth date is the child; without one, the row's
-- number with birth date and forename, so that a number used again for somebody else never joins two children.
-- The reason for having no UPN is read from the case system alone: each collection has a code set of its own for it.
{%- set census_row = ['census_year', 'census_term', 'pupil_on_roll_table_id'] %}
{%- set census_day = date_of('census_year', "case census_term when 'spring' then 1 when 'summer' then 5 else 10 end", 1) %}
{%- set by_upn = "case when " ~ is_valid_upn('upn') ~ " then upn || '|' || coalesce(cast(birth_date as " ~ dbt.type_string() ~ "), '')" %}
{%- set census_child = by_upn ~ " else " ~ key('row', ['pupil_on_roll_table_id', 'birth_date', 'upper(forename)']) ~ " end" %}
{%- set of_health = 'birth_date surname forename postcode nhs_number' %}
with census as (
    select
        pupil.*,
        address.postcode
    from {{ ref('stg_school_census__pupil_on_roll') }} as pupil
    left join {{ ref('stg_school_census__address_on_roll') }} as address
        on pupil.census_year = address.census_year
        and pupil.census_term = address.census_term
        and pupil.pupil_on_roll_table_id = address.pupil_on_roll_table_id
),

nhs_gender as (
    select code, parent_code from {{ ref('code_nhs_gender') }}
),

nhs_ethnicity as (
    select code, parent_code from {{ ref('code_nhs_ethnic_category') }}
),

care_sex as (
    select code, parent_code from {{ ref('code_ssda903_sex') }}
),

-- The last home that a child was given is true today; one before it was true until its end.
care_child as (
    select
        *,
        case
            when row_number() over (partition by la_child_id order by home_from_date desc nulls last) = 1 then _snapshot_date
            else coalesce(home_to_date, home_from_date)
        end as recorded_on
    from {{ ref('stg_care_system__person') }}
),

record as (
    {{ person_record(
        'ehc', 'person_id',
        sends='birth_date surname forename sex first_language postcode upn former_upn uln upn_unknown_reason nhs_number case_officer',
        reads={'ethnicity_code': 'ethnicity'},
    ) }}
    from {{ ref('stg_ehc__person') }}
    union all
    {{ person_record(
        'school_census', census_child, record=key('pupil_term', census_row), recorded_on=census_day,
        sends='birth_date surname forename sex postcode upn former_upn uln',
        reads={'ethnicity_code': 'ethnicity', 'first_language': 'language'},
    ) }}
    from census
    union all
    {{ person_record(
        'school_census', census_child, record=key('pupil_left', census_row), recorded_on=census_day,
        sends='birth_date surname forename sex upn former_upn uln',
    ) }}
    from {{ ref('stg_school_census__pupil_off_roll') }}
    union all
    {{ person_record(
        'ssda903', 'header.child_id', of='header',
        record="header.child_id || '|' || header.return_year",
        recorded_on=date_of('header.return_year', 3, 31),
        sends='birth_date',
        reads={
            'sex': 'care_sex.parent_code',
            'ethnicity_code': 'header.ethnicity',
            'upn': "case when header.upn not like 'UN%' then upper(header.upn) end",
        },
    ) }}
    from {{ ref('stg_ssda903__header') }} as header
    left join care_sex on header.sex = care_sex.code
    union all
    {{ person_record(
        'cin', 'child.la_child_id', of='child',
        record="child.la_child_id || '|' || child.collection_year",
        recorded_on=date_of('child.collection_year', 3, 31),
        sends='birth_date death_date upn former_upn',
        reads={'sex': 'care_sex.parent_code', 'ethnicity_code': 'child.ethnicity'},
    ) }}
    from {{ ref('stg_cin__child') }} as child
    left join care_sex on coalesce(child.sex, child.gender_current) = care_sex.code
    union all
    {{ person_record(
        'care_system', 'la_child_id',
        record="la_child_id || '|' || coalesce(cast(home_from_date as " ~ dbt.type_string() ~ "), '')",
        recorded_on='recorded_on',
        sends='birth_date surname former_surname forename sex postcode upn nhs_number merged_into_id',
        reads={'ethnicity_code': 'ethnicity'},
    ) }}
    from care_child
    union all
    {{ person_record(
        'csds', "coalesce(patient.provider, '') || '|' || patient.local_patient_id", of='patient',
        record="coalesce(patient.provider, '') || '|' || patient.local_patient_id || '|' || patient.reporting_period",
        recorded_on=to_date("patient.reporting_period || '01'", ['%Y%m%d']),
        sends='birth_date surname forename postcode nhs_number',
        reads={'sex': 'nhs_gender.parent_code', 'ethnicity_code': 'nhs_ethnicity.parent_code'},
    ) }}
    from {{ ref('stg_csds__patient_index') }} as patient
    left join nhs_gender on patient.gender = nhs_gender.code
    left join nhs_ethnicity on patient.ethnic_category = nhs_ethnicity.code
    union all
    {{ person_record('waiting_list', 'patient_id', recorded_on='list_date', sends=of_health) }}
    from {{ first_rows(ref('stg_waiting_list__waiting'), ['patient_id'], 'list_date desc, _source_file, _source_row') }} as latest
    union all
    {{ person_record('health_visiting', 'patient_id', sends=of_health) }}
    from {{ first_rows(ref('stg_health_visiting__review'), ['patient_id'], 'due_date desc, _source_row') }} as latest
    union all
    {{ person_record('notification', 'notification_id', sends=of_health) }}
    from {{ ref('stg_notification__notification') }}
    union all
    {{ person_record('equipment', 'episode_id', sends=of_health) }}
    from {{ ref('stg_equipment__episode') }}
    union all
    {{ person_record('transition', 'client_id', sends=of_health) }}
    from {{ first_rows(ref('stg_transition__assessment'), ['client_id'], 'requested_date desc, _source_row') }} as latest
    union all
    {{ person_record(
        'ctf', by_upn ~ " else from_school || '|' || to_school || '|' || serial || '|' || pupil_number end",
        record="from_school || '|' || to_school || '|' || serial || '|' || pupil_number",
        recorded_on='coalesce(sent_date, _snapshot_date)',
        sends='birth_date surname forename sex upn former_upn uln',
    ) }}
    from {{ ref('stg_ctf__pupil') }}
    union all
    {{ person_record(
        'nccis', 'young_person_id',
        record="month || '|' || young_person_id",
        recorded_on=to_date("replace(month, '-', '') || '01'", ['%Y%m%d']),
        sends='birth_date surname forename sex postcode upn uln',
    ) }}
    from {{ ref('stg_nccis__young_person') }}
    union all
    {{ person_record(
        'ilr', "ukprn || '|' || learner_reference",
        record="collection_year || '|' || ukprn || '|' || learner_reference",
        sends='birth_date surname forename sex postcode',
        reads={'uln': "nullif(uln, '9999999999')"},
    ) }}
    from {{ ref('stg_ilr__learner') }}
    union all
    {{ person_record(
        'ap_census', by_upn ~ " else collection_year || '|' || placement_id end",
        record="collection_year || '|' || placement_id",
        recorded_on=date_of('collection_year', 1, 15),
        sends='birth_date surname forename sex postcode upn former_upn uln',
    ) }}
    from {{ ref('stg_ap_census__pupil') }}
    union all
    {{ person_record(
        'early_years_census', "collection_year || '|' || setting_urn || '|' || child_reference",
        recorded_on=date_of('collection_year', 1, 15),
        sends='birth_date surname forename sex postcode upn',
    ) }}
    from {{ ref('stg_early_years_census__child') }}
    {%- for register, number, more in [
        ('exclusion', 'exclusion_id', ''),
        ('part_time_timetable', 'timetable_id', ''),
        ('elective_home_education', 'ehe_id', ' sex postcode'),
        ('missing_education', 'cme_id', ' sex postcode'),
    ] %}
    union all
    {{ person_record(
        'inclusion', inclusion_child(register, number),
        record="'" ~ register ~ "|' || " ~ number,
        sends='birth_date surname forename upn' ~ more,
    ) }}
    from {{ ref('stg_inclusion__' ~ register) }}
    {%- endfor %}
)

select * from record
