-- What is the council's and no child's: officers in post, work with families, and the lines of the high needs block. For the county
-- alone. Joins equity__metric_count beside the sums of person events.
with period as (
    select period_id, period_type, start_date, end_date, stock_date, academic_year
    from {{ ref('dim_period') }}
),

-- HC14: three officers, as the last return of the census day says it that was sent; where none has landed, as the one that is made
-- here says it, from the settings.
header as (
    select
        sent.collection_year,
        sent.dmo,
        sent.dco,
        sent.dsco
    from {{ first_rows(ref('fct_returned_header'), ['collection_year'], 'source_file desc, source_row desc') }} as sent
    union all
    select
        collection_year,
        '{{ var("officer_dmo") }}' as dmo,
        '{{ var("officer_dco") }}' as dco,
        '{{ var("officer_dsco") }}' as dsco
    from {{ ref('dim_collection') }}
    where
        record_origin = 'made'
        and collection_year not in (select sent.collection_year from {{ ref('fct_returned_header') }} as sent)
),

hc14 as (
    {% for variant, column in [('medical', 'dmo'), ('clinical', 'dco'), ('social_care', 'dsco')] -%}
    select
        'HC14' as metric_id,
        '{{ variant }}' as variant,
        period.period_id,
        {{ counted("upper(header." ~ column ~ ") in ('Y', 'YES', 'TRUE', '1')") }} as numerator,
        1.0 as denominator,
        0.0 as excluded
    from period
    inner join header on header.collection_year = extract(year from period.stock_date)
    where period.period_type = 'calendar_year'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- EX09: occasions on which families helped to shape services.
ex09 as (
    select
        'EX09' as metric_id,
        'base' as variant,
        period.period_id,
        {{ counted('occasion.led_to_change') }} as numerator,
        {{ counted('occasion.led_to_change is not null') }} as denominator,
        {{ counted('occasion.led_to_change is null') }} as excluded
    from period
    inner join {{ ref('fct_participation') }} as occasion
        on occasion.kind = 'log' and occasion.happened_date between period.start_date and period.end_date
    where period.period_type in ('calendar_year', 'quarter')
),

spent as (
    select period.period_id, money.budget_line, money.amount, money.amount_planned
    from period
    inner join {{ ref('fct_commitment') }} as money
        on money.kind = 'high_needs_spend' and money.financial_year = period.academic_year
    where period.period_type = 'financial_year'
),

resident as (
    select sum(persons) as persons from {{ ref('fct_population') }} where age between 2 and 18
),

-- FN02: pounds of each group of lines over residents aged 2 to 18, who are counted once a year.
fn02 as (
    {% for variant, lines in [
        ('all_lines', none),
        ('mainstream', ['top_up_mainstream', 'place_base']),
        ('special', ['place_special', 'top_up_special']),
        ('independent', ['independent']),
        ('alternative', ['alternative']),
        ('post16', ['post16']),
    ] -%}
    select
        'FN02' as metric_id,
        '{{ variant }}' as variant,
        spent.period_id,
        sum(spent.amount) as numerator,
        max(resident.persons) as denominator,
        0.0 as excluded
    from spent
    cross join resident
    {% if lines is not none %}where spent.budget_line in ('{{ lines | join("', '") }}'){% endif %}
    group by spent.period_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- FN05: pounds spent over pounds planned, of lines that have both.
fn05 as (
    {% for variant, line in [
        ('all_lines_planned', none), ('place_special', 'place_special'), ('place_base', 'place_base'), ('top_up_mainstream', 'top_up_mainstream'),
        ('top_up_special', 'top_up_special'), ('independent', 'independent'), ('post16', 'post16'), ('alternative', 'alternative'),
    ] -%}
    select
        'FN05' as metric_id,
        '{{ variant }}' as variant,
        period_id,
        case when amount_planned > 0 and amount is not null then amount else 0 end as numerator,
        case when amount_planned > 0 and amount is not null then amount_planned else 0 end as denominator,
        1.0 - {{ counted('amount_planned > 0 and amount is not null') }} as excluded
    from spent
    {% if line is not none %}where budget_line = '{{ line }}'{% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

unit as (
    {% for metric in ['hc14', 'ex09', 'fn02', 'fn05'] -%}
    select
        metric_id,
        variant,
        period_id,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        cast(excluded as double) as excluded
    from {{ metric }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

-- No interval but for a share: nothing here is a sample, and lines of a budget do not vary as children do.
select
    metric_id,
    variant,
    period_id,
    'county' as area_level,
    '{{ var("la_code") }}' as area_code,
    'all' as subgroup_set,
    'all' as subgroup_value,
    {{ exact_sum('numerator') }} as numerator,
    {{ exact_sum('denominator') }} as denominator,
    sum(excluded) as excluded,
    cast(0 as bigint) as event_count,
    cast(null as double) as value_sum,
    cast(null as double) as value_squares,
    cast(0 as bigint) as value_count,
    cast(null as double) as numerator_squares,
    cast(null as double) as denominator_squares,
    cast(null as double) as cross_products
from unit
group by metric_id, variant, period_id
