-- Every measure side by side for each planning area of the school attended, a row per period.
{{ metric_wide('planning_area') }}
