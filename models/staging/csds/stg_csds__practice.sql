-- One row per patient, month and practice the patient was registered with (CYP002).
{{ staged('csds', 'practice') }}
