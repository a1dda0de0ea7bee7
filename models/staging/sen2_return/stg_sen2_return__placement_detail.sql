-- One row per placement of a plan.
{{ staged('sen2_return', 'placement_detail') }}
