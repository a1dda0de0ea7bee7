with attendance as (
    select code, parent_code from {{ ref('code_csds_attendance') }}
),

contact as (
    select *
    from {{ first_rows(ref('stg_csds__care_contact'), ['provider', 'care_contact_id'], 'reporting_period desc') }}
)

select
    {{ key('health_contact', ['contact.provider', 'contact.care_contact_id']) }} as health_contact_key,
    referral.service_request_key,
    referral.person_key,
    contact.provider,
    contact.contact_date,
    contact.attendance_status,
    coalesce(attendance.parent_code = 'attended', false) as was_seen,
    contact.duration_minutes,
    contact._source_file as source_file,
    contact._source_row as source_row
from contact
inner join {{ ref('int_health__referral') }} as referral
    on {{ key('service_request', ['contact.provider', 'contact.service_request_id']) }} = referral.service_request_key
left join attendance on contact.attendance_status = attendance.code
