-- Part-time timetables that the council was told of, one row per spell.
{{ staged('inclusion', 'part_time_timetable') }}
