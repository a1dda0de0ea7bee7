-- One row per young person and transition assessment.
{{ staged('transition', 'assessment') }}
