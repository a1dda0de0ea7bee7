-- One row per placement that the council pays for, of a pupil on no school's roll as main, on the day of the census.
{{ staged('ap_census', 'pupil') }}
