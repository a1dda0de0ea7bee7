-- Spells of free school meal eligibility.
{{ staged('school_census', 'fsm_period') }}
