-- One row per enquiry under section 47.
{{ staged('cin', 'section_47') }}
