-- Sessions of the term before the census, one row per pupil and code; of pupils who left too.
{{ staged('school_census', 'session_detail') }}
