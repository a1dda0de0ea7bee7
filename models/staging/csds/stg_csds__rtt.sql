-- One row per referral, month and period from referral to treatment (CYP104).
{{ staged('csds', 'rtt') }}
