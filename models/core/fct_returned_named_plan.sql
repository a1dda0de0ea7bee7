-- One row per plan, of an assessment that landed.
{{ returned('named_plan') }}
