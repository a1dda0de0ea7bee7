-- One row per need of a plan that landed.
{{ returned('sen_need') }}
