-- One row per pupil, school and term: sessions by what they count as.
{{ staged('attendance', 'termly_summary') }}
