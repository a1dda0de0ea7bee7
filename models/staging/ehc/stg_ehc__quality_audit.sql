-- One row per audit of a plan.
{{ staged('ehc', 'quality_audit') }}
