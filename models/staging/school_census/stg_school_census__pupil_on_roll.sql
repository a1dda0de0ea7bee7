-- One row per pupil on roll at a school on a census day.
{{ staged('school_census', 'pupil_on_roll') }}
