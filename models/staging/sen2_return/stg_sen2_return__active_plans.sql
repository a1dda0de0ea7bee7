-- One row per plan and what became of it: transfer, reviews, phase transfer.
{{ staged('sen2_return', 'active_plans') }}
