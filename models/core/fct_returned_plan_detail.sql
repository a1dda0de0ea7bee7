-- One row per setting named in a plan that landed.
{{ returned('plan_detail') }}
