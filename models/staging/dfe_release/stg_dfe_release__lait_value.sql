-- One row per measure, year and area of the Local Authority Interactive Tool.
{{ staged('dfe_release', 'lait_value') }}
