-- One row per pupil who left a school since the census before.
{{ staged('school_census', 'pupil_off_roll') }}
