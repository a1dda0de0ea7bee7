-- The plan in force of each child on the stock date of each calendar year.
{{ plans_in_force('calendar_year') }}
