-- What the case system has said of each placement, and from which delivery to which.
{{ known_versions('ehc', 'placement', [
    'plan_id', 'kind', 'rank', 'urn', 'ukprn', 'sen_setting', 'entry_date', 'leaving_date', 'sen_unit', 'resourced_provision',
]) }}
