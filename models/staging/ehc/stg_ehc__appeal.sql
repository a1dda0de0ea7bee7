-- One row per mediation or appeal.
{{ staged('ehc', 'appeal') }}
