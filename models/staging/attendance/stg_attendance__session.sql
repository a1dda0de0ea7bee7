-- One row per pupil, day and session, as registers hold it.
{{ staged('attendance', 'session') }}
