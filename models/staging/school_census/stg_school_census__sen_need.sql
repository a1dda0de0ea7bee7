-- One row per need of a pupil; spring carries the whole detail.
{{ staged('school_census', 'sen_need') }}
