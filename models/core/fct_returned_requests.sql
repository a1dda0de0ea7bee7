-- One row per request of a person that landed.
{{ returned('requests') }}
