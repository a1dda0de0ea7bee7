-- One row per child of social care and home.
{{ staged('care_system', 'person') }}
