-- One row per request for an EHC needs assessment.
{{ staged('ehc', 'request') }}
