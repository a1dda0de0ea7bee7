-- One row per piece of advice asked for in an assessment.
{{ staged('ehc', 'advice') }}
