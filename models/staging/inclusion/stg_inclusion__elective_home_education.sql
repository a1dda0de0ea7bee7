-- Children whose parents educate them at home, one row per spell.
{{ staged('inclusion', 'elective_home_education') }}
