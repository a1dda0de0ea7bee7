-- DfE three-digit council code to GSS code.
{{ staged('geography', 'local_authority') }}
