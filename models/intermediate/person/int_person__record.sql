-- Every record that describes a child, from every source, with the number of the source's own child it belongs to.
-- The school census numbers rows, not children: there a valid UPN with the birth date is the child; without one, the row's
-- number with birth date and forename, so that a number used again for somebody else never joins two children.
-- The reason for having no UPN is read from the case system alone: each collection has a code set of its own for it.
with census as (
    select
        pupil.*,
        address.postcode,
        {{ is_valid_upn('pupil.upn') }} as has_valid_upn
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

record as (
    select
        'ehc' as source,
        person_id as source_person_id,
        person_id as record_id,
        birth_date,
        cast(null as date) as death_date,
        surname,
        forename,
        sex,
        ethnicity as ethnicity_code,
        first_language,
        postcode,
        upn,
        former_upn,
        uln,
        upn_unknown_reason,
        nhs_number,
        case_officer,
        _snapshot_date as recorded_on,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('stg_ehc__person') }}
    union all
    select
        'school_census',
        case
            when has_valid_upn then upn || '|' || coalesce(cast(birth_date as {{ dbt.type_string() }}), '')
            else {{ key('row', ['pupil_on_roll_table_id', 'birth_date', 'upper(forename)']) }}
        end,
        {{ key('pupil_term', ['census_year', 'census_term', 'pupil_on_roll_table_id']) }},
        birth_date,
        null,
        surname,
        forename,
        sex,
        ethnicity,
        language,
        postcode,
        upn,
        former_upn,
        uln,
        null,
        null,
        null,
        {{ date_of('census_year', "case census_term when 'spring' then 1 when 'summer' then 5 else 10 end", 1) }},
        _source_file,
        _source_row
    from census
    union all
    select
        'school_census',
        case
            when {{ is_valid_upn('upn') }} then upn || '|' || coalesce(cast(birth_date as {{ dbt.type_string() }}), '')
            else {{ key('row', ['pupil_on_roll_table_id', 'birth_date', 'upper(forename)']) }}
        end,
        {{ key('pupil_left', ['census_year', 'census_term', 'pupil_on_roll_table_id']) }},
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        null,
        upn,
        former_upn,
        uln,
        null,
        null,
        null,
        {{ date_of('census_year', "case census_term when 'spring' then 1 when 'summer' then 5 else 10 end", 1) }},
        _source_file,
        _source_row
    from {{ ref('stg_school_census__pupil_off_roll') }}
    union all
    select
        'ssda903',
        header.child_id,
        header.child_id || '|' || header.return_year,
        header.birth_date,
        null,
        null,
        null,
        care_sex.parent_code,
        header.ethnicity,
        null,
        null,
        case when header.upn not like 'UN%' then upper(header.upn) end,
        null,
        null,
        null,
        null,
        null,
        {{ date_of('header.return_year', 3, 31) }},
        header._source_file,
        header._source_row
    from {{ ref('stg_ssda903__header') }} as header
    left join care_sex on header.sex = care_sex.code
    union all
    select
        'cin',
        child.la_child_id,
        child.la_child_id || '|' || child.collection_year,
        child.birth_date,
        child.death_date,
        null,
        null,
        care_sex.parent_code,
        child.ethnicity,
        null,
        null,
        child.upn,
        child.former_upn,
        null,
        null,
        null,
        null,
        {{ date_of('child.collection_year', 3, 31) }},
        child._source_file,
        child._source_row
    from {{ ref('stg_cin__child') }} as child
    left join care_sex on coalesce(child.sex, child.gender_current) = care_sex.code
    union all
    select
        'csds',
        coalesce(patient.provider, '') || '|' || patient.local_patient_id,
        coalesce(patient.provider, '') || '|' || patient.local_patient_id || '|' || patient.reporting_period,
        patient.birth_date,
        null,
        patient.surname,
        patient.forename,
        nhs_gender.parent_code,
        nhs_ethnicity.parent_code,
        null,
        patient.postcode,
        null,
        null,
        null,
        null,
        patient.nhs_number,
        null,
        patient.month_start,
        patient._source_file,
        patient._source_row
    from (
        select *, {{ to_date("reporting_period || '01'", ['%Y%m%d']) }} as month_start
        from {{ ref('stg_csds__patient_index') }}
    ) as patient
    left join nhs_gender on patient.gender = nhs_gender.code
    left join nhs_ethnicity on patient.ethnic_category = nhs_ethnicity.code
    union all
    select
        'waiting_list',
        patient_id,
        patient_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        postcode,
        null,
        null,
        null,
        null,
        nhs_number,
        null,
        list_date,
        _source_file,
        _source_row
    from {{ first_rows(ref('stg_waiting_list__waiting'), ['patient_id'], 'list_date desc, _source_file, _source_row') }} as latest
    union all
    select
        'health_visiting',
        patient_id,
        patient_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        postcode,
        null,
        null,
        null,
        null,
        nhs_number,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ first_rows(ref('stg_health_visiting__review'), ['patient_id'], 'due_date desc, _source_row') }} as latest
    union all
    select
        'notification',
        notification_id,
        notification_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        postcode,
        null,
        null,
        null,
        null,
        nhs_number,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_notification__notification') }}
    union all
    select
        'equipment',
        episode_id,
        episode_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        postcode,
        null,
        null,
        null,
        null,
        nhs_number,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_equipment__episode') }}
    union all
    select
        'transition',
        client_id,
        client_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        postcode,
        null,
        null,
        null,
        null,
        nhs_number,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ first_rows(ref('stg_transition__assessment'), ['client_id'], 'requested_date desc, _source_row') }} as latest
    union all
    select
        'ctf',
        case
            when {{ is_valid_upn('upn') }} then upn || '|' || coalesce(cast(birth_date as {{ dbt.type_string() }}), '')
            else from_school || '|' || to_school || '|' || serial || '|' || pupil_number
        end,
        from_school || '|' || to_school || '|' || serial || '|' || pupil_number,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        null,
        upn,
        former_upn,
        uln,
        null,
        null,
        null,
        coalesce(sent_date, _snapshot_date),
        _source_file,
        _source_row
    from {{ ref('stg_ctf__pupil') }}
    union all
    select
        'nccis',
        young_person_id,
        month || '|' || young_person_id,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        upn,
        null,
        uln,
        null,
        null,
        null,
        {{ to_date("replace(month, '-', '') || '01'", ['%Y%m%d']) }},
        _source_file,
        _source_row
    from {{ ref('stg_nccis__young_person') }}
    union all
    select
        'ilr',
        ukprn || '|' || learner_reference,
        collection_year || '|' || ukprn || '|' || learner_reference,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        null,
        null,
        nullif(uln, '9999999999'),
        null,
        null,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_ilr__learner') }}
    union all
    select
        'ap_census',
        case
            when {{ is_valid_upn('upn') }} then upn || '|' || cast(birth_date as {{ dbt.type_string() }})
            else collection_year || '|' || placement_id
        end,
        collection_year || '|' || placement_id,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        upn,
        former_upn,
        uln,
        null,
        null,
        null,
        {{ date_of('collection_year', 1, 15) }},
        _source_file,
        _source_row
    from {{ ref('stg_ap_census__pupil') }}
    union all
    select
        'early_years_census',
        collection_year || '|' || setting_urn || '|' || child_reference,
        collection_year || '|' || setting_urn || '|' || child_reference,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        upn,
        null,
        null,
        null,
        null,
        null,
        {{ date_of('collection_year', 1, 15) }},
        _source_file,
        _source_row
    from {{ ref('stg_early_years_census__child') }}
    union all
    select
        'inclusion',
        {{ inclusion_child('exclusion', 'exclusion_id') }},
        'exclusion|' || exclusion_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        null,
        upn,
        null,
        null,
        null,
        null,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_inclusion__exclusion') }}
    union all
    select
        'inclusion',
        {{ inclusion_child('part_time_timetable', 'timetable_id') }},
        'part_time_timetable|' || timetable_id,
        birth_date,
        null,
        surname,
        forename,
        null,
        null,
        null,
        null,
        upn,
        null,
        null,
        null,
        null,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_inclusion__part_time_timetable') }}
    union all
    select
        'inclusion',
        {{ inclusion_child('elective_home_education', 'ehe_id') }},
        'elective_home_education|' || ehe_id,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        upn,
        null,
        null,
        null,
        null,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_inclusion__elective_home_education') }}
    union all
    select
        'inclusion',
        {{ inclusion_child('missing_education', 'cme_id') }},
        'missing_education|' || cme_id,
        birth_date,
        null,
        surname,
        forename,
        sex,
        null,
        null,
        postcode,
        upn,
        null,
        null,
        null,
        null,
        null,
        _snapshot_date,
        _source_file,
        _source_row
    from {{ ref('stg_inclusion__missing_education') }}
)

select * from record
