-- Home address of a pupil on roll; only the postcode is read.
{{ staged('school_census', 'address_on_roll') }}
