select
    {{ key('term_date', ['academic_year', 'day_kind', 'from_date']) }} as term_date_key,
    academic_year,
    day_kind,
    label,
    from_date,
    to_date,
    day_kind = 'term' as is_term,
    1 + {{ days_between('from_date', 'to_date') }} as days_long,
    _source_file as source_file,
    _source_row as source_row
from {{ ref('stg_term_dates__day_range') }}
