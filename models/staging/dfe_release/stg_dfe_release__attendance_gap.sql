-- One row per council, measure, period, phase and SEN group.
{{ staged('dfe_release', 'attendance_gap') }}
