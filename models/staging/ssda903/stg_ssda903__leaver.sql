-- One row per care leaver of 17 to 21: in touch, activity, accommodation (OC3).
{{ staged('ssda903', 'leaver') }}
