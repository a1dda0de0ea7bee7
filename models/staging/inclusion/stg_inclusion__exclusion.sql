-- Suspensions and permanent exclusions that the council was told of, one row each.
{{ staged('inclusion', 'exclusion') }}
