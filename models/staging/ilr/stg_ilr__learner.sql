-- One row per learner of a provider.
{{ staged('ilr', 'learner') }}
