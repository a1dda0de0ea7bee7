-- One row per EHC plan, first issue to cease.
{{ staged('ehc', 'plan') }}
