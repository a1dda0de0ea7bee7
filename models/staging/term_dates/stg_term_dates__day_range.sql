-- One row per term, holiday or training day.
{{ staged('term_dates', 'day_range') }}
