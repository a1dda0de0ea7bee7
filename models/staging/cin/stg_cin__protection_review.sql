-- One row per review of a child protection plan.
{{ staged('cin', 'protection_review') }}
