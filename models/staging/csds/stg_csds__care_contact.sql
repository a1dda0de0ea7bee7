-- One row per contact (CYP201).
{{ staged('csds', 'care_contact') }}
