-- Funding and monitoring codes of a learner: EHC a plan, HNS high needs funding, LDA, SEN.
{{ staged('ilr', 'funding_monitoring') }}
