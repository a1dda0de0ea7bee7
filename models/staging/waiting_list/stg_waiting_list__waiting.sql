-- One row per child, referral and clinic on a service's list of one week.
{{ staged('waiting_list', 'waiting') }}
