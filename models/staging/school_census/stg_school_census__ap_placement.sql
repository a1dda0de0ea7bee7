-- Alternative provision that a school arranged, one row per placement; of pupils who left too.
{{ staged('school_census', 'ap_placement') }}
