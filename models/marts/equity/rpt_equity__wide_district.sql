-- Every measure side by side for each district, a row per period.
{{ metric_wide('district') }}
