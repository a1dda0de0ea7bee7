-- One row per plan with a personal budget question answered.
{{ staged('ehc', 'personal_budget') }}
