-- One row per child in need plan.
{{ staged('cin', 'cin_plan') }}
