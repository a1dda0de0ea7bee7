-- One row per line of provision specified in a plan, with what was delivered.
{{ staged('ehc', 'provision') }}
