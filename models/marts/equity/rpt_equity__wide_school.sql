-- Every measure side by side for each school attended, a row per period.
{{ metric_wide('school') }}
