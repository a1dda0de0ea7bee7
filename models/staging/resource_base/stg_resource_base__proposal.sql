-- One row per base that might be opened.
{{ staged('resource_base', 'proposal') }}
