-- Every measure side by side for each locality of the council's own list, a row per period.
{{ metric_wide('locality') }}
