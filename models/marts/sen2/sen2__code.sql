-- The codes that count in each collection year, set by set; the invented council counts only in a demonstration.
-- tests/contract/test_sen2_rows.py holds the list of sets to element.csv.
{% set code_sets = [
    'assessment_outcome', 'attendance_pattern', 'cease_reason', 'direct_payments', 'ethnicity', 'gender_current',
    'local_authority', 'officer', 'rank', 'request_outcome', 'request_source', 'residential', 'review_outcome',
    'sen_setting_placement', 'sen_setting_plan', 'sen_type', 'sex', 'upn_local_authority', 'upn_unknown',
    'work_based_placement', 'yes_no',
] %}
with code as (
    {% for code_set in code_sets %}
    select '{{ code_set }}' as code_set, code, first_year, last_year, certainty
    from {{ ref('code_' ~ code_set) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select distinct
    collection.collection_year,
    code.code_set,
    code.code
from code
inner join {{ ref('dim_collection') }} as collection
    on collection.collection_year between coalesce(code.first_year, 0) and coalesce(code.last_year, 9999)
{% if not var('demonstration') %}where code.certainty <> 'demonstration'{% endif %}
