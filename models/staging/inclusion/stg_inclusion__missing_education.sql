-- Children missing education, one row per spell.
{{ staged('inclusion', 'missing_education') }}
