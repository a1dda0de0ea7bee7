-- One row per version of a plan and day on which it was recorded.
{{ staged('ehc', 'plan_version') }}
