-- What the case system has said of each plan, and from which delivery to which.
{{ known_versions('ehc', 'plan', ['person_id', 'start_date', 'cease_date', 'cease_reason']) }}
