-- One row per referral, month and referral onward (CYP105).
{{ staged('csds', 'onward_referral') }}
