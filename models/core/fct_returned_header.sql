-- One row per return that landed.
{{ returned('header') }}
