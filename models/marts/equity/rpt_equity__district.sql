-- One line per year and district with the headline measures side by side, for people who pivot.
with headline as (
    select period_id, breakdown_value, subgroup_label, metric_id, measure, value, denominator
    from {{ ref('rpt_equity__metric') }}
    where breakdown in ('district', 'all') and period_type = 'calendar_year'
)

select
    period_id,
    breakdown_value as district_code,
    subgroup_label as district_name,
    {% for metric, measure, name in [
        ('ID02', 'share', 'pupils_with_plan_share'),
        ('ID03', 'crude_rate', 'plans_per_1000'),
        ('ID03', 'standardised_rate', 'plans_per_1000_standardised'),
        ('ID04', 'crude_rate', 'requests_per_10000'),
        ('TM01', 'share', 'decided_in_6_weeks_share'),
        ('TM02', 'share', 'refused_share'),
        ('TM04', 'share', 'issued_in_20_weeks_without_exceptions_share'),
        ('TM05', 'share', 'issued_in_20_weeks_share'),
        ('TM06', 'mean_weeks', 'mean_weeks_to_plan'),
        ('TM06', 'median_weeks', 'median_weeks_to_plan'),
        ('TM06', 'p90_weeks', 'p90_weeks_to_plan'),
        ('TM08', 'share', 'exception_share'),
        ('PL02', 'share', 'state_mainstream_share'),
        ('PL03', 'share', 'out_of_area_share'),
        ('PL05', 'share', 'primary_out_of_area_or_independent_share'),
        ('PL12', 'share', 'in_base_share'),
        ('HC02', 'share', 'speech_therapy_in_18_weeks_share'),
    ] -%}
    max(case when metric_id = '{{ metric }}' and measure = '{{ measure }}' then value end) as {{ name }},
    {% endfor -%}
    max(case when metric_id = 'TM05' and measure = 'share' then denominator end) as plans_issued,
    max(case when metric_id = 'PL02' and measure = 'share_all_ages' then denominator end) as plans_in_force
from headline
group by period_id, breakdown_value, subgroup_label
