-- Every measure side by side for each ward of the home, a row per period.
{{ metric_wide('ward') }}
