-- One row per child, service and time; direct payments stand among them.
{{ staged('short_break', 'short_break') }}
