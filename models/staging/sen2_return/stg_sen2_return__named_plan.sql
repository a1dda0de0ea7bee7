-- One row per plan, of an assessment.
{{ staged('sen2_return', 'named_plan') }}
