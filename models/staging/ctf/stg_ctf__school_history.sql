-- Schools a pupil was at.
{{ staged('ctf', 'school_history') }}
