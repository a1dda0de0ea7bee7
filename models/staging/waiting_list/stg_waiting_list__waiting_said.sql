-- What each delivery of a list has said, also of a list that came again; stg_waiting_list__waiting has its last word alone.
{{ said_of_periods('waiting_list', 'waiting', ['accepted_date', 'status']) }}
