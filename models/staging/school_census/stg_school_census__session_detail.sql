-- Sessions missed in the term before the census, one row per pupil and reason; of pupils who left too.
{{ staged('school_census', 'session_detail') }}
