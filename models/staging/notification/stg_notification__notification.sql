-- One row per notification received.
{{ staged('notification', 'notification') }}
