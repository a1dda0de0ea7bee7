-- One row per plan and what became of it: transfer, reviews, phase transfer that landed.
{{ returned('active_plans') }}
