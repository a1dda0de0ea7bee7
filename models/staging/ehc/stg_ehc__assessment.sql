-- One row per EHC needs assessment.
{{ staged('ehc', 'assessment') }}
