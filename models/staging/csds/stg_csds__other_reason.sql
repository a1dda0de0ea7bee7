-- One row per referral, month and further reason for it (CYP103).
{{ staged('csds', 'other_reason') }}
