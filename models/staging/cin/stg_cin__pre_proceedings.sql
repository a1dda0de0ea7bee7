-- One row per pre-proceedings period, returned from 2026 on.
{{ staged('cin', 'pre_proceedings') }}
