-- One row per base, academic year, term and need.
{{ staged('resource_base', 'commissioned_place') }}
