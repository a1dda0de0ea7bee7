-- One row per review and role.
{{ staged('ehc', 'review_attendance') }}
