-- One row per patient, month and special educational need that health has on record (CYP401).
{{ staged('csds', 'special_need') }}
