-- Localities of the council by small area.
{{ staged('local_area', 'locality') }}
