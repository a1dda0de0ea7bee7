-- One row per assessment, of a request that landed.
{{ returned('assessment') }}
