-- One row per referral and team it was sent to (CYP102).
{{ staged('csds', 'service_type') }}
