-- One row per referral and month (CYP101).
{{ staged('csds', 'referral') }}
