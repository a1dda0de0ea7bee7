-- One row per patient and month (CYP001).
{{ staged('csds', 'patient_index') }}
