-- One row per need of a plan and spell.
{{ staged('ehc', 'need') }}
