-- One row per need of a plan.
{{ staged('sen2_return', 'sen_need') }}
