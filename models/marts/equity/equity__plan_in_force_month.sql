-- The plan in force of each child on the last day of each month, or today in the month under way.
{{ plans_in_force('month') }}
