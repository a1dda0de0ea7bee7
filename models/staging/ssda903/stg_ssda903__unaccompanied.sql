-- One row per unaccompanied asylum-seeking child.
{{ staged('ssda903', 'unaccompanied') }}
