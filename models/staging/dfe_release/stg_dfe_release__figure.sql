-- One row per area, period and breakdown of each file of DfE's release, as wide as all of its files together.
{{ staged('dfe_release', 'figure') }}
