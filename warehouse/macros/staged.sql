{#-
Staging of one declared extract: only the files that count, every column cast as its source YAML declares, codes mapped to
official ones, one row per declared key. Nothing is lost in silence:
- a value that does not parse, or lies outside its code set or format, is named in `_issues` as column:problem (no value);
- a row without a required key part, or an older statement of the same key, is left out here and counted in rpt_quality__reject.
Of several rows with one key the last row of the last file (by snapshot date, then file name) stays.
-#}
{% macro staged(source_name, entity) -%}
    {%- set delivered = source(source_name, entity) -%}
    {%- set current_file = ref('stg_landing__current_file') -%}
    {%- set code_map = ref('stg_spec__code_map') -%}
    {%- if execute -%}
    {%- set extract = declared_extract(source_name, entity) -%}
    {%- set coded = extract.columns | selectattr('code_set') | list -%}
with delivered as (
    select rows_of_files.*
    from {{ delivered }} as rows_of_files
    inner join {{ current_file }} as files on rows_of_files._receipt_id = files.receipt_id
),

typed as (
    select
    {%- for column in extract.columns if column.many %}
        {% for name in numbered_columns(delivered, column.name) -%}
            {{ cast_column('delivered.' ~ name, column.data_type) }} as {{ name }},
        {% endfor %}
    {%- endfor %}
    {%- for column in extract.columns if not column.many %}
        delivered.{{ column.name }} as delivered_{{ column.name }},
        {{ typed_value(column, extract) }} as {{ column.name }},
        {%- if column.code_set %}
        map_{{ column.name }}.code as official_{{ column.name }},
        {%- endif %}
    {%- endfor %}
        delivered._receipt_id,
        delivered._source_file,
        delivered._source_row,
        delivered._snapshot_date
    from delivered
    {{ code_joins(source_name, coded, code_map) }}
),

versioned as (
    select
        *,
        row_number() over (
            partition by {{ extract.key | join(', ') }}
            order by _snapshot_date desc, _source_file desc, _source_row desc
        ) as _version
    from typed
    {%- if extract.required_key %}
    where {% for name in extract.required_key %}{{ name }} is not null{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
)

select
    {%- for column in extract.columns %}
    {%- if column.many %}
    {{ numbered_columns(delivered, column.name) | join(', ') }},
    {%- else %}
    {{ column.name }},
    {%- endif %}
    {%- endfor %}
    nullif(concat_ws(' ', null
    {%- for column in extract.columns if not column.many %}
        {%- for problem in cell_problems(column, extract.date_formats) %},
        case when {{ problem.when }} then '{{ column.name }}:{{ problem.name }}' end
        {%- endfor %}
    {%- endfor %}), '') as _issues,
    _receipt_id,
    _source_file,
    _source_row,
    _snapshot_date
from versioned
where _version = 1
    {%- endif -%}
{%- endmacro %}

{#- A cell of `delivered` as its column declares it; a coded one wants `code_joins` beside it. -#}
{% macro typed_value(column, extract) -%}
    {%- set text = 'delivered.' ~ column.name -%}
    {%- if column.code_set and column.data_type == 'string' -%}
        coalesce(map_{{ column.name }}.code, {{ text }})
    {%- elif column.data_type == 'date' -%}
        {{ plausible_date(cast_column(text, 'date', extract.date_formats), extract.world) }}
    {%- elif column.between -%}
        {{ plausible_number(cast_column(text, column.data_type), column.between) }}
    {%- else -%}
        {{ cast_column(text, column.data_type, extract.date_formats, column.format) }}
    {%- endif -%}
{%- endmacro %}

{#- What each coded column of `delivered` means, as map_<column>; `code_map` is ref('stg_spec__code_map'), which dbt has to see in the model. -#}
{% macro code_joins(source_name, coded, code_map) -%}
    {%- for column in coded %}
    left join {{ code_map }} as map_{{ column.name }}
        on map_{{ column.name }}.source = '{{ source_name }}'
        and map_{{ column.name }}.code_set = '{{ column.code_set }}'
        and map_{{ column.name }}.delivered = upper(delivered.{{ column.name }})
    {%- endfor %}
{%- endmacro %}

{#- What can be wrong with a cell of a declared column: a list of {name, when}, read against `versioned`. -#}
{% macro cell_problems(column, date_formats) -%}
    {%- set value = column.name -%}
    {%- set text = 'delivered_' ~ column.name -%}
    {%- set lost = text ~ ' is not null and ' ~ value ~ ' is null' -%}
    {%- set problems = [] -%}
    {%- if column.data_type == 'date' -%}
        {%- set parsed = cast_column(text, 'date', date_formats) -%}
        {%- do problems.append({'name': 'unparseable_date', 'when': lost ~ ' and ' ~ parsed ~ ' is null'}) -%}
        {%- do problems.append({'name': 'implausible_date', 'when': lost ~ ' and ' ~ parsed ~ ' is not null'}) -%}
    {%- elif column.data_type == 'boolean' -%}
        {%- do problems.append({'name': 'unparseable_boolean', 'when': lost}) -%}
    {%- elif column.data_type in ('integer', 'decimal') -%}
        {%- set parsed = cast_column(text, column.data_type) -%}
        {%- do problems.append({'name': 'unparseable_number', 'when': lost ~ (' and ' ~ parsed ~ ' is null' if column.between else '')}) -%}
        {%- if column.between -%}
            {%- do problems.append({'name': 'implausible_number', 'when': lost ~ ' and ' ~ parsed ~ ' is not null'}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if column.code_set -%}
        {%- do problems.append({'name': 'unknown_code', 'when': text ~ ' is not null and official_' ~ column.name ~ ' is null'}) -%}
    {%- endif -%}
    {%- if column.format -%}
        {%- do problems.append({'name': 'bad_format', 'when': 'not ' ~ has_format(value, column.format)}) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}

{#- The declaration of an extract, read from its source YAML through dbt's graph; only while dbt executes. -#}
{% macro declared_extract(source_name, entity) -%}
    {%- set node = graph.sources.values()
        | selectattr('source_name', 'equalto', source_name) | selectattr('name', 'equalto', entity) | first -%}
    {%- set columns = [] -%}
    {%- for name, column in node.columns.items() -%}
        {%- set meta = column.config.meta or column.meta or {} -%}
        {%- do columns.append({
            'name': name, 'data_type': column.data_type, 'required': meta.get('required', false), 'many': meta.get('many', false),
            'code_set': meta.get('code_set'), 'format': meta.get('format'), 'between': meta.get('between'), 'pii': meta.get('pii', false),
        }) -%}
    {%- endfor -%}
    {%- set key = node.meta.key -%}
    {%- set required = columns | selectattr('required') | map(attribute='name') | list -%}
    {{ return({
        'columns': columns,
        'key': key,
        'required_key': key | select('in', required) | list,
        'world': node.source_meta.world or node.meta.world,
        'rhythm': node.source_meta.rhythm or node.meta.rhythm,
        'period_is': node.meta.period_is or node.source_meta.period_is,
        'title': node.source_meta.title or node.meta.title,
        'is_optional': node.source_meta.optional or node.meta.optional or false,
        'date_formats': node.meta.date_formats or node.source_meta.date_formats or ['%Y-%m-%d'],
    }) }}
{%- endmacro %}

{#- persons_0, persons_1, … as the files really have them. -#}
{% macro numbered_columns(relation, prefix) -%}
    {%- set found = run_query("describe select * from " ~ relation) -%}
    {%- set names = [] -%}
    {%- for name in found.columns[0].values() if modules.re.match('^' ~ prefix ~ '_[0-9]+$', name) -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- Every staged extract, source by source; dbt has to see each ref while it parses.
    tests/dbt/config/extract_is_staged.sql fails when a declared extract is missing here. -#}
{% macro staged_extracts() -%}
    {%- set extracts = {
        'ehc': [
            'person', 'request', 'advice', 'assessment', 'plan', 'personal_budget', 'need', 'placement', 'review', 'appeal',
            'plan_version', 'provision', 'quality_audit', 'recorded_view', 'review_attendance', 'complaint', 'participation',
        ],
        'resource_base': ['base', 'commissioned_place', 'proposal'],
        'special_place': ['place'],
        'admission': ['consultation'],
        'transport': ['run'],
        'finance': ['commitment', 'top_up', 'high_needs_spend'],
        'term_dates': ['day_range'],
        'boundary': ['area'],
        'local_area': ['locality', 'planning_area'],
        'school_census': [
            'pupil_on_roll', 'sen_need', 'address_on_roll', 'fsm_period', 'pupil_off_roll', 'session_detail', 'exclusion', 'ap_placement',
        ],
        'attainment': ['eyfsp', 'phonics', 'mtc', 'ks2', 'ks4'],
        'ctf': ['pupil', 'sen_history', 'school_history'],
        'nccis': ['young_person'],
        'ilr': ['learner', 'lldd', 'funding_monitoring', 'learning_delivery'],
        'ap_census': ['pupil'],
        'early_years_census': ['child'],
        'attendance': ['session', 'termly_summary'],
        'inclusion': ['exclusion', 'part_time_timetable', 'elective_home_education', 'missing_education'],
        'csds': [
            'patient_index', 'referral', 'service_type', 'care_contact', 'practice', 'other_reason', 'rtt', 'onward_referral',
            'care_activity', 'special_need', 'coded_assessment', 'referral_assessment',
        ],
        'waiting_list': ['waiting'],
        'health_visiting': ['review'],
        'notification': ['notification'],
        'equipment': ['episode'],
        'ssda903': [
            'header', 'episodes', 'review', 'outcome', 'leaver', 'unaccompanied', 'previous_permanence', 'missing',
            'social_worker', 'adoption', 'adoption_placement', 'deprivation_of_liberty',
        ],
        'cin': [
            'child', 'disability', 'cin_details', 'child_protection_plan', 'assessment', 'assessment_factor', 'cin_plan',
            'section_47', 'protection_review', 'pre_proceedings',
        ],
        'care_system': ['person'],
        'short_break': ['short_break'],
        'transition': ['assessment'],
        'gias': ['establishment', 'link'],
        'council': ['sen2_explanation', 'link_override'],
        'geography': [
            'postcode', 'deprivation', 'deprivation_2019', 'population', 'lsoa_ward', 'lsoa_msoa', 'msoa_name', 'lsoa_change',
            'district_county', 'local_authority',
        ],
        'dfe_release': ['figure', 'lait_value', 'attendance_gap', 'statistical_neighbour'],
        'sen2_return': [
            'header', 'person', 'requests', 'assessment', 'named_plan', 'plan_detail', 'active_plans', 'placement_detail', 'sen_need',
        ],
    } -%}
    {%- set pairs = [] -%}
    {%- for source_name, entities in extracts.items() -%}
        {%- for entity in entities -%}{%- do pairs.append((source_name, entity)) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{#- Whether the settings switch a source off: what it delivered earlier does not count either, for no door judges it. -#}
{% macro switched_off(source_name) -%}
    {%- if var('sources_off') -%}{{ source_name }} in ('{{ var('sources_off') | join("', '") }}'){%- else -%}false{%- endif -%}
{%- endmacro %}
