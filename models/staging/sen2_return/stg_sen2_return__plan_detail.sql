-- One row per setting named in a plan.
{{ staged('sen2_return', 'plan_detail') }}
