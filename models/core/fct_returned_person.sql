-- One row per person of a return that landed.
{{ returned('person') }}
