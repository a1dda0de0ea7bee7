-- Suspensions and permanent exclusions as schools return them, one row each; of pupils who left too.
{{ staged('school_census', 'exclusion') }}
