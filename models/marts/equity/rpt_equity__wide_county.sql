-- Every measure side by side for the county, a row per period.
{{ metric_wide('county') }}
