select
    {{ key('quality_audit', ['audit.audit_id']) }} as quality_audit_key,
    plan.plan_key,
    plan.person_key,
    audit.version,
    audit.audited_date,
    audit.is_multi_agency,
    audit.is_moderated,
    audit.overall_grade,
    audit.views_grade,
    audit.outcomes_grade,
    audit.provision_grade,
    audit._source_file as source_file,
    audit._source_row as source_row
from {{ ref('stg_ehc__quality_audit') }} as audit
inner join {{ ref('fct_plan') }} as plan on {{ key('plan', ['audit.plan_id']) }} = plan.plan_key
