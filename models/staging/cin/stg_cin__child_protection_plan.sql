-- One row per child protection plan.
{{ staged('cin', 'child_protection_plan') }}
