-- One row per activity at a contact (CYP202).
{{ staged('csds', 'care_activity') }}
