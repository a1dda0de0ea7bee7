-- Residents by small area (2011 or 2021 code as delivered) and single year of age; 90 means 90 and over.
{{ unpivot_numbered(ref('stg_geography__population'), 'lsoa_code', 'persons', 'age') }}
