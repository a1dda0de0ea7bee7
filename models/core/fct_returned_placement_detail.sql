-- One row per placement of a plan that landed.
{{ returned('placement_detail') }}
