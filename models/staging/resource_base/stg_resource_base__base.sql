-- One row per SEN unit or resourced provision.
{{ staged('resource_base', 'base') }}
