-- One row per assessment and factor identified.
{{ staged('cin', 'assessment_factor') }}
