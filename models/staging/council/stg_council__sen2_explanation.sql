-- Explanations of SEN2 findings, as the latest file has them.
{{ staged('council', 'sen2_explanation') }}
