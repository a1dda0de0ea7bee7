-- One row per council and vintage with its statistical neighbours, neighbour_1 the nearest.
{{ staged('dfe_release', 'statistical_neighbour') }}
