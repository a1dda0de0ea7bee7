-- One row per scored assessment of a referral (CYP609).
{{ staged('csds', 'referral_assessment') }}
