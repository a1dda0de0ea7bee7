-- One row per young person and month: what they do, and when that was last verified.
{{ staged('nccis', 'young_person') }}
