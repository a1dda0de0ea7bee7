-- One row per setting named in a plan or attended.
{{ staged('ehc', 'placement') }}
